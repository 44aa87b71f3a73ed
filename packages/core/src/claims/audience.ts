import { AuthError } from '../errors.ts'
import type { OptionProblems } from '../internal/option-problems.ts'
import { quote, quoteAll } from '../internal/quote.ts'
import type { Claims } from './claim-types.ts'
import { claimOf, kindOf } from './claim-types.ts'

/** The opt-out of the audience check. A symbol, so that it cannot be configured by accident and shows up in a review. */
export const unsafeAnyAudience: unique symbol = Symbol.for('tokenward.unsafeAnyAudience')

/** The names under which this API is addressed in `aud`: one, or a list of which one must match exactly. */
export type Audience = string | readonly string[] | typeof unsafeAnyAudience

/** RFC 7519 section 4.1.3, RFC 9068 section 4: exact, never a prefix; an empty list names nobody. */
export function requireAudience(claims: Claims, expected: Audience, mayBeAbsent = false): readonly string[] {
  const claim = claimOf(claims, 'aud')
  if (claim === expected && typeof claim === 'string') return [claim] // as nearly always
  const audience = typeof claim === 'string' ? [claim] : claim
  if (audience === undefined && (mayBeAbsent || expected === unsafeAnyAudience)) return []
  if (audience === undefined)
    throw new AuthError('CLAIM_MISSING', 'aud is missing; a token without it may be meant for any API')
  if (!isAudienceList(audience))
    throw new AuthError('CLAIM_INVALID', `aud must be a string or an array of strings, but is ${kindOf(claim)}`)
  if (expected === unsafeAnyAudience) return audience
  const ours: readonly string[] = typeof expected === 'string' ? [expected] : expected
  if (audience.some((name) => ours.includes(name))) return audience
  throw new AuthError(
    'AUDIENCE_MISMATCH',
    `the token is for ${quoteAll(audience) || 'nobody'}; this API is ${quoteAll(ours, ' or ')}`,
  )
}

function isAudienceList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

/** Names what is wrong with an audience option. RFC 8707 section 2: a resource indicator has no fragment. */
export function checkAudience(problems: OptionProblems, audience: unknown, isRequired: boolean): void {
  if (audience === undefined) {
    problems.require(!isRequired, 'audience is required: the aud value that names this API, or a list of them')
    return
  }
  if (audience === unsafeAnyAudience) return
  const names: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  problems.require(names.length > 0, 'audience must not be an empty list')
  for (const name of names) {
    if (typeof name !== 'string' || name === '' || name.trim() !== name || /\p{Cc}/u.test(name)) {
      problems.add(
        `audience must be a non-empty string or a list of them, without space around, but has ${quote(name)}`,
      )
    } else {
      problems.require(!URL.canParse(name) || !name.includes('#'), `audience ${quote(name)} must not have a fragment`)
    }
  }
}
