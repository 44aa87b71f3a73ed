import { applyDecorators, Inject, UseGuards } from '@nestjs/common'
import type { Policy, TokenClaims } from '@tokenward/core'
import { AccessTokenGuard } from './access-token-guard.ts'
import { say } from './demand.ts'
import { resourceServerToken } from './protection.ts'

type HandlerDecorator = ReturnType<typeof applyDecorators>

export interface AuthorizeOptions {
  /** Asks an introspected issuer again, whatever is remembered of the token: a revocation takes effect at once. */
  readonly fresh?: boolean | undefined
}

/**
 * Lets calls through whose token the policy grants, and brings `AccessTokenGuard` with it. What stands on the class, on
 * the method, or several times on one of them must all hold. `Claims` are those of the resource server's schema.
 *
 * @throws TypeError that names every problem
 */
export function Authorize<Claims = TokenClaims>(
  policy: Policy<Claims>,
  { fresh = false, ...others }: AuthorizeOptions = {},
): HandlerDecorator {
  const problems = Object.keys(others).map((name) => `unknown option ${name}`)
  if (typeof fresh !== 'boolean') problems.push('fresh must be a boolean')
  if (typeof policy !== 'function') problems.push('a policy is required, such as scopes("orders:read")')
  if (problems.length > 0) throw new TypeError(`Authorize: ${problems.join('; ')}`)
  return applyDecorators(say({ requirements: [{ policy, fresh }] }), UseGuards(AccessTokenGuard))
}

/**
 * Lets every call through without looking at its token. On a method it overrules what stands on the class. On a class it
 * is overruled by a method's own `@Authorize`, `@UseResourceServer` or `@UseGuards(AccessTokenGuard)`.
 */
export function Public(): HandlerDecorator {
  return say({ isPublic: true })
}

/**
 * Chooses the resource server of this name, and brings `AccessTokenGuard` with it. That of a method replaces that of its
 * class. An application without such a resource server does not start.
 */
export function UseResourceServer(name: string): HandlerDecorator {
  class NamedGuard extends AccessTokenGuard {}
  Inject(resourceServerToken(name))(NamedGuard, undefined, 1) // for the container to miss it
  return applyDecorators(say({ server: name }), UseGuards(NamedGuard))
}
