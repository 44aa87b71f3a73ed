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
export type ProtectedHandler<Token, Rest extends readonly unknown[]> = (
  request: Request,
  token: Token,
  ...rest: Rest
) => Response | Promise<Response>

/** Puts a resource server in front of a fetch handler, with a policy where one is given. */
export function protect<
  Claims = TokenClaims,
  Anonymous extends undefined = never,
  Rest extends readonly unknown[] = [],
>(
  server: ResourceServer<Claims, Anonymous>,
  handler: ProtectedHandler<AccessToken<Claims> | Anonymous, Rest>,
  { policy }: { readonly policy?: Policy<Claims> | undefined } = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const authenticated = await server.authenticate(fromRequest(request))
    if (!authenticated.granted) return answer(request, authenticated)
    if (policy === undefined) return handler(request, authenticated.token, ...rest)
    const authorized = server.authorize(authenticated.token, policy)
    return authorized.granted ? handler(request, authorized.token, ...rest) : answer(request, authorized)
  }
}

/** RFC 9110 section 9.3.2: HEAD gets the fields of a GET and no content. */
function answer(request: Request, decision: RefusedDecision): Response {
  return toResponse(request.method === 'HEAD' ? { ...decision, body: undefined } : decision)
}
