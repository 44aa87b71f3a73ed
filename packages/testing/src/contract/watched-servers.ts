import type {
  Decision,
  ErrorCode,
  Policy,
  RefusedDecision,
  ResourceServer,
  TokenRequest,
  TokenwardEvent,
  Verifier,
} from '@tokenward/core'

import { createResourceServer, createVerifier, jwtIssuer, scopes } from '@tokenward/core'

import type { ContractParts } from './contract-api.ts'
import type { World } from './world.ts'

import { SECOND_CHALLENGE } from './challenge-problems.ts'
import { NAMES } from './requests/contract-request.ts'

/** The parts of one API, and what was seen of them. */
export interface Watched {
  readonly parts: ContractParts
  /** The operator's codes of all refusals so far. */
  readonly refusals: readonly ErrorCode[]
  /** What `servers.orders` was told of requests, latest last. */
  readonly told: readonly TokenRequest[]
  /** The URLs that were asked for metadata and keys. */
  readonly asked: ReadonlySet<string>
  readonly close: () => Promise<void>
}

export function watchedServers({ issuer, clock }: Pick<World, 'issuer' | 'clock'>): Watched {
  const refusals: ErrorCode[] = []
  const told: TokenRequest[] = []
  const asked = new Set<string>()
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    asked.add(url)
    return issuer.fetch(url, init)
  }
  const onEvent = (event: TokenwardEvent): void => {
    if (event.type === 'refused') refusals.push(event.code)
  }
  const system = { now: clock.now, schedule: clock.schedule, fetch }
  const verifierFor = (audience: string): Verifier =>
    createVerifier({
      issuer: [issuer.issuer, jwtIssuer({ issuer: NAMES.unreachableIssuer })],
      audience,
      system,
      onEvent,
    })
  const verifier = verifierFor(NAMES.audience)
  const server = (realm: string, audience: string): ResourceServer =>
    createResourceServer({ verifier: verifierFor(audience), realm, onEvent, system })
  const orders = createResourceServer({ verifier, onEvent, system })
  const servers = {
    orders: reporting(orders, told),
    anonymous: createResourceServer({ verifier, anonymous: 'pass', onEvent, system }),
    twoChallenges: twofold(orders),
    outer: server('outer', NAMES.outerAudience),
    inner: server('inner', NAMES.innerAudience),
  }
  return {
    parts: { servers, policies: { orders: scopes(NAMES.scope), broken } },
    refusals,
    told,
    asked,
    close: async () => {
      await Promise.all(Object.values(servers).map(({ close }) => close()))
    },
  }
}

// A cast because a policy written in JavaScript can return anything.
const broken = (() => undefined) as unknown as Policy

/** Remembers what the adapter made of each request. */
function reporting(server: ResourceServer, told: TokenRequest[]): ResourceServer {
  return {
    ...server,
    authenticate: (request, options) => {
      told.push(request)
      return server.authenticate(request, options)
    },
  }
}

/** The same, with one more challenge in each refusal that has one. */
function twofold(server: ResourceServer): ResourceServer {
  const both = <Token>(decision: Decision<Token>): Decision<Token> =>
    decision.granted || decision.status >= 500 ? decision : withSecondChallenge(decision)
  return {
    ...server,
    authenticate: async (request, options) => both(await server.authenticate(request, options)),
    authorize: (token, policy) => both(server.authorize(token, policy)),
    authorizeFresh: async (token, policy, options) => both(await server.authorizeFresh(token, policy, options)),
    refuseUnauthenticated: () => both(server.refuseUnauthenticated()),
  }
}

function withSecondChallenge(decision: RefusedDecision): RefusedDecision {
  return { ...decision, headers: [...decision.headers, ['WWW-Authenticate', SECOND_CHALLENGE]] }
}
