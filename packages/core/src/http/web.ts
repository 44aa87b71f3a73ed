import { OptionProblems } from '../internal/option-problems.ts'
import type { WaitUntil } from '../internal/single-flight.ts'
import type { Policy } from '../policy/policy.ts'
import type { AccessToken, TokenClaims } from '../token.ts'
import type { RefusedDecision } from './decision.ts'
import type { ResourceServer } from './resource-server.ts'
import type { TokenRequest } from './token-request.ts'

/** A web `Request` as a resource server reads it. Its `Headers` join repeated fields with a comma, which is then malformed. */
export function fromRequest(request: Request): TokenRequest {
  return {
    method: request.method,
    url: request.url,
    headerValues: (name) => {
      const value = request.headers.get(name)
      return value === null ? [] : [value]
    },
  }
}

/** The answer to a request that may not pass. */
export function toResponse({ status, headers, body }: RefusedDecision): Response {
  const fields = new Headers()
  for (const [name, value] of headers) fields.append(name, value)
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: fields })
}

/** A fetch handler behind a resource server. What the host passes beside the request is handed through. */
export type ProtectedHandler<Token, Rest extends readonly unknown[], Req extends Request = Request> = (
  request: Req,
  token: Token,
  ...rest: Rest
) => Response | Promise<Response>

export interface ProtectOptions<Claims, Rest extends readonly unknown[]> {
  readonly policy?: Policy<Claims> | undefined
  /** Asks an introspected issuer again before the policy, whatever is remembered of the token. Needs a policy. */
  readonly fresh?: boolean | undefined
  /** Finds, in what the host passes beside the request, the function that anchors background work. */
  readonly waitUntil?: ((...rest: Rest) => WaitUntil | undefined) | undefined
}

/**
 * Puts a resource server in front of a fetch handler, with a policy where one is given.
 *
 * @throws TypeError that names every problem of the options
 */
export function protect<
  Claims = TokenClaims,
  Anonymous extends undefined = never,
  Rest extends readonly unknown[] = [],
  Req extends Request = Request,
>(
  server: ResourceServer<Claims, Anonymous>,
  handler: ProtectedHandler<AccessToken<Claims> | Anonymous, Rest, Req>,
  options: ProtectOptions<Claims, Rest> = {},
): (request: Req, ...rest: Rest) => Promise<Response> {
  const { policy, fresh, waitUntil } = checkProtect(handler, options)
  return async (request, ...rest) => {
    const background = { waitUntil: waitUntil?.(...rest) }
    const authenticated = await server.authenticate(fromRequest(request), background)
    if (!authenticated.granted) return answer(request, authenticated)
    const { token } = authenticated
    if (policy === undefined) return handler(request, token, ...rest)
    const authorized =
      fresh === true ? await server.authorizeFresh(token, policy, background) : server.authorize(token, policy)
    return authorized.granted ? handler(request, authorized.token, ...rest) : answer(request, authorized)
  }
}

function checkProtect<Claims, Rest extends readonly unknown[]>(
  handler: unknown,
  options: ProtectOptions<Claims, Rest>,
): ProtectOptions<Claims, Rest> {
  const problems = new OptionProblems('protect')
  problems.require(typeof handler === 'function', 'the handler must be a function')
  if (typeof options === 'function') throw problems.add('options must be an object: { policy: ... }').toError()
  const { given, checked } = problems.read(options, ['policy', 'fresh', 'waitUntil'])
  problems.function('policy', given['policy'])
  problems.boolean('fresh', given['fresh'])
  problems.require(given['fresh'] !== true || given['policy'] !== undefined, 'fresh needs a policy')
  problems.function('waitUntil', given['waitUntil'])
  problems.throwIfAny()
  return checked
}

/** RFC 9110 section 9.3.2: HEAD gets the fields of a GET and no content. */
function answer(request: Request, decision: RefusedDecision): Response {
  return toResponse(request.method === 'HEAD' ? { ...decision, body: undefined } : decision)
}
