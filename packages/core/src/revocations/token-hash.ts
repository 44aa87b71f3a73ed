import { encode } from 'jose/base64url'
import { isOpaque } from '../issuers/decoded-jwt.ts'

/**
 * SHA-256 of a token, in base64url. Of a JWT only what is signed counts: an ECDSA signature has a second spelling that
 * anybody can compute, and the revoked token would be back with that.
 */
export async function hashToken(token: string): Promise<string> {
  const counted = isOpaque(token) ? token : token.slice(0, token.lastIndexOf('.'))
  return encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(counted))))
}
