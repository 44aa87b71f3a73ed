import type { CanActivate, ExecutionContext, OnModuleDestroy } from '@nestjs/common'
import { applyDecorators, createParamDecorator, Inject, Injectable, UseGuards } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { AccessToken, AuthorizeOptions, Decision, Policy, ResourceServer, TokenClaims } from '@tokenward/core'
import { granted, notAuthenticated, readPolicyDemand, refusalError } from '@tokenward/core'
import type { AnyClaims, HandlerDecorator } from './demand.ts'
import { demandOf, say } from './demand.ts'
import type { Credentials } from './execution.ts'
import { executionOf, tokenRequest } from './execution.ts'
import { exceptionFor, refusalException } from './refusal-exception.ts'

/** One resource server of an application, and where else it looks for credentials. */
export interface Protection extends ResourceServer<AnyClaims, undefined>, OnModuleDestroy {
  readonly credentials: Credentials | undefined
}

/** Where an application has the resource server of this name: for `@Inject`, to warm it up or to ask for its status. */
export function resourceServerToken(name: string = 'default'): symbol {
  return Symbol.for(`tokenward.nestjs.${name}`)
}

/** What the guard found for one call. */
interface Found {
  readonly server: Protection
  readonly token: AccessToken | undefined
}

/** By subject and handler: a WebSocket client may be the subject of many calls. */
const findings = new WeakMap<object, ReadonlyMap<unknown, Found>>()
const passed = new WeakSet<ExecutionContext>()

/**
 * Lets calls through that have a good token and all that `@Authorize` asks, and those of `@Public` handlers. For HTTP,
 * GraphQL, WebSockets and RPC: in any other context it refuses. Several of these guards on a handler count as one.
 */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  static readonly isAccessTokenGuard = true
  readonly #modules: ModuleRef

  constructor(@Inject(ModuleRef) modules: ModuleRef) {
    this.#modules = modules
  }

  /** @throws what the filters of Nest expect in this context: RefusalException, WsException or RpcException */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const demand = demandOf(context)
    if (demand === undefined || passed.has(context)) return true
    const server = this.#modules.get<Protection>(resourceServerToken(demand.server), { strict: false })
    const request = tokenRequest(context, server.credentials)
    let decision: Decision<AccessToken | undefined> = await server.authenticate(request)
    const token = decision.granted ? decision.token : undefined
    // set to nothing by a refusal too
    if (context.getType() === 'http') Reflect.set(context.getArgByIndex(0), 'auth', token)
    for (const { policy, fresh } of demand.policies) {
      if (decision.granted) decision = await server[fresh ? 'authorizeFresh' : 'authorize'](token, policy)
    }
    if (!decision.granted) throw await exceptionFor(context, refusalError(decision))
    const subject = subjectOf(context)
    findings.set(subject, new Map(findings.get(subject)).set(context.getHandler(), { server, token }))
    passed.add(context)
    return true
  }
}

/** Where nobody will find it again, if there is none. */
function subjectOf(context: ExecutionContext): object {
  return Object(executionOf(context)[0])
}

function foundFor(context: ExecutionContext): Found {
  const handler = context.getHandler()
  const found = findings.get(subjectOf(context))?.get(handler)
  if (found !== undefined) return found
  throw notAuthenticated(`AccessTokenGuard did not run for ${context.getClass().name}.${handler.name}`)
}

/**
 * The verified token of a call, for guards and interceptors that run after `AccessTokenGuard`. `Claims` are those of the
 * resource server's schema.
 *
 * @throws AuthError NOT_AUTHENTICATED where that guard did not run, RefusalException for an anonymous call
 */
export function accessToken<Claims = TokenClaims>(context: ExecutionContext): AccessToken<Claims> {
  const { server, token } = foundFor(context)
  const decision = server.authorize(token, () => granted)
  if (decision.granted) return decision.token
  throw refusalException(context, refusalError(decision))
}

export interface AuthOptions {
  /** Gives undefined for an anonymous call, in place of refusing it. */
  readonly optional?: boolean | undefined
}

/** A parameter of a handler: `@Auth() token: AccessToken`. What {@link accessToken} gives, and throws. */
export const Auth: (options?: AuthOptions) => ParameterDecorator = createParamDecorator(
  (options: AuthOptions | undefined, context: ExecutionContext) =>
    options?.optional === true ? foundFor(context).token : accessToken(context),
)

/**
 * Lets calls through whose token the policy grants, and brings `AccessTokenGuard` with it. What stands on the class, on
 * the method, or several times on one of them must all hold. `Claims` are those of the resource server's schema.
 *
 * @throws TypeError that names every problem
 */
export function Authorize<Claims = TokenClaims>(policy: Policy<Claims>, options?: AuthorizeOptions): HandlerDecorator {
  const policies = [readPolicyDemand('Authorize', policy, options)]
  return applyDecorators(say({ policies }), UseGuards(AccessTokenGuard))
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
