import type {
  AccessToken,
  Audience,
  StandardSchema,
  System,
  TokenClaims,
  TokenwardEvent,
  TrustedIssuer,
  Verifier,
  VerifierOptions,
  VerifyOptions,
} from '@tokenward/core'
import { createVerifier, isAuthError } from '@tokenward/core'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'
import { expect } from 'vitest'
import { AUDIENCE } from '../scene.ts'

/** Two verifiers in one world, alike but for their memory: one remembers verified tokens, the other none. */
export interface Pair {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  readonly remembering: Verifier
  readonly forgetting: Verifier
  /** How often the remembering verifier went all the way, which leads through the claims schema. */
  readonly whole: () => number
  /** Every URL that the remembering verifier asked for. */
  readonly asked: readonly string[]
  /** What the remembering verifier reported. */
  readonly events: readonly TokenwardEvent[]
  /** Sets the clock forth or back, as if nobody had waited: no timer runs. */
  readonly jump: (seconds: number) => void
  readonly cut: (isCut?: boolean) => void
  /** Has both verify the token until one of them remembers it, which is then proved. */
  readonly remember: (...tokens: readonly string[]) => Promise<void>
  /** `accepted`, or the code of the refusal. Fails unless both say, report and ask for the same. */
  readonly verdict: (token: string, options?: VerifyOptions) => Promise<string>
}

type Changes = Omit<VerifierOptions, 'issuer' | 'audience' | 'system' | 'onEvent'> & {
  readonly issuer?: TrustedIssuer | readonly TrustedIssuer[]
  readonly audience?: Audience
  /** Of the issuer that is there. */
  readonly on?: TestIssuerOptions
}

export async function pair({ on = {}, cache, claims, ...changes }: Changes = {}): Promise<Pair> {
  const clock = manualClock()
  let skewMs = 0
  let isCut = false
  const now = (): number => clock.now() + skewMs
  const issuer = await testIssuer({ algorithm: 'ES256', clock: { now }, ...on })
  const fetch = (url: string, init: RequestInit): Promise<Response> =>
    isCut ? Promise.reject(new TypeError('fetch failed')) : issuer.fetch(url, init)
  const side = (own: Pick<VerifierOptions, 'cache'>): Side =>
    sideOf({ issuer: issuer.issuer, audience: AUDIENCE, ...changes, ...own }, claims, { ...clock, now, fetch })
  const [one, other] = [side({ cache }), side({ cache: false })]

  const verdict: Pair['verdict'] = async (token, options) => {
    const answer = await answerOf(one.verifier.verify(token, options))
    expect(answer).toEqual(await answerOf(other.verifier.verify(token, options)))
    await clock.advance(0)
    expect(byType(one.events)).toEqual(byType(other.events))
    expect(one.asked).toEqual(other.asked)
    expect(one.verifier.status()).toEqual(other.verifier.status())
    return answer.code
  }
  return {
    clock,
    issuer,
    remembering: one.verifier,
    forgetting: other.verifier,
    whole: one.whole,
    asked: one.asked,
    events: one.events,
    jump: (seconds) => void (skewMs += seconds * 1000),
    cut: (cut = true) => void (isCut = cut),
    remember: async (...tokens) => {
      for (const token of [...tokens, ...tokens]) expect(await verdict(token)).toBe('accepted')
      const before = one.whole()
      for (const token of tokens) expect(await verdict(token)).toBe('accepted')
      expect(one.whole()).toBe(before)
    },
    verdict,
  }
}

/** A refresh that nobody waits for may end before a signature check or after it. */
function byType(events: readonly TokenwardEvent[]): readonly TokenwardEvent[] {
  return events.toSorted((one, other) => one.type.localeCompare(other.type))
}

interface Side {
  readonly verifier: Verifier
  readonly whole: () => number
  readonly asked: readonly string[]
  readonly events: readonly TokenwardEvent[]
}

function sideOf(
  options: VerifierOptions,
  claims: StandardSchema<TokenClaims> = anything,
  { fetch, ...system }: Partial<System> & Pick<System, 'fetch'>,
): Side {
  const asked: string[] = []
  const events: TokenwardEvent[] = []
  const counted = counting(claims)
  const verifier = createVerifier({
    ...options,
    claims: counted.schema,
    system: {
      ...system,
      random: () => 0,
      fetch: (url, init) => {
        asked.push(url)
        return fetch(url, init)
      },
    },
    onEvent: (event) => {
      if (event.type !== 'verifier-built-repeatedly') events.push(event)
    },
  })
  return { verifier, whole: counted.asked, asked, events }
}

/** The token as everybody sees it and its `raw`, or the refusal with all that is in it. */
async function answerOf(work: Promise<AccessToken>): Promise<Readonly<Record<string, unknown>> & { code: string }> {
  try {
    const token = await work
    return { code: 'accepted', token: { ...token }, raw: token.raw }
  } catch (error) {
    if (!isAuthError(error)) throw error
    const { code, message, status, retryAfterSeconds } = error
    return { code, message, status, retryAfterSeconds }
  }
}

/** A schema and how often it was asked: what is remembered is not asked about again. */
export function counting<Claims>(schema: StandardSchema<Claims>): {
  readonly schema: StandardSchema<Claims>
  readonly asked: () => number
} {
  let count = 0
  const { validate, ...standard } = schema['~standard']
  const counted = (value: unknown): ReturnType<typeof validate> => {
    count += 1
    return validate(value)
  }
  return { schema: { '~standard': { ...standard, validate: counted } }, asked: () => count }
}

/** A schema that makes of the claims what `make` does. */
export function making<Claims>(make: (claims: TokenClaims) => Claims): StandardSchema<Claims> {
  // a cast, since a verifier shows its schema nothing but claims
  const validate = (claims: unknown): { value: Claims } => ({ value: make(claims as TokenClaims) })
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

const anything = making((claims) => claims)
