import type { AuthError } from '../errors.ts'
import { ERRORS } from '../errors.ts'
import type { AccessToken } from '../token.ts'
import { bearerChallenge } from './challenge.ts'

/** Header fields as pairs, so that a field may stand twice. */
export type HeaderFields = readonly (readonly [name: string, value: string])[]

export type RefusalStatus = 400 | 401 | 403 | 500 | 503

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

export function grant<Token>(token: Token): GrantedDecision<Token> {
  return Object.freeze({ granted: true, token, headers: Object.freeze([]) })
}

/** The answer that `error` stands for: status and challenge of RFC 6750 section 3, Retry-After for what may pass later. */
export function refusal(error: AuthError, realm: string): RefusedDecision {
  const { status, error: oauthError, description } = ERRORS[error.code]
  const headers: [string, string][] = []
  if (status < 500) {
    headers.push([
      'WWW-Authenticate',
      bearerChallenge({ realm, error: oauthError, description, scope: error.requiredScopes }),
    ])
  }
  if (status === 503) headers.push(['Retry-After', String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1)))])
  headers.push(['Cache-Control', 'no-store'])
  if (oauthError === undefined || description === undefined)
    return Object.freeze({ granted: false, error, status, headers, body: undefined })
  headers.push(['Content-Type', 'application/json'])
  return Object.freeze({
    granted: false,
    error,
    status,
    headers,
    body: { error: oauthError, error_description: description },
  })
}
