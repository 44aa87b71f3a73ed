import type { JWK, JWTPayload } from 'jose'
import { testIssuer } from '../../test-issuer.ts'
import type { TestIssuer } from '../../test-issuer.ts'
import { base64url, decodeJwt } from 'jose'

type Key = TestIssuer['key']

/** The keys of an issuer whose JWK Set has about everything that a JWK Set can have. */
export interface ContractKeys {
  /** RS256, the first of the set and the one that signs unless a request says otherwise. */
  readonly main: Key
  readonly ed25519: Key
  readonly es256: Key
  readonly es384: Key
  readonly ps256: Key
  /** Two keys of different types under one key id. */
  readonly twins: readonly [rsa: Key, ec: Key]
  /** Published without `alg`, `use` and `key_ops`. */
  readonly plain: Key
  /** Its kid lies outside of the basic multilingual plane. */
  readonly clef: Key
  /** Published, and of no use for signatures, each for another reason. */
  readonly unusable: Readonly<Record<string, Key>>
}

/** What requests are made of. */
export interface ContractWorld {
  readonly issuer: TestIssuer
  readonly keys: ContractKeys
  /** Published by nobody. */
  readonly attacker: Key
  /** The claims of a good token, for tokens that differ from it in one place. */
  readonly claims: JWTPayload
  /** A URL that must never be asked for anything. */
  readonly trap: string
  /** The header of a good token with these members over it; `undefined` leaves one out. */
  readonly header: (members?: Readonly<Record<string, unknown>>) => string
  /** A good token but for this header, given as JSON text or as members. */
  readonly withHeader: (header: string | Uint8Array | Readonly<Record<string, unknown>>, key?: Key) => Promise<string>
  /** A good token but for this payload, octet for octet. */
  readonly withPayload: (payload: string | Uint8Array) => Promise<string>
  /** A good token but for this claim, whose value is given as JSON text; `undefined` leaves it out. */
  readonly withClaim: (name: string, json: string | undefined) => Promise<string>
}

export async function contractWorld(issuer: TestIssuer, trap: string): Promise<ContractWorld> {
  const keys = await publishKeys(issuer)
  const impostor = await testIssuer({ issuer: issuer.issuer, keySeries: 'attacker' })
  const claims = decodeJwt(await issuer.mint())
  const payload = JSON.stringify(claims)
  const header = (members: Readonly<Record<string, unknown>> = {}): string =>
    JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: keys.main.kid, ...members })
  return {
    issuer,
    keys,
    attacker: impostor.key,
    claims,
    trap,
    header,
    withHeader: (given, key = keys.main) =>
      issuer.signRaw(typeof given === 'string' || given instanceof Uint8Array ? given : header(given), payload, {
        key,
      }),
    withPayload: (given) => issuer.signRaw(header(), given),
    withClaim: (name, json) => {
      const others = JSON.stringify({ ...claims, [name]: undefined })
      return issuer.signRaw(header(), json === undefined ? others : `${others.slice(0, -1)},"${name}":${json}}`)
    },
  }
}

async function publishKeys(issuer: TestIssuer): Promise<ContractKeys> {
  for (const broken of brokenKeys()) issuer.publish(broken)
  const unusable = {
    'RSA with 1024 bits': await issuer.addKey('RS256', { modulusLength: 1024 }),
    'for encryption, by use': await issuer.addKey('RS256', { members: { use: 'enc', alg: 'RSA-OAEP' } }),
    'for encryption, by key_ops': await issuer.addKey('ES256', { members: { use: undefined, key_ops: ['encrypt'] } }),
    'whose alg does not fit its type': await issuer.addKey('ES256', { members: { alg: 'RS256' } }),
    'whose use is a list': await issuer.addKey('ES256', { members: { use: ['sig'] } }),
    'with a coordinate of 31 octets': await issuer.addKey('ES256', {
      members: { x: base64url.encode(new Uint8Array(31).fill(7)) },
    }),
    'with its private part published': await publishPrivately(issuer),
  }
  return {
    main: issuer.key,
    ed25519: await issuer.addKey('Ed25519'),
    es256: await issuer.addKey('ES256'),
    es384: await issuer.addKey('ES384'),
    ps256: await issuer.addKey('PS256'),
    twins: [await issuer.addKey('RS256', { kid: 'twin' }), await issuer.addKey('ES256', { kid: 'twin' })],
    plain: await issuer.addKey('RS256', { members: { alg: undefined, use: undefined } }),
    clef: await issuer.addKey('ES256', { kid: '\u{1d11e}' }),
    unusable,
  }
}

async function publishPrivately(issuer: TestIssuer): Promise<Key> {
  const key = await issuer.addKey('ES256')
  issuer.withdraw(key.kid)
  issuer.publish(key.privateKey)
  return key
}

/** Members of a JWK Set that are no keys, or none that anybody knows (RFC 7517 section 5: ignore them one by one). */
function brokenKeys(): unknown[] {
  const offCurve: JWK = {
    kty: 'EC',
    crv: 'P-256',
    kid: 'off-curve',
    alg: 'ES256',
    x: base64url.encode(new Uint8Array(32).fill(1)),
    y: base64url.encode(new Uint8Array(32).fill(1)),
  }
  return [
    null,
    'text',
    17,
    [],
    {},
    { kty: 'RSA', kid: 'without-members' },
    { kty: 'AKP', kid: 'post-quantum', alg: 'ML-DSA-44', pub: 'AA' },
    { kty: 'OKP', crv: 'X25519', kid: 'agreement', x: base64url.encode(new Uint8Array(32).fill(9)) },
    { kty: 'oct', kid: 'symmetric', alg: 'HS256', k: base64url.encode(new Uint8Array(32).fill(3)) },
    offCurve,
    JSON.parse('{"__proto__":{"kty":"RSA"},"kid":"__proto__"}'),
  ]
}
