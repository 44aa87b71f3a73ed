import { AuthError } from '../errors.ts'
import { discard, isThenable } from '../internal/foreign-result.ts'
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
  let result: SchemaResult<Output> | Promise<SchemaResult<Output>>
  try {
    result = schema['~standard'].validate(claims)
  } catch (cause) {
    throw new AuthError('POLICY_FAULT', 'the claims schema threw', { cause })
  }
  if (isThenable(result)) {
    discard(result)
    throw new AuthError('POLICY_FAULT', 'the claims schema is asynchronous; it must be synchronous')
  }
  if (result.issues === undefined) return result.value
  throw new AuthError('CLAIM_INVALID', `the claims schema refuses ${result.issues.map(pathOf).join(', ')}`)
}

function pathOf({ path = [] }: SchemaIssue): string {
  const names = path.map((step) => String(typeof step === 'object' ? step.key : step))
  return names.length === 0 ? 'the claims as a whole' : names.join('.')
}
