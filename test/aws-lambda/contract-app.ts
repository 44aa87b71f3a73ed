import type { ContractApp, ContractParts } from '@tokenward/testing/contract'
import type { RequestListener } from 'node:http'

import { protect, toResult } from '@tokenward/aws-lambda'
import { contractApi, serve } from '@tokenward/testing/contract'
import cors from 'cors'

import type { EventSource, Invocable } from './gateway.ts'

import { gateway } from './gateway.ts'

/** The API of the contract as Lambda functions behind a source of events. */
export function contractApp(source: EventSource) {
  return (parts: ContractParts): Promise<ContractApp> => {
    const functions = contractFunctions(parts)
    const routed: Invocable = async (event, context) => {
      const found = functions['rawPath' in event ? event.rawPath : event.path]
      return found === undefined ? { statusCode: 404 } : found(event, context)
    }
    return serve(withCors(gateway(source, routed)))
  }
}

function contractFunctions({ servers, policies }: ContractParts): Readonly<Record<string, Invocable>> {
  const { orders, anonymous, twoChallenges, outer, inner } = servers
  const pass = async () => json(contractApi.passed)
  const guarded = protect(orders, pass, { policy: policies.orders })
  const innermost = protect(inner, pass, { policy: policies.orders })
  return {
    [contractApi.orders]: guarded,
    [contractApi.mounted]: guarded,
    [contractApi.cors]: guarded,
    [contractApi.twoChallenges]: protect(twoChallenges, pass, { policy: policies.orders }),
    [contractApi.nested]: protect(outer, (event, _token, context) => innermost(event, context)),
    [contractApi.anonymous]: protect(anonymous, async (_event, token) =>
      json(JSON.stringify({ subject: token?.subject ?? null })),
    ),
    [contractApi.brokenPolicy]: protect(orders, pass, { policy: policies.broken }),
    // a function has no such place, and what an API of its own makes out of it is a refusal all the same
    [contractApi.unauthenticated]: async (event) => {
      const decision = orders.refuseUnauthenticated()
      return decision.granted ? decision.token : toResult(event, decision)
    },
  }
}

/** For every source, since each reads another member. */
function json(body: string) {
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    multiValueHeaders: { 'Content-Type': ['application/json'] },
    body,
  }
}

/** Gateways answer preflights, and add the fields to answers, by themselves. */
function withCors(listener: RequestListener): RequestListener {
  const answer = cors({ origin: contractApi.origin, exposedHeaders: ['WWW-Authenticate'] })
  return (request, response) => {
    if (!request.url?.startsWith(contractApi.cors)) return listener(request, response)
    answer(request, response, () => listener(request, response))
  }
}
