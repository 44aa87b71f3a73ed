import { FetchError } from '../../internal/fetch-json.ts'
import { isObject } from '../../internal/guards.ts'
import { quote } from '../../internal/quote.ts'
import type { Algorithm } from '../algorithms.ts'
import { isAlgorithm } from '../algorithms.ts'
import { decodeJwt } from '../decoded-jwt.ts'
import type { Keys } from '../keys/key-source.ts'
import { isSignedBy } from '../signature.ts'

const MOST_BYTES = 256 * 1024

export interface SignedAnswerExpectations {
  readonly issuer: string
  readonly clientId: string
  readonly algorithms: readonly Algorithm[]
  readonly keys: Keys
}

/**
 * The members of a signed introspection answer (RFC 9701 section 5): type, signature, issuer, audience and time must be
 * right, and only what stands inside `token_introspection` counts.
 *
 * @throws FetchError answer-invalid
 */
export async function readSignedAnswer(
  jwt: string,
  { issuer, clientId, algorithms, keys }: SignedAnswerExpectations,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const token = decodeJwt(jwt, MOST_BYTES)
    const { algorithm, keyId: kid, type, unverifiedClaims: claims } = token
    if (!isAlgorithm(algorithm) || !algorithms.includes(algorithm))
      throw invalid(`it is signed with ${quote(algorithm)}`)
    const key = await keys.verifyingKey({ kid, algorithm }, (candidate) => isSignedBy(token, candidate, algorithm))
    if (key === undefined) throw invalid('its signature does not verify')
    if (!isIntrospectionType(type)) throw invalid(`its typ is ${quote(type)}`)
    if (claims['iss'] !== issuer) throw invalid(`its iss is ${quote(claims['iss'])}`)
    if (![claims['aud']].flat().includes(clientId)) throw invalid('its aud is not this API')
    if (!Number.isFinite(claims['iat'])) throw invalid('it has no iat')
    const members = claims['token_introspection']
    if (!isObject(members)) throw invalid('it has no token_introspection')
    return members
  } catch (error) {
    throw error instanceof FetchError ? error : invalid(error instanceof Error ? error.message : 'it cannot be read')
  }
}

function isIntrospectionType(type: unknown): boolean {
  return typeof type === 'string' && /^(?:application\/)?token-introspection\+jwt$/i.test(type)
}

function invalid(why: string): FetchError {
  return new FetchError('answer-invalid', `the signed introspection answer is not acceptable: ${why}`)
}
