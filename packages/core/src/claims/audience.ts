import { AuthError } from '../errors.ts'
import { quote } from '../internal/encoding.ts'
import type { Claims } from './claim-types.ts'
import { claimOf, kindOf } from './claim-types.ts'

/** The opt-out of the audience check. A symbol, so that it cannot be configured by accident and shows up in a review. */
export const unsafeAnyAudience: unique symbol = Symbol.for('tokenward.unsafeAnyAudience')

/** The names under which this API is addressed in `aud`: one, or a list of which one must match exactly. */
export type Audience = string | readonly string[] | typeof unsafeAnyAudience

/** RFC 7519 section 4.1.3, RFC 9068 section 4: exact, never a prefix; an empty list names nobody. */
export function requireAudience(claims: Claims, expected: Audience): readonly string[] {
  const claim = claimOf(claims, 'aud')
  const audience = typeof claim === 'string' ? [claim] : claim
  if (expected === unsafeAnyAudience && audience === undefined) return []
  if (audience === undefined)
    throw new AuthError('CLAIM_MISSING', 'aud is missing; a token without it may be meant for any API')
  if (!isAudienceList(audience))
    throw new AuthError('CLAIM_INVALID', `aud must be a string or an array of strings, but is ${kindOf(claim)}`)
  if (expected === unsafeAnyAudience) return audience
  const ours: readonly string[] = typeof expected === 'string' ? [expected] : expected
  if (audience.some((name) => ours.includes(name))) return audience
  throw new AuthError(
    'AUDIENCE_MISMATCH',
    `the token is for ${listed(audience, ', ')}; this API is ${listed(ours, ' or ')}`,
  )
}

function isAudienceList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function listed(names: readonly string[], separator: string): string {
  return names.length === 0 ? 'nobody' : names.map((name) => quote(name)).join(separator)
}
