import { AuthError } from '../errors.ts'
import { quote } from '../internal/quote.ts'
import type { Claims } from './claim-types.ts'
import { claimOf, kindOf, optionalString, present } from './claim-types.ts'
import { parseScope, uniqueScopes } from './scope.ts'

/** How an issuer marks its access tokens. */
export type ProfileName = 'rfc9068' | 'jwt'

/** An introspection answer has no type; the authorization server says that the token is active, and may say what it is. */
export type Profile = ProfileName | 'introspection'

/** RFC 9068 section 2.2; exp, iss and aud are judged before. */
const RFC9068_REQUIRED = ['iss', 'aud', 'exp', 'sub', 'client_id', 'iat', 'jti']
/** What the profile `jwt` takes as proof that a token is an access token. `azp` is none: ID tokens carry it too. */
const ACCESS_TOKEN_MARKS = ['scope', 'scp', 'client_id', 'cid']
/** OpenID Connect Core sections 2 and 3.3.2.11; back-channel logout section 2.4; RFC 8417 section 2.2. */
const OTHER_TOKEN_MARKS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']

/**
 * Explicit typing (RFC 9068 section 4, RFC 8725 section 3.11), by the media type rules of RFC 7515 section 4.1.9.
 *
 * @throws AuthError TOKEN_TYPE_REJECTED, telling the operator which setting to look at
 */
export function requireType(type: unknown, claims: Claims, profile: Profile): void {
  if (profile === 'introspection') return
  const name = mediaType(type)
  const isPlain = type === undefined || name === 'jwt'
  if (name === 'at+jwt' || (isPlain && profile === 'jwt')) return
  const found = type === undefined ? 'the token has no typ' : `the token has typ ${quote(type)}`
  const asked = profile === 'jwt' ? 'at+jwt, JWT or none' : 'at+jwt'
  throw new AuthError(
    'TOKEN_TYPE_REJECTED',
    `${found}, but profile "${profile}" asks for ${asked}: ${adviceOn(isPlain, claims)}`,
  )
}

function adviceOn(isPlain: boolean, claims: Claims): string {
  if (!isPlain) return 'it is another kind of token'
  if (otherTokenMark(claims) !== undefined)
    return 'its claims mark it as an ID token or an event; the client must send the access token'
  return 'if this issuer marks its access tokens so, set jwtIssuer({ profile: "jwt" }); first make sure that this is not an ID token'
}

/** Lower case and without `application/`; undefined where it is no string. */
function mediaType(type: unknown): string | undefined {
  if (typeof type !== 'string') return undefined
  return type.toLowerCase().replace(/^application\/(?=[^/]+$)/, '')
}

/**
 * What the profile demands of the claims, beyond those that every token is judged by.
 *
 * @throws AuthError CLAIM_MISSING, TOKEN_TYPE_REJECTED
 */
export function requireProfile(
  type: unknown,
  claims: Claims,
  profile: Profile,
  required: readonly string[] = [],
): void {
  for (const name of required) present(claimOf(claims, name), name, 'the issuer is configured to require it')
  if (profile === 'rfc9068') {
    for (const name of RFC9068_REQUIRED) {
      present(claimOf(claims, name), name, 'profile "rfc9068" requires it; profile "jwt" of jwtIssuer is laxer')
    }
    return
  }
  if (profile === 'introspection') return refuseOtherActiveTokens(claims)
  refuseOtherTokens(claims)
  const isMarked =
    mediaType(type) === 'at+jwt' ||
    ACCESS_TOKEN_MARKS.some((name) => claimOf(claims, name) !== undefined) ||
    claimOf(claims, 'token_use') === 'access' ||
    claimOf(claims, 'typ') === 'Bearer'
  if (isMarked) return
  throw new AuthError(
    'TOKEN_TYPE_REJECTED',
    'nothing marks the token as an access token: profile "jwt" asks for one of scope, scp, client_id, cid, token_use "access", or the claim typ "Bearer". It may be an ID token',
  )
}

/** Some servers answer `active: true` for refresh and ID tokens too; whatever marks one refuses it. */
function refuseOtherActiveTokens(claims: Claims): void {
  refuseOtherTokens(claims)
  const type = claimOf(claims, 'token_type')
  if (type === undefined || (typeof type === 'string' && /^(?:bearer|dpop|access_token)$/i.test(type))) return
  throw new AuthError(
    'TOKEN_TYPE_REJECTED',
    `the introspection answer has token_type ${quote(type)}, which no access token has`,
  )
}

/** RFC 8725 section 3.12: the rules for different kinds of JWTs of one issuer exclude each other. */
function refuseOtherTokens(claims: Claims): void {
  const mark = otherTokenMark(claims)
  const use = claimOf(claims, 'token_use')
  const kind = claimOf(claims, 'typ')
  if (mark !== undefined)
    throw new AuthError(
      'TOKEN_TYPE_REJECTED',
      `the claim ${mark} marks the token as an ID token or an event, not an access token`,
    )
  if (use !== undefined && use !== 'access' && use !== 'access_token')
    throw new AuthError('TOKEN_TYPE_REJECTED', `token_use is ${quote(use)}, not "access"`)
  if (kind !== undefined && kind !== 'Bearer')
    throw new AuthError('TOKEN_TYPE_REJECTED', `the claim typ is ${quote(kind)}, not "Bearer"`)
}

function otherTokenMark(claims: Claims): string | undefined {
  return OTHER_TOKEN_MARKS.find((name) => claimOf(claims, name) !== undefined)
}

/** Who was given the token. @throws AuthError CLAIM_INVALID */
export function clientIdOf(claims: Claims, profile: Profile): string | undefined {
  const clientId = optionalString(claims, 'client_id')
  return clientId ?? (profile === 'jwt' ? optionalString(claims, 'cid') : undefined)
}

/** The granted scopes: `scope` as a string; under `jwt` also `scp`, as a string or an array. @throws AuthError CLAIM_INVALID */
export function scopesOf(claims: Claims, profile: Profile): readonly string[] {
  const scope = claimOf(claims, 'scope')
  const scp = profile === 'jwt' ? claimOf(claims, 'scp') : undefined
  if (scope !== undefined && typeof scope !== 'string')
    throw new AuthError('CLAIM_INVALID', `scope must be a string, but is ${kindOf(scope)}`)
  if (scope !== undefined) return parseScope(scope)
  if (scp === undefined) return []
  if (typeof scp === 'string') return parseScope(scp)
  if (Array.isArray(scp)) return uniqueScopes(scp)
  throw new AuthError('CLAIM_INVALID', `scp must be a string or an array, but is ${kindOf(scp)}`)
}
