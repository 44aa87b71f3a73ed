import type { AccessToken, AdapterInput, AdapterOptions, AnyClaims, Policy, TokenClaims } from '@tokenward/core'
import { createRequestGate, fromNodeRequest, readAdapterInput, readPolicyDemand, setAuth } from '@tokenward/core'
import type { FastifyContextConfig, FastifyInstance, FastifyPluginAsync } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { AnyReply, AnyRequest, Done } from './fastify-types.ts'
import { innermost, proceed, protection } from './protection.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The token that the resource server around this route found; claims untyped. */
    auth?: AccessToken | undefined
  }
  interface FastifyContextConfig {
    /** What Tokenward asks of requests for this route. */
    tokenward?: RouteProtection | undefined
  }
}

/** What `createResourceServer` takes; or what it made. That stays yours to close, and so does a `verifier`. */
export type TokenwardOptions = AdapterInput<AnyClaims> & AdapterOptions

/** What a route says in `config.tokenward` about its own protection. */
export interface RouteProtection {
  /** Lets every request through, without looking at its Authorization field. Goes with nothing else. */
  readonly public?: boolean | undefined
  /** What a token must be allowed to do. A method, so that a policy over the claims of a schema fits as well. */
  policy?(token: AccessToken, nowSeconds: number): ReturnType<Policy>
  /** Asks an introspected issuer again, whatever is remembered of the token: a revocation takes effect at once. */
  readonly fresh?: boolean | undefined
}

export type AuthorizeOptions = Pick<RouteProtection, 'fresh'>

/** For `onRequest`, `preParsing`, `preValidation` and `preHandler`, of a route or of a context. */
export type AuthorizeHook = (request: AnyRequest, reply: AnyReply, ...rest: [...unknown[], done: Done]) => void

const about = { fastify: '5.x', name: '@tokenward/fastify' }

/**
 * Protects the routes of the context that registers it, and of the contexts below, with access tokens. Where one of
 * those registers it again, the innermost alone decides.
 *
 * `register` rejects with a TypeError that names every problem of the options, and with an Error where the context has
 * a resource server already.
 */
export const tokenward: FastifyPluginAsync<TokenwardOptions> = fastifyPlugin(protect, about)

async function protect(context: FastifyInstance, options: TokenwardOptions): Promise<void> {
  if (Object.hasOwn(context, protection)) throw new Error('tokenward: this context has a resource server already')
  const beside = 'authenticate' in options ? { refusals: options.refusals } : undefined
  const { server, refusals } = readAdapterInput<AnyClaims>('tokenward', options, beside)
  const own = { gate: createRequestGate(server), refusals }
  context.decorate(protection, own)
  if (!context.hasRequestDecorator('auth')) context.decorateRequest('auth')
  if ('issuer' in options) context.addHook('onClose', () => server.close())
  context.addHook('onRoute', (route) => void demandOf(route)) // only hears of routes that come later
  context.addHook('onRequest', function authenticate(request, reply, done) {
    if (innermost(request) !== own) return done()
    const demand = demandOf(request.routeOptions)
    if (demand === 'public') return done()
    const settled: Parameters<typeof own.gate.authenticateThen>[2] = (decision) => {
      setAuth(request, decision)
      if (decision.granted && demand !== undefined) demand(request, reply, done)
      else proceed(own, decision, reply, done)
    }
    own.gate.authenticateThen(request, fromNodeRequest(request), settled, done)
  })
}

/** What a route asks beyond a good token: a policy, nothing, or not even the token. */
type Demand = AuthorizeHook | 'public' | undefined

const demands = new WeakMap<object, Demand>()

/** What was checked is what is used, whatever becomes of the original. @throws TypeError that names the route */
function demandOf(route: { readonly config?: FastifyContextConfig; readonly url?: string | undefined }): Demand {
  const given = route.config?.tokenward
  if (given === undefined || demands.has(given)) return given && demands.get(given)
  const subject = `tokenward: config of the route ${route.url}`
  const { public: isPublic = false, ...others } = Object(given) as RouteProtection // or nothing, if it is no object
  const isAlone = Object.keys(others).length === 0
  const isWrong = Object(given) !== given || typeof isPublic !== 'boolean' || (isPublic && !isAlone)
  if (isWrong) throw new TypeError(`${subject}: it must be an object, and public: true stands alone in it`)
  const demanded = isAlone ? undefined : authorizeHook(subject, others)
  return demands.set(given, isPublic ? 'public' : demanded).get(given)
}

/**
 * A hook that lets requests through whose token the policy grants. `Claims` are those of the resource server.
 *
 * @throws TypeError that names every problem
 */
export function authorize<Claims = TokenClaims>(policy: Policy<Claims>, options: AuthorizeOptions = {}): AuthorizeHook {
  return authorizeHook('authorize', { ...options, policy } as RouteProtection) // whatever its claims
}

function authorizeHook(subject: string, { policy: given, ...options }: RouteProtection): AuthorizeHook {
  const { policy, fresh } = readPolicyDemand<AnyClaims>(subject, given, options)
  return function authorizeRequest(request, reply, ...rest) {
    const done = rest.at(-1) as Done // as the type says, and JavaScript may not
    if (typeof done !== 'function') throw new TypeError('authorize: this hook is for Fastify to call')
    const own = innermost(request)
    if (!fresh) return proceed(own, own.gate.authorize(request, policy), reply, done)
    const answer = own.gate.authorizeFresh(request, policy)
    answer.then((decision) => proceed(own, decision, reply, done)).catch(done)
  }
}

/**
 * The verified token. `Claims` are those of the resource server's schema.
 *
 * @throws AuthError NOT_AUTHENTICATED where no resource server authenticated the request, TOKEN_MISSING for an
 *   anonymous one
 */
export function accessToken<Claims = TokenClaims>(request: AnyRequest): AccessToken<Claims> {
  return innermost(request).gate.accessToken(request)
}
