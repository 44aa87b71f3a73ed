import type { CryptoKey, JWK } from 'jose'
import { decodeBase64url } from '../../internal/encoding.ts'
import { isObject } from '../../internal/guards.ts'
import type { Algorithm } from '../algorithms.ts'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const CURVES: Readonly<Record<string, { readonly algorithm: Algorithm; readonly octets: number }>> = {
  'P-256': { algorithm: 'ES256', octets: 32 },
  'P-384': { algorithm: 'ES384', octets: 48 },
  'P-521': { algorithm: 'ES512', octets: 66 },
}
/** Why a key that holds more than a public key is refused. */
export const SECRET_MATERIAL = 'it holds private or symmetric key material'
const RSA_BITS = { least: 2048, most: 8192 }

/** The members that make the key (RFC 7638 section 3.2), and nothing that could steer the import. */
export type KeyMembers =
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }

/** A public key as it is kept and handed on: its members, its name, and the algorithm it is limited to. */
export type PublicJwk = KeyMembers & { readonly kid?: string; readonly alg?: string }

export interface PublicKeyFacts {
  readonly kid: string | undefined
  readonly members: KeyMembers
  readonly jwk: PublicJwk
  /** What the key may verify: its type and curve, narrowed by its own `alg`. */
  readonly algorithms: readonly Algorithm[]
}

/** Judges one member of a JWK Set; a string says why the key cannot verify signatures, and is skipped alone (RFC 7517 section 5). */
export function readPublicKey(jwk: unknown): PublicKeyFacts | string {
  if (!isObject(jwk)) return 'it is not an object'
  const { kid, use, key_ops: operations, alg } = jwk
  if (kid !== undefined && typeof kid !== 'string') return 'its kid is not a string'
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return SECRET_MATERIAL
  if (use !== undefined && use !== 'sig') return 'its use is not sig'
  if (operations !== undefined && !allowsVerifying(operations))
    return 'its key_ops do not allow verify, or are malformed'
  const material = readMembers(jwk)
  if (typeof material === 'string') return material
  const algorithms =
    alg === undefined ? material.algorithms : material.algorithms.filter((name) => sameAlgorithm(name, alg))
  if (algorithms.length === 0) return 'its alg does not fit its type'
  const { members } = material
  const kept: PublicJwk = { ...members, ...(kid !== undefined && { kid }), ...(typeof alg === 'string' && { alg }) }
  return { kid, members, jwk: kept, algorithms }
}

/** RFC 7517 section 4.3: an array of unique strings. */
function allowsVerifying(operations: unknown): boolean {
  return Array.isArray(operations) && new Set(operations).size === operations.length && operations.includes('verify')
}

/** RFC 9864 renamed the EdDSA of Ed25519 keys; a key labelled with one name serves both. */
function sameAlgorithm(name: Algorithm, label: unknown): boolean {
  return name === label || (name === 'Ed25519' && label === 'EdDSA') || (name === 'EdDSA' && label === 'Ed25519')
}

type Material = Pick<PublicKeyFacts, 'members' | 'algorithms'>

function readMembers(jwk: Readonly<Record<string, unknown>>): Material | string {
  switch (jwk['kty']) {
    case 'RSA':
      return readRsa(jwk)
    case 'EC':
      return readEllipticCurve(jwk)
    case 'OKP':
      return readEdwards(jwk)
    default:
      return 'its kty is missing or unknown'
  }
}

/** RFC 7518 sections 3.3 and 6.3.1. An exponent of one would make every signature valid. */
function readRsa({ n, e }: Readonly<Record<string, unknown>>): Material | string {
  const modulus = decodeMember(n)
  const exponent = decodeMember(e)
  if (typeof n !== 'string' || typeof e !== 'string' || modulus === undefined || exponent === undefined)
    return 'its n or e is not base64url'
  const bits = bitLength(modulus)
  if (bits < RSA_BITS.least || bits > RSA_BITS.most)
    return `it has ${bits} bits, outside ${RSA_BITS.least} to ${RSA_BITS.most}`
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1
  if (!isOdd || bitLength(exponent) < 2) return 'its exponent is not an odd number above 1'
  return { members: { kty: 'RSA', n, e }, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] }
}

/** RFC 7518 sections 3.4 and 6.2.1: one algorithm per curve, coordinates of full length. */
function readEllipticCurve({ crv, x, y }: Readonly<Record<string, unknown>>): Material | string {
  const curve = typeof crv === 'string' && Object.hasOwn(CURVES, crv) ? CURVES[crv] : undefined
  if (typeof crv !== 'string' || curve === undefined) return 'its curve is not P-256, P-384 or P-521'
  const isWhole = (part: unknown): part is string => decodeMember(part)?.length === curve.octets
  if (!isWhole(x) || !isWhole(y)) return 'its x or y has not the length of the curve'
  return { members: { kty: 'EC', crv, x, y }, algorithms: [curve.algorithm] }
}

/** RFC 8037 section 2; X25519 and X448 keys agree on keys and never sign (section 3.2). */
function readEdwards({ crv, x }: Readonly<Record<string, unknown>>): Material | string {
  if (crv !== 'Ed25519') return 'its curve is not Ed25519'
  if (typeof x !== 'string' || decodeMember(x)?.length !== 32) return 'its x has not the length of the curve'
  return { members: { kty: 'OKP', crv, x }, algorithms: ['Ed25519', 'EdDSA'] }
}

function decodeMember(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && value !== '' ? decodeBase64url(value) : undefined
}

function bitLength(octets: Uint8Array): number {
  const first = octets.findIndex((octet) => octet !== 0)
  if (first === -1) return 0
  return (octets.length - first - 1) * 8 + (32 - Math.clz32(octets[first] ?? 0))
}

/** Import is jose's; it also finds points that are not on their curve (RFC 8725 section 3.4), by rejecting. */
export async function importPublicKey(members: KeyMembers, algorithm: Algorithm): Promise<CryptoKey> {
  const { importJWK } = await import('jose/key/import') // with the first key, since a cold start should not wait for it
  const key = await importJWK({ ...members } satisfies JWK, algorithm)
  if (key instanceof Uint8Array) throw new TypeError('a public key was expected')
  return key
}
