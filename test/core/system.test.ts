import type { System } from '@tokenward/core'
import { createVerifier } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { AUDIENCE, outcome } from './scene.ts'

const original = globalThis.fetch
const issuer = await testIssuer({ algorithm: 'ES256' })

afterEach(() => {
  globalThis.fetch = original
})

describe('without a system', () => {
  it('the clock and the network are those of the host', async () => {
    globalThis.fetch = issuer.fetch
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })
    const past = Math.floor(Date.now() / 1000) - 60

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({ exp: past })))).toBe('TOKEN_EXPIRED')
    await verifier.close()
  })

  it('a fetch that was instrumented later is found', async () => {
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })
    let calls = 0
    globalThis.fetch = (input, init) => {
      calls += 1
      return issuer.fetch(input, init)
    }
    await verifier.warmUp()

    expect(calls).toBe(2)
    await verifier.close()
  })

  it('a timer that waits for the next attempt keeps no program alive', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    globalThis.fetch = async () => new Response(null, { status: 500 })
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })

    expect(await outcome(verifier.warmUp())).toBe('KEYS_UNAVAILABLE')
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(before)
    await verifier.close()
  })
})

describe('a system whose parts misbehave', () => {
  const throwing = (): never => {
    throw new Error('not here')
  }
  /** A verifier whose issuer fails once and then answers, with this instead of what works. */
  async function recovering(changes: Partial<System>): Promise<readonly string[]> {
    const clock = manualClock()
    let failures = 1
    const own = await testIssuer({
      algorithm: 'ES256',
      clock,
      respond: () => (failures-- > 0 ? new Response(null, { status: 500 }) : undefined),
    })
    const verifier = createVerifier({
      issuer: own.issuer,
      audience: AUDIENCE,
      system: { ...clock, fetch: own.fetch, ...changes },
    })
    const first = await outcome(verifier.verify(await own.mint()))
    await clock.advance(2)
    const second = await outcome(verifier.verify(await own.mint()))
    await verifier.close()
    return [first, second]
  }
  // casts, since the types forbid most of these
  const changes: readonly (readonly [string, Partial<System>])[] = [
    ['a timer that throws', { schedule: throwing }],
    ['a timer that answers nothing', { schedule: (() => undefined) as never }],
    ['a timer whose cancelling throws', { schedule: () => throwing }],
    ['a chance that throws', { random: throwing }],
    ['a chance that is no number', { random: (() => 'x') as never }],
    ['a chance of NaN', { random: () => NaN }],
    ['a chance above 1', { random: () => 1e9 }],
    ['a chance below 0', { random: () => -1e9 }],
  ]

  it.each(changes)('verifies and recovers with %s', async (_what, change) => {
    expect(await recovering(change)).toEqual(['KEYS_UNAVAILABLE', 'accepted'])
  })
})
