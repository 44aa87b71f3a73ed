import type { JWK } from 'jose'

import type { ContractRequest } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { createHmac, createPublicKey } from 'node:crypto'

import { granted, group, invalidToken, MARK, token } from './contract-request.ts'
import { encode, segments } from './encoding.ts'

const rejected = invalidToken('ALGORITHM_REJECTED')

/** Tokens that would like to choose how they are verified (RFC 8725 sections 2.1, 3.1 and 3.2). */
export async function algorithmRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [...(await unsigned(world)), ...(await unknownNames(world)), ...macs(world), ...(await everyAlgorithm(world))]
}

async function unsigned({ withHeader, withPayload, claims }: ContractWorld): Promise<readonly ContractRequest[]> {
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', '']
  const signed = await Promise.all(spellings.map((alg) => withHeader({ alg })))
  const administrator = await withPayload(JSON.stringify({ ...claims, sub: 'admin', scope: 'orders:read admin' }))
  return group('alg none', [
    ...spellings.map((alg, at) => token(`"${alg}", signed`, signed[at] ?? '', rejected)),
    ...spellings.map((alg, at) => token(`"${alg}", not signed`, withSignature(signed[at] ?? '', ''), rejected)),
    token('with other claims', `${encode('{"alg":"none"}')}.${segments(administrator).payload}.`, rejected),
    token('with a signature of its own', withSignature(signed[0] ?? '', encode(MARK)), rejected),
    token('RS256, not signed', withSignature(administrator, ''), invalidToken('SIGNATURE_INVALID')),
  ])
}

async function unknownNames({ withHeader }: ContractWorld): Promise<readonly ContractRequest[]> {
  const names: readonly unknown[] = [
    undefined,
    null,
    256,
    true,
    ['RS256'],
    { name: 'RS256' },
    'rs256',
    'RS256 ',
    'RS256\u0000',
    'RS1',
    'ES256K',
    'Ed448',
    'HS256',
    'RSA-OAEP',
    'dir',
    'PBES2-HS256+A128KW',
    '__proto__',
    'constructor',
    'toString',
    'length',
    `${MARK}\r\nSet-Cookie: ${MARK}`,
  ]
  return group(
    'algorithms that nobody allowed',
    await Promise.all(
      names.map(async (alg) =>
        token(
          alg === undefined ? 'missing' : JSON.stringify(alg),
          await withHeader({ alg, p2c: 2_147_483_647 }),
          rejected,
        ),
      ),
    ),
  )
}

/** Each is what a careless verifier might feed to HMAC when it looks up the RSA key. */
function macs({ keys, header, claims }: ContractWorld): readonly ContractRequest[] {
  const { publicKey } = keys.main
  const key = createPublicKey({ key: publicKey, format: 'jwk' })
  const spki = key.export({ type: 'spki', format: 'pem' }).toString()
  const secrets: Readonly<Record<string, string | Uint8Array>> = {
    PEM: spki,
    'PEM without its last line break': spki.trim(),
    'PEM with CR LF': spki.replaceAll('\n', '\r\n'),
    'PKCS #1 PEM': key.export({ type: 'pkcs1', format: 'pem' }),
    DER: key.export({ type: 'spki', format: 'der' }),
    'PKCS #1 DER': key.export({ type: 'pkcs1', format: 'der' }),
    'JWK as published': JSON.stringify(publicKey),
    'JWK, only what makes the key': JSON.stringify(membersOf(publicKey)),
    n: String(publicKey.n),
    'n, decoded': Buffer.from(String(publicKey.n), 'base64url'),
    kid: keys.main.kid,
    nothing: '',
    'the published symmetric key': new Uint8Array(32).fill(3),
  }
  const mac = (alg: string, kid: string, secret: string | Uint8Array): string => {
    const input = `${encode(header({ alg, kid }))}.${encode(JSON.stringify(claims))}`
    return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest('base64url')}`
  }
  return group('HMAC with the public key', [
    ...Object.entries(secrets).map(([name, secret]) =>
      token(`HS256: ${name}`, mac('HS256', keys.main.kid, secret), rejected),
    ),
    token('HS384: PEM', mac('HS384', keys.main.kid, spki), rejected),
    token('HS512: PEM', mac('HS512', keys.main.kid, spki), rejected),
    token('HS256, named: symmetric', mac('HS256', 'symmetric', new Uint8Array(32).fill(3)), rejected),
  ])
}

function membersOf({ kty, n, e }: JWK): object {
  return { e, kty, n }
}

async function everyAlgorithm({ issuer, keys }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { main, ed25519, es256, es384, ps256, twins, plain } = keys
  const by = (key: typeof main, header = {}): Promise<string> => issuer.mint({}, { key, header })
  return group('every usable key of the set', [
    token('RS256', await by(main), granted),
    token('Ed25519', await by(ed25519), granted),
    token('EdDSA, the older name', await by(ed25519, { alg: 'EdDSA' }), granted),
    token('ES256', await by(es256), granted),
    token('ES384', await by(es384), granted),
    token('PS256', await by(ps256), granted),
    token('the RSA key of two with one kid', await by(twins[0]), granted),
    token('the EC key of two with one kid', await by(twins[1]), granted),
    token('a key without alg and use', await by(plain), granted),
    token('no kid, the only key for ES384', await by(es384, { kid: undefined }), granted),
    token('no kid, the first key for RS256', await by(main, { kid: undefined }), granted),
  ])
}

function withSignature(raw: string, signature: string): string {
  const { head, payload } = segments(raw)
  return `${head}.${payload}.${signature}`
}
