import type { CryptoKey } from 'jose'
import { JOSEError } from 'jose/errors'
import { compactVerify } from 'jose/jws/compact/verify'
import type { Algorithm } from './algorithms.ts'
import type { DecodedJwt } from './decoded-jwt.ts'
import type { VerificationKey } from './keys/key-set.ts'

/** Whether `key` made the signature, by the octets that were received (RFC 7515 section 5.2). The check is jose's. */
export async function isSignedBy(token: DecodedJwt, key: VerificationKey, algorithm: Algorithm): Promise<boolean> {
  const material = await importedOrUndefined(key, algorithm)
  if (material === undefined) return false
  try {
    await compactVerify(token.raw, material, { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof JOSEError) return false
    throw error
  }
}

/** A key that cannot be imported verifies nothing. */
async function importedOrUndefined(key: VerificationKey, algorithm: Algorithm): Promise<CryptoKey | undefined> {
  try {
    return await key.material(algorithm)
  } catch {
    return undefined
  }
}
