// #region adapter
import type { AccessToken, Policy, ResourceServer, TokenClaims, TokenRequest } from '@tokenward/core'
import { groupedHeaders } from '@tokenward/core'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export type Handler = (request: IncomingMessage, response: ServerResponse, token: AccessToken | undefined) => void

/** Puts a resource server in front of a handler of node:http. */
export function protect(
  server: ResourceServer<TokenClaims, undefined>,
  handler: Handler,
  policy?: Policy,
): RequestListener {
  const judge = async (request: IncomingMessage) => {
    const decision = await server.authenticate(tokenRequest(request))
    return decision.granted && policy !== undefined ? server.authorize(decision.token, policy) : decision
  }
  return (request, response) => {
    void judge(request).then((decision) => {
      if (decision.granted) return handler(request, response, decision.token)
      response.statusCode = decision.status
      for (const [name, value] of Object.entries(groupedHeaders(decision.headers))) response.setHeader(name, value)
      response.end(decision.body && JSON.stringify(decision.body))
    })
  }
}

function tokenRequest(request: IncomingMessage): TokenRequest {
  return {
    method: request.method ?? '',
    get url() {
      return `http://${request.headers.host}${request.url}`
    },
    headerValues: (name) => request.headersDistinct[name] ?? [],
  }
}
// #endregion
