import type {
  ResourceServer,
  Revocations,
  StandardSchema,
  TokenClaims,
  TokenwardEvent,
  Verifier,
} from '@tokenward/core'
import {
  createResourceServer,
  createVerifier,
  isAuthError,
  jwtIssuer,
  memoryRevocations,
  remoteKeys,
  tenantIssuers,
  unsafeAnyNetwork,
} from '@tokenward/core'
import type { TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'

export const AUDIENCE = 'https://api.example'
/** One issuer is fixed, the others are tenants, of which one at a time is kept open. */
export const ISSUERS = ['https://fixed.example', 'https://a.example', 'https://b.example'] as const
const [FIXED] = ISSUERS

/** What both verifiers live in. Whatever changes, changes for both at one moment. */
export interface World {
  readonly issuers: readonly TestIssuer[]
  readonly revocations: ReturnType<typeof memoryRevocations>
  /** Names of tenants that are allowed now. */
  readonly allowed: Set<string>
  readonly nowSeconds: () => number
  readonly setUnavailable: (isUnavailable: boolean) => void
  readonly setDown: (isDown: boolean) => void
  /** Lets time pass, with all the timers that run meanwhile. */
  readonly pass: (seconds: number) => Promise<void>
  /** Sets the clock forth or back; no timer runs. */
  readonly jump: (seconds: number) => void
  readonly remembering: Side
  readonly forgetting: Side
}

export interface Side {
  /** What comes of the token: all that the caller is given. */
  readonly verify: (token: string, fresh: boolean) => Promise<unknown>
  readonly verifier: Verifier
  readonly events: readonly TokenwardEvent[]
  readonly asked: readonly string[]
  /** How often the claims schema was asked. */
  readonly whole: () => number
  readonly settled: () => Promise<void>
}

/** @param isShareable whether what the claims schema makes can be given to everybody, or is made anew each time */
export async function world(maxTokens: number, isShareable: boolean): Promise<World> {
  const clock = manualClock()
  let skewMs = 0
  let isDown = false
  let isUnavailable = false
  const now = (): number => clock.now() + skewMs
  const issuers = await Promise.all(ISSUERS.map((issuer) => testIssuer({ issuer, algorithm: 'ES256', clock: { now } })))
  const revocations = memoryRevocations({ system: { now } })
  const allowed = new Set<string>(ISSUERS)
  const asking: Revocations = {
    check: (token) => (isUnavailable ? 'unavailable' : revocations.check(token)),
    get needsTokenHash() {
      return revocations.needsTokenHash
    },
  }
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (isDown) throw new TypeError('fetch failed')
    const issuer = issuers.find((one) => url.startsWith(one.issuer))
    return issuer === undefined ? new Response(null, { status: 404 }) : issuer.fetch(url, init)
  }
  const side = (cache: false | { readonly maxTokens: number }): Side =>
    sideOf(cache, isShareable, {
      fetch,
      now,
      schedule: clock.schedule,
      allow: (name) => allowed.has(name),
      revocations: asking,
    })
  const [remembering, forgetting] = [side({ maxTokens }), side(false)]
  return {
    issuers,
    revocations,
    allowed,
    nowSeconds: () => Math.floor(now() / 1000),
    setUnavailable: (isSo) => void (isUnavailable = isSo),
    setDown: (isSo) => void (isDown = isSo),
    pass: clock.advance,
    jump: (seconds) => void (skewMs += seconds * 1000),
    remembering,
    forgetting,
  }
}

interface Surroundings {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly now: () => number
  readonly schedule: (delayMs: number, run: () => void) => () => void
  readonly allow: (name: string) => boolean
  readonly revocations: Revocations
}

function sideOf(
  cache: false | { readonly maxTokens: number },
  isShareable: boolean,
  { fetch, now, schedule, allow, revocations }: Surroundings,
): Side {
  const asked: string[] = []
  let whole = 0
  const events: TokenwardEvent[] = []
  const open = (issuer: string) => jwtIssuer({ issuer, keys: remoteKeys(`${issuer}/jwks`) })
  const verifier = createVerifier({
    issuer: [open(FIXED), tenantIssuers({ allow, network: unsafeAnyNetwork, mostOpen: 1, resolve: open })],
    audience: AUDIENCE,
    cache,
    revocations,
    claims: withRole(() => {
      whole += 1
      return isShareable ? ['reader'] : new Set(['reader'])
    }),
    system: {
      now,
      schedule,
      random: () => 0.5,
      fetch: (url, init) => {
        asked.push(url)
        return fetch(url, init)
      },
    },
    onEvent: (event) => {
      if (event.type !== 'verifier-built-repeatedly') events.push(event)
    },
  })
  const landed = (): number =>
    events.filter(({ type }) => type === 'keys-refreshed' || type === 'keys-refresh-failed').length
  const server = createResourceServer({ verifier })
  let count = 0
  return {
    // in turn by itself and over HTTP, which knows a remembered token before it reads it
    verify: (token, fresh) => {
      count += 1
      return fresh || count % 2 === 0 ? answerOf(verifier, token, fresh) : answerOverHttp(server, token)
    },
    verifier,
    events,
    asked,
    whole: () => whole,
    settled: async () => {
      // every fetch ends in one of these events
      for (let turn = 0; landed() < asked.length && turn < 10_000; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

function withRole(roles: () => unknown): StandardSchema<{ readonly roles: unknown; readonly all: TokenClaims }> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (claims) => {
        const all = claims as TokenClaims // a verifier shows a schema nothing but claims
        const value = { roles: roles(), all }
        return all['role'] === 'none' ? { issues: [{ message: 'no role' }] } : { value }
      },
    },
  }
}

async function answerOverHttp(server: Pick<ResourceServer<object>, 'authenticate'>, token: string): Promise<unknown> {
  const decision = await server.authenticate({
    method: 'GET',
    url: AUDIENCE,
    headerValues: () => [`Bearer ${token}`],
  })
  if (decision.granted) return { accepted: { ...decision.token }, raw: decision.token.raw }
  const { error, ...answer } = decision
  return { code: error.code, message: error.message, ...answer }
}

async function answerOf(verifier: Verifier, token: string, fresh: boolean): Promise<unknown> {
  try {
    const accepted = await verifier.verify(token, { fresh })
    return { accepted: { ...accepted }, raw: accepted.raw }
  } catch (error) {
    if (!isAuthError(error)) throw error
    const { code, message, status, retryAfterSeconds } = error
    return { code, message, status, retryAfterSeconds }
  }
}
