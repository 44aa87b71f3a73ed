import type { JsonWebKey, SignKeyObjectInput } from 'node:crypto'
import { constants, createHmac, createPrivateKey, sign } from 'node:crypto'

// Signs with node:crypto alone, so that a mistake in the library under test cannot cancel itself out here.

type Members = Readonly<Record<string, unknown>>

/** What turns a JWS signing input (RFC 7515 section 2) into a signature. */
export type Signer = (signingInput: string) => Uint8Array

const RECIPES = {
  RS256: { hash: 'sha256' },
  PS256: { hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  PS384: { hash: 'sha384', padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 },
  ES256: { hash: 'sha256', dsaEncoding: 'ieee-p1363' },
  ES512: { hash: 'sha512', dsaEncoding: 'ieee-p1363' },
  EdDSA: { hash: undefined },
  Ed25519: { hash: undefined },
} as const satisfies Record<string, Omit<SignKeyObjectInput, 'key'> & { hash: string | undefined }>

export type SigningAlgorithm = keyof typeof RECIPES

export function signer(algorithm: SigningAlgorithm, privateKey: JsonWebKey): Signer {
  const { hash, ...options } = RECIPES[algorithm]
  const key = createPrivateKey({ key: privateKey, format: 'jwk' })
  return (signingInput) => sign(hash, Buffer.from(signingInput), { key, ...options })
}

export function hmacSha256(secret: string | Uint8Array): Signer {
  return (signingInput) => createHmac('sha256', secret).update(signingInput).digest()
}

/** A compact JWS (RFC 7515 section 7.1). Text and octets are taken as they are, objects as JSON. */
export function compactJws(header: string | Members, payload: string | Uint8Array | Members, signWith: Signer): string {
  const signingInput = `${encode(header)}.${encode(payload)}`
  return `${signingInput}.${Buffer.from(signWith(signingInput)).toString('base64url')}`
}

function encode(part: string | Uint8Array | Members): string {
  const octets = typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part)
  return Buffer.from(octets).toString('base64url')
}
