import type { Algorithm } from './algorithms.ts'
import type { DecodedJwt } from './decoded-jwt.ts'
import type { VerificationKey } from './keys/key-set.ts'

/**
 * Whether `key` made the signature, by the octets that were received (RFC 7515 section 5.2). The check is jose's, but
 * for what the host does better.
 */
export function isSignedBy(token: DecodedJwt, key: VerificationKey, algorithm: Algorithm): boolean | Promise<boolean> {
  const check = key.nativeCheck(algorithm)
  if (check === undefined) return isSignedByWithJose(token, key, algorithm)
  return check(token.signed, token.signature)
}

async function isSignedByWithJose(token: DecodedJwt, key: VerificationKey, algorithm: Algorithm): Promise<boolean> {
  const material = await key.material(algorithm).catch(() => undefined) // a key that cannot be imported verifies nothing
  if (material === undefined) return false
  // loaded where it is needed, since loading it is most of what a cold start costs
  const [{ compactVerify }, { JOSEError }] = await Promise.all([
    import('jose/jws/compact/verify'),
    import('jose/errors'),
  ])
  try {
    await compactVerify(token.raw, material, { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof JOSEError) return false
    throw error
  }
}
