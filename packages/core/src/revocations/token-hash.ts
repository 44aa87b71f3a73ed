import { sha256 } from '../internal/sha256.ts'
import { isOpaque } from '../issuers/decoded-jwt.ts'

/**
 * SHA-256 of a token, in base64url. Of a JWT only what is signed counts: an ECDSA signature has a second spelling that
 * anybody can compute, and the revoked token would be back with that.
 */
export function hashToken(token: string): string | Promise<string> {
  const counted = isOpaque(token) ? token : token.slice(0, token.lastIndexOf('.'))
  return sha256(counted)
}
