import { AuthError } from '../errors.ts'
import type { Actor, TokenFacts } from '../token.ts'
import type { ProfileName } from './access-token-profile.ts'
import { clientIdOf, requireProfile, requireType, scopesOf } from './access-token-profile.ts'
import type { Audience } from './audience.ts'
import { requireAudience } from './audience.ts'
import type { Claims } from './claim-types.ts'
import { claimOf, kindOf, optionalDate, optionalString, present } from './claim-types.ts'

/** What a trusted issuer signed. Says nothing yet about whether it is an access token, for this API, now. */
export interface AuthenticToken {
  readonly type: unknown
  readonly claims: Claims
}

/** What a token of one issuer is judged by. */
export interface ClaimExpectations {
  readonly audience: Audience
  readonly profile: ProfileName | 'introspection'
  readonly clockToleranceSeconds: number
  /** Whether somebody else made sure that the token is for this API. */
  readonly mayLackAudience?: boolean
  /** Claims that must be there, beyond those of the profile. */
  readonly requires?: readonly string[] | undefined
}

/** What the claims of a valid token say, frozen where it is more than a text or a number; possession, schema and policy come after. */
export type ValidClaims = TokenFacts

/**
 * Is it an access token, for us, now? Type, audience, exp, nbf and iat, profile, in that order.
 *
 * @throws AuthError TOKEN_TYPE_REJECTED, AUDIENCE_MISMATCH, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, CLAIM_MISSING, CLAIM_INVALID
 */
export function validateClaims(
  { type, claims }: AuthenticToken,
  expected: ClaimExpectations,
  nowSeconds: number,
): ValidClaims {
  const { profile } = expected
  requireType(type, claims, profile)
  const audience = requireAudience(claims, expected.audience, expected.mayLackAudience)
  requireCurrent(claims, expected, nowSeconds)
  requireProfile(type, claims, profile, expected.requires)
  return {
    issuer: present(optionalString(claims, 'iss'), 'iss', 'every token names its issuer'),
    subject: optionalString(claims, 'sub'),
    clientId: clientIdOf(claims, profile),
    audience: Object.freeze(audience),
    scopes: Object.freeze(scopesOf(claims, profile)),
    issuedAt: optionalDate(claims, 'iat'),
    expiresAt: optionalDate(claims, 'exp'),
    id: optionalString(claims, 'jti'),
    claims,
    actor: actorOf(claims),
  }
}

/**
 * Is it good now? The only questions whose answers change with time, asked again of a token that was valid before.
 *
 * @throws AuthError TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, CLAIM_MISSING, CLAIM_INVALID
 */
export function requireCurrent(claims: Claims, expected: ClaimExpectations, nowSeconds: number): void {
  requireUnexpired(claims, nowSeconds, expected)
  requireBegun(claims, 'nbf', nowSeconds, expected.clockToleranceSeconds)
  requireBegun(claims, 'iat', nowSeconds, expected.clockToleranceSeconds)
}

/** RFC 7519 section 4.1.4: the time must be strictly before exp. Written so that a clock gone wrong refuses. */
function requireUnexpired(
  claims: Claims,
  nowSeconds: number,
  { profile, clockToleranceSeconds }: ClaimExpectations,
): void {
  const expiresAt = optionalDate(claims, 'exp')
  if (expiresAt === undefined && profile === 'introspection') return // RFC 7662 section 2.2: the server watches it
  if (nowSeconds < present(expiresAt, 'exp', 'a token without it would be good for ever') + clockToleranceSeconds)
    return
  const agoSeconds = Math.round(nowSeconds - (expiresAt ?? 0))
  throw new AuthError('TOKEN_EXPIRED', `the token expired ${agoSeconds} s ago (tolerance ${clockToleranceSeconds} s)`)
}

/** RFC 7519 sections 4.1.5 and 4.1.6. */
function requireBegun(claims: Claims, name: 'nbf' | 'iat', nowSeconds: number, toleranceSeconds: number): void {
  const date = optionalDate(claims, name)
  if (date === undefined || date <= nowSeconds + toleranceSeconds) return
  throw new AuthError(
    'TOKEN_NOT_YET_VALID',
    `${name} lies ${Math.round(date - nowSeconds)} s in the future (tolerance ${toleranceSeconds} s)`,
  )
}

/** RFC 8693 section 4.1: only the outermost actor counts; the ones inside are history. */
function actorOf(claims: Claims): Actor | undefined {
  const act = claimOf(claims, 'act')
  if (act === undefined) return undefined
  if (typeof act !== 'object' || act === null || Array.isArray(act))
    throw new AuthError('CLAIM_INVALID', `act must be an object, but is ${kindOf(act)}`)
  const actor = act as Claims // an object that is not an array, out of JSON
  return Object.freeze({
    subject: optionalString(actor, 'sub'),
    issuer: optionalString(actor, 'iss'),
    clientId: optionalString(actor, 'client_id'),
  })
}
