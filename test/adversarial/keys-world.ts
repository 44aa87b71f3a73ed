import type { AccessToken, AuthError, IssuerStatus, JwtIssuerOptions, TokenwardEvent, Verifier } from '@tokenward/core'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'

import { createVerifier, isAuthError, jwtIssuer } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'

/** How an issuer answers one request: a response, nothing at all, or `undefined` for what it would usually say. */
export type Answer = (asked: Asked) => Response | Promise<Response> | undefined

export interface Asked {
  readonly url: string
  readonly headers: Headers
  /** Aborted when the one who asked no longer waits. */
  readonly signal: AbortSignal | undefined
}

/** A verifier with one issuer, whose every answer a test decides, on a clock that stands still. */
export interface KeysWorld {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  readonly verifier: Verifier
  readonly events: readonly TokenwardEvent[]
  /** Everything that was asked so far. */
  readonly asked: readonly Asked[]
  /** From now on this is how these locations answer. */
  answer(location: 'metadata' | 'jwks' | 'both', answer: Answer): void
  /** How often the JWK Set was asked for. */
  keyFetches(): number
  /** `granted`, or the code of the refusal. */
  outcome(token: string): Promise<string>
  refusal(token: string): Promise<AuthError>
  verify(token: string): Promise<AccessToken>
  status(): IssuerStatus
}

export type WorldOptions = TestIssuerOptions & {
  readonly changes?: Partial<Omit<JwtIssuerOptions<undefined>, 'audience'>>
  /** Replaces the clock's timers. */
  readonly schedule?: ManualClock['schedule']
  readonly random?: () => number
}

export async function keysWorld({
  changes,
  schedule,
  random = () => 0,
  ...options
}: WorldOptions = {}): Promise<KeysWorld> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock, ...options })
  const asked: Asked[] = []
  const answers: Record<'metadata' | 'jwks', Answer> = { metadata: () => undefined, jwks: () => undefined }
  const isKeys = ({ url }: Asked): boolean => !url.includes('/.well-known/')
  const ask = async (url: string, init: RequestInit): Promise<Response> => {
    const one: Asked = { url, headers: new Headers(init.headers), signal: init.signal ?? undefined }
    asked.push(one)
    return (await answers[isKeys(one) ? 'jwks' : 'metadata'](one)) ?? issuer.fetch(url, init)
  }
  const events: TokenwardEvent[] = []
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer: issuer.issuer, ...changes }),
    audience: 'https://api.example',
    system: { now: clock.now, schedule: schedule ?? clock.schedule, fetch: ask, random },
    onEvent: (event) => void events.push(event),
  })
  return {
    clock,
    issuer,
    verifier,
    events,
    asked,
    answer(location, answer) {
      if (location !== 'jwks') answers.metadata = answer
      if (location !== 'metadata') answers.jwks = answer
    },
    keyFetches: () => asked.filter(isKeys).length,
    outcome: async (token) => {
      const [result] = await Promise.allSettled([verifier.verify(token)])
      return result.status === 'fulfilled' ? 'granted' : codeOf(result.reason)
    },
    refusal: async (token) => {
      const [result] = await Promise.allSettled([verifier.verify(token)])
      if (result.status === 'rejected' && isAuthError(result.reason)) return result.reason
      throw new Error('expected a refusal')
    },
    verify: (token) => verifier.verify(token),
    status: () => {
      const [only] = verifier.status().issuers
      if (only === undefined) throw new Error('expected one issuer')
      return only
    },
  }
}

function codeOf(reason: unknown): string {
  return isAuthError(reason) ? reason.code : String(reason)
}

export const minutes = (count: number): number => count * 60

/** An answer of that status. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  return () => new Response('{}', { status: code, headers: { 'content-type': 'application/json', ...headers } })
}

/** An answer of exactly this body. */
export function body(text: string | Uint8Array<ArrayBuffer>, contentType = 'application/json'): Answer {
  return () => new Response(text, { headers: { 'content-type': contentType } })
}

/** As the network does when nobody listens. */
export const unreachable: Answer = () =>
  Promise.reject(
    new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
  )

/** Takes the request and says nothing until the one who asked gives up. */
export const hanging: Answer = ({ signal }) =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason)
    })
  })

/** Not even an abort settles it, as on runtimes that cut off what a cancelled request began. */
export const lost: Answer = () => new Promise(() => {})

export const usual: Answer = () => undefined
