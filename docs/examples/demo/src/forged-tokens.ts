import { createHmac, createPublicKey, sign } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { createSigningKey } from './signing-keys.ts'

/** `alg: none` and no signature: the claims are said to need no proof. */
export function unsigned(token: string): string {
  const { header, payload } = segments(token)
  return `${withAlgorithm(header, 'none')}.${payload}.`
}

/** HS256 over a secret that everybody knows: a text of the issuer's public key. */
export function signedWithSharedText(token: string, text: string): string {
  const { header, payload } = segments(token)
  const input = `${withAlgorithm(header, 'HS256')}.${payload}`
  return `${input}.${createHmac('sha256', text).update(input).digest('base64url')}`
}

/** RS256 with a key of the forger's own, under the name (`kid`) of the issuer's. */
export async function signedByStranger(token: string): Promise<string> {
  const { header, payload } = segments(token)
  const key = await createSigningKey('RS256', 'stranger')
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), { key, format: 'jwk' })
  return `${header}.${payload}.${signature.toString('base64url')}`
}

/** Flips the lowest bit of the last digit of `exp`. */
export function withFlippedPayloadBit(token: string): string {
  const { header, payload, signature } = segments(token)
  const claims = decode(payload).replace(
    /("exp":\d*)(\d)/,
    (_match, digits: string, last: string) => `${digits}${Number(last) ^ 1}`,
  )
  return `${header}.${encode(claims)}.${signature}`
}

/** Flips one bit in the middle of the signature. */
export function withFlippedSignatureBit(token: string): string {
  const { header, payload, signature } = segments(token)
  const octets = Buffer.from(signature, 'base64url')
  const middle = octets.length >> 1
  octets.writeUInt8(octets.readUInt8(middle) ^ 1, middle)
  return `${header}.${payload}.${octets.toString('base64url')}`
}

/** The claims are given a scope that nobody granted. */
export function withScope(token: string, scope: string): string {
  const { header, payload, signature } = segments(token)
  return `${header}.${encode(decode(payload).replace(/"scope":"[^"]*"/, `"scope":"${scope}"`))}.${signature}`
}

/** The PEM text of a public key as tools write it. */
export function pemText(publicKey: JsonWebKey): string {
  return createPublicKey({ key: publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
}

function segments(token: string): { header: string; payload: string; signature: string } {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header, payload, signature }
}

function withAlgorithm(header: string, algorithm: string): string {
  return encode(decode(header).replace(/"alg":"[^"]*"/, `"alg":"${algorithm}"`))
}

function decode(segment: string): string {
  return Buffer.from(segment, 'base64url').toString()
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
