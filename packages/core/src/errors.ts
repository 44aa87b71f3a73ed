import { deepFreeze } from './internal/freeze.ts'

/** The one description of every refusal that comes before the signature is settled: from outside, nobody can tell which issuers or keys are trusted. */
const UNVERIFIABLE = 'The access token could not be verified'
const UNAVAILABLE = 'The access token cannot be checked right now'

/**
 * What each code means on the wire: HTTP status, the OAuth error code (RFC 6750 section 3.1; `undefined` means that
 * the answer carries no error information at all) and a description that is a constant, within the octets that
 * RFC 6750 section 3 allows. `hint` is for operators and documentation.
 */
export const ERRORS = deepFreeze({
  TOKEN_MISSING: {
    status: 401,
    error: undefined,
    description: undefined,
    hint: 'The request carries no Bearer credential. Send "Authorization: Bearer <access token>".',
  },
  REQUEST_MALFORMED: {
    status: 400,
    error: 'invalid_request',
    description: 'The Authorization field is malformed',
    hint: 'The Authorization field breaks the syntax of RFC 6750, or was sent twice.',
  },
  TOKEN_MALFORMED: {
    status: 401,
    error: 'invalid_token',
    description: UNVERIFIABLE,
    hint: 'The credential is not a signed JWT in compact form, or is larger than maxTokenBytes.',
  },
  ISSUER_UNTRUSTED: {
    status: 401,
    error: 'invalid_token',
    description: UNVERIFIABLE,
    hint: 'The iss claim equals no configured issuer. Issuers compare byte for byte; look for a trailing slash.',
  },
  ALGORITHM_REJECTED: {
    status: 401,
    error: 'invalid_token',
    description: UNVERIFIABLE,
    hint: 'The signature algorithm is not among the algorithms allowed for this issuer.',
  },
  KEY_UNKNOWN: {
    status: 401,
    error: 'invalid_token',
    description: UNVERIFIABLE,
    hint: 'The issuer publishes no usable key that fits the kid and algorithm of the token.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    error: 'invalid_token',
    description: UNVERIFIABLE,
    hint: 'The token was changed after it was signed, or was signed with another key.',
  },
  TOKEN_TYPE_REJECTED: {
    status: 401,
    error: 'invalid_token',
    description: 'The token is not an access token for this API',
    hint: 'The token is not marked as an access token. Issuers that send typ "JWT" or none need jwtIssuer({ profile: "jwt" }).',
  },
  AUDIENCE_MISMATCH: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token was issued for another audience',
    hint: 'The aud claim names none of the configured audiences. They compare exactly.',
  },
  TOKEN_EXPIRED: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token expired',
    hint: 'The exp claim, plus the clock tolerance, has passed.',
  },
  TOKEN_NOT_YET_VALID: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token is not valid yet',
    hint: 'The nbf or iat claim lies in the future by more than the clock tolerance. Compare the clocks.',
  },
  CLAIM_MISSING: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token lacks a required claim',
    hint: 'A claim that the profile requires is absent. profile "rfc9068" requires iss, exp, aud, sub, client_id, iat and jti.',
  },
  CLAIM_INVALID: {
    status: 401,
    error: 'invalid_token',
    description: 'A claim of the access token is not acceptable',
    hint: 'A claim has the wrong type or was refused by the claims schema.',
  },
  TOKEN_INACTIVE: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token is not active',
    hint: 'The authorization server says active: false: the token expired, was revoked, is unknown there, or may not be seen by this API.',
  },
  TOKEN_REVOKED: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token was revoked',
    hint: 'A revocation names the token, its subject or its session. See the revocations option.',
  },
  CONFIRMATION_UNSUPPORTED: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token is bound to a key that cannot be checked here',
    hint: 'The token carries cnf (DPoP or mutual TLS). It is never accepted as a plain bearer token.',
  },
  SCOPE_INSUFFICIENT: {
    status: 403,
    error: 'insufficient_scope',
    description: 'The access token lacks a scope that this request needs',
    hint: 'The token is good, but was not granted every scope that the policy asks for.',
  },
  POLICY_DENIED: {
    status: 403,
    error: 'insufficient_scope',
    description: 'The access token does not allow this request',
    hint: 'The token is good, but a policy of the API refused it.',
  },
  KEYS_UNAVAILABLE: {
    status: 503,
    error: 'temporarily_unavailable',
    description: UNAVAILABLE,
    hint: 'The keys of the issuer could not be fetched. This says nothing about the token, hence no 401.',
  },
  INTROSPECTION_UNAVAILABLE: {
    status: 503,
    error: 'temporarily_unavailable',
    description: UNAVAILABLE,
    hint: 'The introspection endpoint could not be asked, or refused the credentials of the API. This says nothing about the token, hence no 401.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    error: 'temporarily_unavailable',
    description: UNAVAILABLE,
    hint: 'A store that the check depends on, of revocations for example, cannot be relied on now. This says nothing about the token, hence no 401.',
  },
  INTERNAL_FAULT: {
    status: 503,
    error: 'temporarily_unavailable',
    description: UNAVAILABLE,
    hint: 'An unexpected failure while verifying. The request was refused; the event carries the message.',
  },
  POLICY_FAULT: {
    status: 500,
    error: 'server_error',
    description: 'The API could not decide whether to allow this request',
    hint: 'A policy or claims schema threw, was asynchronous, or returned something other than granted or refuse(...).',
  },
  NOT_AUTHENTICATED: {
    status: 500,
    error: 'server_error',
    description: 'The API could not decide whether to allow this request',
    hint: 'authorize or accessToken was used on a request that authenticate never saw. Register authenticate first.',
  },
} as const satisfies Record<string, ErrorFacts>)

interface ErrorFacts {
  readonly status: RefusalStatus
  readonly error: string | undefined
  readonly description: string | undefined
  readonly hint: string
}

export type RefusalStatus = 400 | 401 | 403 | 500 | 503

export type ErrorCode = keyof typeof ERRORS

export interface AuthErrorDetails {
  /** All scopes that the request needs, for the challenge of a 403 (RFC 6750 section 3). */
  readonly requiredScopes?: readonly string[]
  /** Seconds until another attempt makes sense, for `Retry-After` of a 503. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

const brand: unique symbol = Symbol.for('tokenward.AuthError')

/**
 * Why a token or a request was refused. `message` is for the operator: it never holds token material and is never
 * sent to a client. Recognise it with {@link isAuthError}, not with `instanceof`: two copies of a package are normal.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: ErrorCode
  /** The HTTP status that this refusal maps to. */
  readonly status: RefusalStatus
  readonly requiredScopes: readonly string[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly [brand] = true

  constructor(code: ErrorCode, message: string, details: AuthErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.status = ERRORS[code].status
    this.requiredScopes = details.requiredScopes
    this.retryAfterSeconds = details.retryAfterSeconds
  }
}

/** Whether `value` is an {@link AuthError}, of this or another copy of the package. */
export function isAuthError(value: unknown): value is AuthError {
  if (typeof value !== 'object' || value === null) return false
  try {
    return brand in value && Object.hasOwn(ERRORS, Reflect.get(value, 'code'))
  } catch {
    return false // a foreign object may throw when it is looked at
  }
}
