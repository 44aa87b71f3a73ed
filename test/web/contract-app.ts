import type { ContractApp, ContractParts } from '@tokenward/testing/contract'

import { createRequestGate, protect, toResponse } from '@tokenward/core'
import { contractApi, serve } from '@tokenward/testing/contract'

import { fetchListener } from './fetch-listener.ts'

type Handler = (request: Request) => Response | Promise<Response>

/** The API of the contract as fetch handlers. */
export function contractApp({ servers, policies }: ContractParts): Promise<ContractApp> {
  const { orders, anonymous, twoChallenges, outer, inner } = servers
  const gate = createRequestGate(orders)
  const pass = (): Response => new Response(contractApi.passed, { headers: { 'Content-Type': 'application/json' } })
  const guarded = protect(orders, pass, { policy: policies.orders })
  const handlers: Readonly<Record<string, Handler>> = {
    [contractApi.orders]: guarded,
    [contractApi.mounted]: guarded,
    [contractApi.cors]: withCors(guarded),
    [contractApi.twoChallenges]: protect(twoChallenges, pass, { policy: policies.orders }),
    [contractApi.nested]: protect(outer, protect(inner, pass, { policy: policies.orders })),
    [contractApi.anonymous]: protect(anonymous, (_request, token) =>
      Response.json({ subject: token?.subject ?? null }),
    ),
    [contractApi.brokenPolicy]: protect(orders, pass, { policy: policies.broken }),
    [contractApi.unauthenticated]: (request) => {
      const decision = gate.authorize(request, policies.orders)
      return decision.granted ? pass() : toResponse(decision)
    },
  }
  const routed: Handler = (request) =>
    handlers[new URL(request.url).pathname]?.(request) ?? new Response(null, { status: 404 })
  return serve(fetchListener(routed))
}

/** What a library for CORS does, in front of a handler. */
function withCors(handler: Handler): Handler {
  const isAllowed = (request: Request): boolean => request.headers.get('Origin') === contractApi.origin
  return async (request) => {
    const isPreflight = request.method === 'OPTIONS' && request.headers.has('Access-Control-Request-Method')
    const response = isPreflight ? new Response(null, { status: 204 }) : await handler(request)
    if (!isAllowed(request)) return response
    response.headers.set('Access-Control-Allow-Origin', contractApi.origin)
    response.headers.set('Access-Control-Expose-Headers', 'WWW-Authenticate')
    if (isPreflight) response.headers.set('Access-Control-Allow-Headers', 'Authorization')
    return response
  }
}
