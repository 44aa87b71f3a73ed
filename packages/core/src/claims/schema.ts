import { AuthError, isAuthError } from '../errors.ts'
import { quote } from '../internal/quote.ts'
import { discard, isThenable } from '../internal/foreign-result.ts'
import { isObject } from '../internal/guards.ts'
import type { Claims } from './claim-types.ts'

/** The part of Standard Schema (standardschema.dev) version 1 that zod, valibot and arktype implement. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * The claims as the schema types them. A schema must answer at once: one that looks something up belongs in a policy's
 * data, not between a token and its answer.
 *
 * @throws AuthError CLAIM_INVALID naming the members, never their values; POLICY_FAULT where the schema itself fails
 */
export function applySchema<Output>(schema: StandardSchema<Output>, claims: Claims): Output {
  const result = answerOf(schema, claims)
  try {
    return outcome<Output>(result)
  } catch (cause) {
    throw isAuthError(cause) ? cause : faulty(cause)
  }
}

function answerOf(schema: StandardSchema, claims: Claims): unknown {
  try {
    return schema['~standard'].validate(claims)
  } catch (cause) {
    throw faulty(cause)
  }
}

function faulty(cause: unknown): AuthError {
  return new AuthError('POLICY_FAULT', 'the claims schema threw', { cause })
}

function outcome<Output>(result: unknown): Output {
  if (isThenable(result)) {
    discard(result)
    throw new AuthError('POLICY_FAULT', 'the claims schema is asynchronous; it must be synchronous')
  }
  if (typeof result !== 'object' || result === null) throw noResult()
  const issues: unknown = Reflect.get(result, 'issues') // arktype answers with an array that has this member
  if (Array.isArray(issues)) throw new AuthError('CLAIM_INVALID', `the claims schema refuses ${paths(issues)}`)
  if (issues !== undefined || !('value' in result)) throw noResult()
  return result.value as Output // what Standard Schema promises of a result without issues
}

function noResult(): AuthError {
  return new AuthError('POLICY_FAULT', 'the claims schema answered no result')
}

const MOST_NAMED = 10

/** Member names come from the token, so they are quoted like all that is foreign. */
function paths(issues: readonly unknown[]): string {
  const names = issues.map((issue) => {
    const path: unknown = isObject(issue) ? issue['path'] : undefined
    if (!Array.isArray(path) || path.length === 0) return 'the claims as a whole'
    return quote(path.map((step: unknown) => String(isObject(step) ? step['key'] : step)).join('.'))
  })
  return [...new Set(names)].slice(0, MOST_NAMED).join(', ')
}
