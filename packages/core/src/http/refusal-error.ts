import { AuthError, ERRORS, isAuthError } from '../errors.ts'
import type { HeaderFields, RefusedDecision } from './decision.ts'

/**
 * A refusal for a framework's error flow: `status`, `statusCode` and `headers` are what frameworks look for, and the
 * message and stack may be shown to anyone, since frameworks do. The operator's error is the `cause`.
 */
export interface RefusalError extends AuthError {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: RefusedDecision['body']
}

/** @returns an {@link AuthError} with the same code, whose text is the constant that the wire would carry */
export function refusalError(decision: RefusedDecision): RefusalError {
  const text = decision.body?.error_description ?? 'The request carries no access token'
  const { code, requiredScopes, retryAfterSeconds } = decision.error
  const error = new AuthError(code, text, {
    ...(requiredScopes && { requiredScopes }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  })
  error.stack = `${error.name}: ${text}`
  // an application that sends the error as JSON sends what the wire may carry, and nothing for operators
  Object.defineProperties(error, { cause: { value: decision.error, enumerable: false }, code: { enumerable: false } })
  return Object.assign(error, {
    statusCode: decision.status,
    headers: groupedHeaders(decision.headers),
    body: decision.body,
  })
}

/** Whether `value` is what {@link refusalError} made, of this or another copy of the package. */
export function isRefusalError(value: unknown): value is RefusalError {
  return isAuthError(value) && 'headers' in value && 'statusCode' in value
}

/** The mistake of an API that looks for a token where nobody authenticated. `reason` is for the operator alone. */
export function notAuthenticated(reason: string): AuthError {
  return new AuthError('NOT_AUTHENTICATED', ERRORS.NOT_AUTHENTICATED.description, { cause: new Error(reason) })
}

/** Header fields by name; a field that stands twice becomes an array, as Node's `setHeader` takes it. */
export function groupedHeaders(fields: HeaderFields): Readonly<Record<string, string | readonly string[]>> {
  const grouped: Record<string, string | readonly string[]> = {}
  for (const [name, value] of fields) {
    const earlier = grouped[name]
    grouped[name] = earlier === undefined ? value : [earlier, value].flat()
  }
  return grouped
}
