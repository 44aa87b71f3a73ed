import type { ContractRequest } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { constants, createPrivateKey, sign } from 'node:crypto'

import { group, invalidToken, token } from './contract-request.ts'
import { encode, segments } from './encoding.ts'

const signatureInvalid = invalidToken('SIGNATURE_INVALID')
const keyUnknown = invalidToken('KEY_UNKNOWN')

/** Signatures that are nearly good (RFC 7515 section 5.2, RFC 7518 sections 3.3 to 3.5). */
export async function signatureRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [
    ...(await changed(world)),
    ...(await ellipticCurve(world)),
    ...(await rsa(world)),
    ...(await foreignKeys(world)),
  ]
}

async function changed({ issuer, claims, withPayload, header }: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint()
  const { head, payload, signature } = segments(good)
  const other = segments(await withPayload(JSON.stringify({ ...claims, sub: 'admin' })))
  const octets = Buffer.from(signature, 'base64url')
  const withSignature = (replaced: Uint8Array): string => `${head}.${payload}.${encode(replaced)}`
  return group('changed after it was signed', [
    token('other claims', `${head}.${other.payload}.${signature}`, signatureInvalid),
    token('the signature of another token', `${head}.${payload}.${other.signature}`, signatureInvalid),
    token('another header of the same meaning', `${encode(`${header()} `)}.${payload}.${signature}`, signatureInvalid),
    token('a signature without its last octet', withSignature(octets.subarray(0, -1)), signatureInvalid),
    token('a signature without its first octet', withSignature(octets.subarray(1)), signatureInvalid),
    token('a signature with an octet more', withSignature(Buffer.concat([octets, Buffer.of(0)])), signatureInvalid),
    token('a signature with an octet in front', withSignature(Buffer.concat([Buffer.of(0), octets])), signatureInvalid),
    token('a signature twice', withSignature(Buffer.concat([octets, octets])), signatureInvalid),
    token('a signature of zeros', withSignature(Buffer.alloc(256)), signatureInvalid),
    token('no signature', `${head}.${payload}.`, signatureInvalid),
    token('one bit of the signature', withSignature(flipped(octets, 100)), signatureInvalid),
  ])
}

function flipped(octets: Uint8Array, at: number): Uint8Array {
  return octets.map((octet, index) => (index === at ? octet ^ 1 : octet))
}

async function ellipticCurve({ issuer, keys, header, claims }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { es256, es384, ed25519 } = keys
  const signingInput = (alg: string, kid: string): string =>
    `${encode(header({ alg, kid }))}.${encode(JSON.stringify(claims))}`
  const input = signingInput('ES256', es256.kid)
  const der = sign('sha256', Buffer.from(input), createPrivateKey({ key: es256.privateKey, format: 'jwk' }))
  const raw = Buffer.from(segments(await issuer.mint({}, { key: es256 })).signature, 'base64url')
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
  const p256 = (signature: Uint8Array): string => `${input}.${encode(signature)}`
  return group('ECDSA and EdDSA signatures', [
    token('in DER', p256(der), signatureInvalid),
    token('r and s zero', p256(Buffer.alloc(64)), signatureInvalid),
    token('r and s the order of the curve', p256(Buffer.concat([order, order])), signatureInvalid),
    token('r zero and s one', p256(Buffer.concat([Buffer.alloc(63), Buffer.of(1)])), signatureInvalid),
    token('for another token', p256(raw), signatureInvalid),
    token('an octet short', p256(raw.subarray(1)), signatureInvalid),
    token('an octet long', p256(Buffer.concat([raw, Buffer.of(0)])), signatureInvalid),
    token('of the length of P-384', p256(Buffer.alloc(96, 1)), signatureInvalid),
    token('empty', p256(Buffer.alloc(0)), signatureInvalid),
    token('Ed25519, all zero', `${signingInput('Ed25519', ed25519.kid)}.${encode(Buffer.alloc(64))}`, signatureInvalid),
    token('ES384, all zero', `${signingInput('ES384', es384.kid)}.${encode(Buffer.alloc(96))}`, signatureInvalid),
  ])
}

async function rsa({ withHeader, keys }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { main, ps256 } = keys
  const mainKey = createPrivateKey({ key: main.privateKey, format: 'jwk' })
  const pssKey = createPrivateKey({ key: ps256.privateKey, format: 'jwk' })
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING }
  const signedWith = (key: typeof main, make: (data: Uint8Array) => Uint8Array): typeof main => ({
    ...key,
    sign: async (data) => make(data),
  })
  const rs512 = signedWith(main, (data) => sign('sha512', data, mainKey))
  const rs1 = signedWith(main, (data) => sign('sha1', data, mainKey))
  const pssWithMain = signedWith(main, (data) => sign('sha256', data, { key: mainKey, ...pss, saltLength: 32 }))
  const salted = (saltLength: number): typeof main =>
    signedWith(ps256, (data) => sign('sha256', data, { key: pssKey, ...pss, saltLength }))
  const pkcs1WithPss = signedWith(ps256, (data) => sign('sha256', data, pssKey))
  const ps = { alg: 'PS256', kid: ps256.kid }
  return group('RSA signatures', [
    token('RS256 with a digest of SHA-512 inside', await withHeader({}, rs512), signatureInvalid),
    token('RS256 with a digest of SHA-1 inside', await withHeader({}, rs1), signatureInvalid),
    token('RS256 that is PSS', await withHeader({}, pssWithMain), signatureInvalid),
    token('PS256 that is PKCS #1', await withHeader(ps, pkcs1WithPss), signatureInvalid),
    token('PS256 with a salt of 20 octets', await withHeader(ps, salted(20)), signatureInvalid),
    token('PS256 without salt', await withHeader(ps, salted(0)), signatureInvalid),
    token('PS256 with a salt of 64 octets', await withHeader(ps, salted(64)), signatureInvalid),
    token('good RS512 by a key for RS256', await withHeader({ alg: 'RS512' }, rs512), keyUnknown),
    token('good PS256 by a key for RS256', await withHeader({ alg: 'PS256' }, pssWithMain), keyUnknown),
  ])
}

async function foreignKeys({ withHeader, keys, attacker }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { main, es256, es384, ed25519, twins } = keys
  return group('a key that does not fit', [
    token('the kid of another key', await withHeader({ kid: keys.plain.kid }), signatureInvalid),
    token('an attacker under a kid of the issuer', await withHeader({}, attacker), signatureInvalid),
    token('an attacker without kid', await withHeader({ kid: undefined }, attacker), keyUnknown),
    token('ES256 with a kid of P-384', await withHeader({ alg: 'ES256', kid: es384.kid }, es256), keyUnknown),
    token('ES384 with a kid of P-256', await withHeader({ alg: 'ES384', kid: es256.kid }, es384), keyUnknown),
    token('EdDSA with a kid of P-256', await withHeader({ alg: 'EdDSA', kid: es256.kid }, ed25519), keyUnknown),
    token('ES256 with a kid of Ed25519', await withHeader({ alg: 'ES256', kid: ed25519.kid }, es256), keyUnknown),
    token('RS256 with a kid of Ed25519', await withHeader({ kid: ed25519.kid }), keyUnknown),
    token('ES256 with a kid of RSA', await withHeader({ alg: 'ES256' }, es256), keyUnknown),
    token('another RSA key under the shared kid', await withHeader({ kid: twins[0].kid }, main), signatureInvalid),
  ])
}
