import type {
  AccessToken,
  AdapterInput,
  AdapterOptions,
  AuthorizeOptions,
  Decision,
  Policy,
  ResourceServer,
  ResourceServerOptions,
  TokenClaims,
} from '@tokenward/core'
import { createRequestGate, readAdapterInput, readPolicyDemand, refusalError, setAuth } from '@tokenward/core'
import type { NextFunction, Request, Response } from 'express'
import type { AnyRequest, AnyResponse } from './any-request.ts'
import { ExpressTokenRequest } from './token-request.ts'
import { writeRefusal } from './write-refusal.ts'

export type { AdapterOptions, AuthorizeOptions } from '@tokenward/core'

declare global {
  namespace Express {
    interface Request {
      /** The token of the innermost resource server that authenticated this request; claims untyped. */
      auth?: AccessToken | undefined
    }
  }
}

/** A request handler that leaves the types of a route alone: its parameters, bodies, query and locals. */
export type Middleware = <P, ResBody, ReqBody, Query, Locals extends Record<string, unknown>>(
  request: Request<P, ResBody, ReqBody, Query, Locals>,
  response: Response<ResBody, Locals>,
  next: NextFunction,
) => void

/** A resource server in front of Express routes. */
export interface Tokenward<Claims = TokenClaims> {
  /** Lets requests with a good token through and refuses all others. */
  readonly authenticate: Middleware
  /** Lets requests through whose token the policy grants. Comes after `authenticate`, anywhere. @throws TypeError that names every problem */
  readonly authorize: (policy: Policy<Claims>, options?: AuthorizeOptions) => Middleware
  /** The verified token. @throws AuthError NOT_AUTHENTICATED before `authenticate`, TOKEN_MISSING for an anonymous request */
  readonly accessToken: (request: AnyRequest) => AccessToken<Claims>
  readonly resourceServer: ResourceServer<Claims, undefined>
  readonly close: () => Promise<void>
}

/**
 * Protects Express 4 and 5 applications with access tokens.
 *
 * @param options what `createResourceServer` takes, or a resource server
 * @throws TypeError that names every problem of the options
 */
export function tokenward<Claims = TokenClaims>(
  options: ResourceServerOptions<Claims> & AdapterOptions,
): Tokenward<Claims>
export function tokenward<Claims = TokenClaims>(
  server: ResourceServer<Claims, undefined>,
  options?: AdapterOptions,
): Tokenward<Claims>
export function tokenward<Claims>(input: AdapterInput<Claims>, options?: AdapterOptions): Tokenward<Claims> {
  const { server, refusals } = readAdapterInput('tokenward', input, options)
  const gate = createRequestGate(server)
  const proceed = (decision: Decision<unknown>, response: AnyResponse, next: NextFunction): void => {
    if (decision.granted) return next()
    if (refusals === 'forward') return next(refusalError(decision))
    const failure = writeRefusal(response, decision)
    if (failure !== undefined) next(failure)
  }
  return {
    authenticate: function authenticate(request, response, next) {
      const settled = (decision: Decision<AccessToken<Claims> | undefined>): void => {
        setAuth(request, decision)
        proceed(decision, response, next)
      }
      gate.authenticateThen(request, new ExpressTokenRequest(request), settled, next)
    },
    authorize: (given, asked) => {
      const { policy, fresh } = readPolicyDemand('authorize', given, asked)
      if (!fresh) return (request, response, next) => proceed(gate.authorize(request, policy), response, next)
      return (request, response, next) => {
        gate.authorizeFresh(request, policy).then((decision) => proceed(decision, response, next), next)
      }
    },
    accessToken: (request) => gate.accessToken(request),
    resourceServer: server,
    close: server.close,
  }
}
