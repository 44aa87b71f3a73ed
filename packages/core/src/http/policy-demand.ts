import { isObject } from '../internal/guards.ts'
import type { Policy } from '../policy/policy.ts'
import type { AccessToken, TokenClaims } from '../token.ts'
import type { Decision } from './decision.ts'
import type { ResourceServer } from './resource-server.ts'

/** What goes with a policy where a framework's `authorize` is given one. */
export interface AuthorizeOptions {
  /** Asks an introspected issuer again, whatever is remembered of the token: a revocation takes effect at once. */
  readonly fresh?: boolean | undefined
}

/** A policy as it was checked, and whether an introspected issuer is asked again before. */
export interface PolicyDemand<Claims = TokenClaims> {
  readonly policy: Policy<Claims>
  readonly fresh: boolean
}

/**
 * Reads what the `authorize` of an adapter was given.
 *
 * @param subject the function that the user called, for the message
 * @throws TypeError that names every problem
 */
export function readPolicyDemand<Claims>(
  subject: string,
  policy: Policy<Claims> | undefined,
  options: AuthorizeOptions = {},
): PolicyDemand<Claims> {
  const problems = isObject(options) ? [] : ['options must be an object']
  const { fresh = false, ...others } = Object(options) as AuthorizeOptions // or nothing, if it is no object
  for (const name of Object.keys(others)) problems.push(`unknown option ${name}`)
  if (typeof fresh !== 'boolean') problems.push('fresh must be a boolean')
  if (typeof policy !== 'function') problems.push('a policy is required, such as scopes("orders:read")')
  if (policy === undefined || problems.length > 0) throw new TypeError(`${subject}: ${problems.join('; ')}`)
  return { policy, fresh }
}

/**
 * Asks all `demands` of the token that `authenticate` found, one after the other, until one refuses. A refusal of
 * `authenticate` stays what it is.
 */
export async function authorizeAll<Claims>(
  server: ResourceServer<Claims, undefined>,
  authenticated: Decision<AccessToken<Claims> | undefined>,
  demands: readonly PolicyDemand<Claims>[],
): Promise<Decision<AccessToken<Claims> | undefined>> {
  const token = authenticated.granted ? authenticated.token : undefined
  let decision = authenticated
  for (const { policy, fresh } of demands) {
    if (decision.granted) decision = await server[fresh ? 'authorizeFresh' : 'authorize'](token, policy)
  }
  return decision
}
