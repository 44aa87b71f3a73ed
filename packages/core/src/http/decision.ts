import { isScopeToken } from '../claims/scope.ts'
import type { AuthError, RefusalStatus } from '../errors.ts'
import { ERRORS } from '../errors.ts'
import type { AccessToken } from '../token.ts'
import { bearerChallenge } from './challenge.ts'

/** Header fields as pairs, so that a field may stand twice. */
export type HeaderFields = readonly (readonly [name: string, value: string])[]

export interface GrantedDecision<Token> {
  readonly granted: true
  readonly token: Token
  /** Fields to add to the answer. */
  readonly headers: HeaderFields
}

export interface RefusedDecision {
  readonly granted: false
  /** For the operator. Its message is never sent. */
  readonly error: AuthError
  readonly status: RefusalStatus
  readonly headers: HeaderFields
  /** The JSON body; absent where no credential came, since there is nothing to say (RFC 6750 section 3.1). */
  readonly body: RefusalBody | undefined
}

export interface RefusalBody {
  readonly error: string
  readonly error_description: string
}

/** May this request pass? If not, the complete answer. */
export type Decision<Token = AccessToken> = GrantedDecision<Token> | RefusedDecision

const NO_HEADERS: HeaderFields = Object.freeze([])

export function grant<Token>(token: Token): GrantedDecision<Token> {
  return Object.freeze({ granted: true, token, headers: NO_HEADERS })
}

/** The answer that `error` stands for: status and challenge of RFC 6750 section 3, Retry-After for what may pass later. */
export function refusal(error: AuthError, realm: string): RefusedDecision {
  const { status, error: oauthError, description } = ERRORS[error.code]
  const headers: [string, string][] = [['Cache-Control', 'no-store']]
  if (status < 500) {
    const given: unknown = error.requiredScopes // a policy may have made the error with anything in it
    const scope = Array.isArray(given) ? given.filter(isScopeToken) : undefined
    headers.unshift(['WWW-Authenticate', bearerChallenge({ realm, error: oauthError, description, scope })])
  }
  if (status === 503) headers.unshift(['Retry-After', retryAfter(error)])
  if (oauthError === undefined || description === undefined) return refused(error, status, headers, undefined)
  headers.push(['Content-Type', 'application/json'])
  return refused(error, status, headers, { error: oauthError, error_description: description })
}

function refused(
  error: AuthError,
  status: RefusalStatus,
  headers: HeaderFields,
  body: RefusalBody | undefined,
): RefusedDecision {
  return Object.freeze({ granted: false, error, status, headers, body })
}

const LONGEST_RETRY_SECONDS = 86_400

/** RFC 9110 section 10.2.3: a whole number of seconds. */
function retryAfter({ retryAfterSeconds = 1 }: AuthError): string {
  const seconds = Math.ceil(retryAfterSeconds)
  return String(seconds >= 1 ? Math.min(seconds, LONGEST_RETRY_SECONDS) : 1)
}
