import type { CanActivate, ExecutionContext, Type } from '@nestjs/common'
import { applyDecorators, createParamDecorator, Inject, Injectable, SetMetadata, UseGuards } from '@nestjs/common'
import { ModuleRef, Reflector } from '@nestjs/core'
import type { AccessToken, AnyClaims, AuthorizeOptions, Policy, TokenClaims } from '@tokenward/core'
import { authorizeAll, granted, notAuthenticated, readPolicyDemand, refusalError, setAuth } from '@tokenward/core'
import { executionOf, type Protection, resourceServerToken, tokenRequest } from './execution.ts'
import { exceptionFor, refusalException } from './refusal-exception.ts'

export const reflector = new Reflector()

/** What the guard found, by the call, and by its subject and handler: a client of a WebSocket is that of many calls. */
const findings = new WeakMap<object, Map<Function, [server: Protection, token: AccessToken<AnyClaims> | undefined]>>()

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
    const [owner, handler] = [context.getClass(), context.getHandler()]
    if ((isPublic(handler) ?? isPublic(owner)) || findings.has(context)) return true
    const name = reflector.getAllAndOverride<string | undefined>('tokenward.server', [handler, owner])
    const server = this.#modules.get<Protection>(resourceServerToken(name), { strict: false })
    const found = await server.authenticate(tokenRequest(context, server.credentials))
    const token = found.granted ? found.token : undefined
    if (context.getType() === 'http') setAuth(context.getArgByIndex(0), found)
    const decision = await authorizeAll(server, found, reflector.getAllAndMerge('tokenward.demands', [owner, handler]))
    if (!decision.granted) throw await exceptionFor(context, refusalError(decision))
    const subject: object = Object(executionOf(context)[0]) // nobody finds it again, if there is none
    for (const key of [context, subject]) findings.set(key, new Map(findings.get(key)).set(handler, [server, token]))
    return true
  }
}

function foundFor(context: ExecutionContext) {
  const found = findings.get(Object(executionOf(context)[0]))?.get(context.getHandler())
  if (found !== undefined) return found
  throw notAuthenticated(`AccessTokenGuard did not run for ${context.getClass().name}.${context.getHandler().name}`)
}

/**
 * The verified token of a call, for guards and interceptors that run after `AccessTokenGuard`. `Claims` are those of the
 * resource server's schema.
 *
 * @throws AuthError NOT_AUTHENTICATED where that guard did not run, RefusalException for an anonymous call
 */
export function accessToken<Claims = TokenClaims>(context: ExecutionContext): AccessToken<Claims> {
  const [server, token] = foundFor(context)
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
    options?.optional === true ? foundFor(context)[1] : accessToken(context),
)

type HandlerDecorator = ReturnType<typeof applyDecorators>

/**
 * Lets calls through whose token the policy grants, and brings `AccessTokenGuard` with it. What stands on the class, on
 * the method, or several times on one of them must all hold. `Claims` are those of the resource server's schema.
 *
 * @throws TypeError that names every problem
 */
export function Authorize<Claims = TokenClaims>(policy: Policy<Claims>, options?: AuthorizeOptions): HandlerDecorator {
  const demand = readPolicyDemand('Authorize', policy, options)
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const demands = [...reflector.getAllAndMerge('tokenward.demands', [descriptor?.value ?? target]), demand]
    applyDecorators(SetMetadata('tokenward.demands', demands), UseGuards(AccessTokenGuard))(target, name, descriptor)
  }
}

/**
 * Lets every call through without looking at its token. On a method it overrules what stands on the class. On a class it
 * is overruled by a method's own `@Authorize`, `@UseResourceServer` or `@UseGuards(AccessTokenGuard)`.
 */
export function Public(): HandlerDecorator {
  return applyDecorators(SetMetadata('tokenward.public', true))
}

/**
 * Chooses the resource server of this name, and brings `AccessTokenGuard` with it. That of a method replaces that of its
 * class. An application without such a resource server does not start.
 */
export function UseResourceServer(name: string): HandlerDecorator {
  class NamedGuard extends AccessTokenGuard {}
  Inject(resourceServerToken(name))(NamedGuard, undefined, 1) // for the container to miss it
  return applyDecorators(SetMetadata('tokenward.server', name), UseGuards(NamedGuard))
}

/** Undefined where a class or a method says nothing. What is both public and guarded is guarded. */
export function isPublic(host: Function): boolean | undefined {
  const guards = reflector.getAllAndMerge<Partial<Type>[]>('__guards__', [host]) // classes, or what they made
  if (guards.some((guard) => 'isAccessTokenGuard' in Object((guard.prototype ?? guard).constructor))) return false
  return reflector.get<true | undefined>('tokenward.public', host)
}
