import type { AccessToken, Decision, Policy, ResourceServer, TokenRequest } from '@tokenward/core'
import { authorizeAll } from '@tokenward/core'

export interface Demands<Claims> {
  /** What the token must be good for. */
  readonly policy?: Policy<Claims> | undefined
  /** Asks an introspected issuer again before the policy, whatever is remembered of the token. Needs a policy. */
  readonly fresh?: boolean | undefined
}

export async function judge<Claims>(
  server: ResourceServer<Claims, undefined>,
  request: TokenRequest,
  { policy, fresh = false }: Demands<Claims>,
): Promise<Decision<AccessToken<Claims> | undefined>> {
  const authenticated = await server.authenticate(request)
  return authorizeAll(server, authenticated, policy === undefined ? [] : [{ policy, fresh }])
}

/** The requirements that are not met. */
export function unmet(requirements: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.keys(requirements).filter((requirement) => requirements[requirement] === false)
}
