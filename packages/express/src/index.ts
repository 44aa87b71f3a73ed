import type { AccessToken, Decision, Policy, ResourceServer, ResourceServerOptions, TokenClaims } from '@tokenward/core'
import { createRequestGate, createResourceServer, refusalError } from '@tokenward/core'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { tokenRequest } from './token-request.ts'
import { writeRefusal } from './write-refusal.ts'

declare global {
  namespace Express {
    interface Request {
      /** The token of the innermost resource server that authenticated this request; claims untyped. */
      auth?: AccessToken
    }
  }
}

export interface ExpressOptions {
  /** `write` (default) answers a refusal; `forward` passes it to the application's error middleware instead. */
  readonly refusals?: 'write' | 'forward' | undefined
}

/** A resource server in front of Express routes. */
export interface Tokenward<Claims = TokenClaims> {
  /** Lets requests with a good token through and refuses all others. */
  readonly authenticate: RequestHandler
  /** Lets requests through whose token the policy grants. Comes after `authenticate`, anywhere. */
  readonly authorize: (policy: Policy<Claims>) => RequestHandler
  /** The verified token. @throws AuthError NOT_AUTHENTICATED before `authenticate`, TOKEN_MISSING for an anonymous request */
  readonly accessToken: (request: Request) => AccessToken<Claims>
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
  options: ResourceServerOptions<Claims> & ExpressOptions,
): Tokenward<Claims>
export function tokenward<Claims = TokenClaims>(
  server: ResourceServer<Claims, undefined>,
  options?: ExpressOptions,
): Tokenward<Claims>
export function tokenward<Claims>(
  given: (ResourceServerOptions<Claims> & ExpressOptions) | ResourceServer<Claims, undefined>,
  options: ExpressOptions = {},
): Tokenward<Claims> {
  const { server, refusals } = split(given, options)
  const gate = createRequestGate(server)
  const proceed = (decision: Decision<unknown>, response: Response, next: NextFunction): void => {
    if (decision.granted) next()
    else if (refusals === 'forward') next(refusalError(decision))
    else writeRefusal(response, decision)
  }
  return {
    authenticate: function authenticate(request, response, next) {
      return gate.authenticate(request, tokenRequest(request)).then((decision) => {
        if (decision.granted && decision.token !== undefined) request.auth = decision.token as AccessToken // untyped on purpose: one global name serves every resource server
        proceed(decision, response, next)
      }, next)
    },
    authorize: (policy) =>
      function authorize(request, response, next) {
        proceed(gate.authorize(request, policy), response, next)
      },
    accessToken: (request) => gate.accessToken(request),
    resourceServer: server,
    close: server.close,
  }
}

/** Tells a resource server from the options of one: only a server can authenticate. */
function split<Claims>(
  given: (ResourceServerOptions<Claims> & ExpressOptions) | ResourceServer<Claims, undefined>,
  options: ExpressOptions,
): { server: ResourceServer<Claims, undefined>; refusals: ExpressOptions['refusals'] } {
  if ('authenticate' in given) return { server: given, refusals: options.refusals }
  const { refusals, ...serverOptions } = given
  return { server: createResourceServer(serverOptions), refusals }
}
