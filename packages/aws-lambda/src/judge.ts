import type { AccessToken, Decision, Policy, ResourceServer, TokenRequest } from '@tokenward/core'

export interface Demands<Claims> {
  /** What the token must be good for. */
  readonly policy?: Policy<Claims> | undefined
  /** Asks an introspected issuer again before the policy, whatever is remembered of the token. Needs a policy. */
  readonly fresh?: boolean | undefined
}

export async function judge<Claims>(
  server: ResourceServer<Claims, undefined>,
  request: TokenRequest,
  { policy, fresh }: Demands<Claims>,
): Promise<Decision<AccessToken<Claims> | undefined>> {
  const authenticated = await server.authenticate(request)
  if (!authenticated.granted || policy === undefined) return authenticated
  return server[fresh === true ? 'authorizeFresh' : 'authorize'](authenticated.token, policy)
}

/** @throws TypeError that names every requirement that is not met */
export function demand(subject: string, requirements: Readonly<Record<string, boolean>>): void {
  const broken = Object.keys(requirements).filter((requirement) => requirements[requirement] === false)
  if (broken.length > 0) throw new TypeError(`${subject}: ${broken.join('; ')}`)
}
