import type { KeySnapshot, TokenwardEvent, Verifier, VerifierOptions } from '@tokenward/core'
import { createVerifier } from '@tokenward/core'
import type { ManualClock, TestAlgorithm, TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'
import { AUDIENCE } from '../scene.ts'

/** An issuer, an export of its keys made now by a verifier that is gone, and cold verifiers that start with it. */
export interface Seeded {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  /** As it comes back from storage. */
  readonly seed: KeySnapshot
  readonly events: TokenwardEvent[]
  readonly requests: () => number
  readonly cut: (isCut?: boolean) => void
  readonly cold: (options?: Partial<Pick<VerifierOptions, 'issuer' | 'seedKeys' | 'system'>>) => Verifier
  /** A token that is good at this moment. */
  readonly token: () => Promise<string>
}

export async function seeded({
  algorithm = 'ES256',
  cacheControl,
}: { algorithm?: TestAlgorithm; cacheControl?: string } = {}): Promise<Seeded> {
  const clock = manualClock()
  let isCut = false
  const issuer: TestIssuer = await testIssuer({
    algorithm,
    clock,
    respond: (url) => {
      if (isCut) return Promise.reject(new TypeError('fetch failed'))
      if (cacheControl === undefined || !url.endsWith('/jwks')) return undefined
      return Response.json(issuer.jwks(), { headers: { 'cache-control': cacheControl } })
    },
  })
  const system = { ...clock, fetch: issuer.fetch, random: () => 0 }
  const first = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, system })
  await first.warmUp()
  await first.close()
  const seed = stored(first.exportKeys())
  const before = issuer.requests.length
  const events: TokenwardEvent[] = []
  return {
    clock,
    issuer,
    seed,
    events,
    requests: () => issuer.requests.length - before,
    cut: (cut = true) => {
      isCut = cut
    },
    cold: (options = {}) =>
      createVerifier({
        issuer: issuer.issuer,
        audience: AUDIENCE,
        system,
        seedKeys: seed,
        onEvent: (event) => void events.push(event),
        ...options,
      }),
    token: async () => issuer.mint(),
  }
}

/** What storage makes of a snapshot. */
export function stored(snapshot: KeySnapshot): KeySnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as KeySnapshot // JSON in, the same JSON out
}
