import { describe, expect, it } from 'vitest'
import { gate } from '../../support/answers.ts'
import { outcome, refusalOf } from '../scene.ts'
import type { Seeded } from './seeded.ts'
import { seeded } from './seeded.ts'

const LIFE = 600
const MINUTE = 60
const HOUR = 3600

/** A network that answers when a gate opens. */
function gated({ issuer, clock }: Seeded) {
  const { opened, open } = gate()
  let asked = 0
  const fetch = async (url: string, init: RequestInit) => {
    asked += 1
    await opened
    return issuer.fetch(url, init)
  }
  return { system: { ...clock, fetch, random: () => 0 }, open, asked: () => asked }
}

describe('a seed in the first 80 % of its life', () => {
  it('verifies without a fetch', async () => {
    const { clock, cold, token, requests } = await seeded()
    await clock.advance(0.8 * LIFE - 1)
    const verifier = cold()
    expect(verifier.status().issuers).toMatchObject([{ state: 'fresh', keyCount: 1, secondsSinceSuccess: 479 }])
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    expect(requests()).toBe(0)
  })

  it('is refreshed by a timer once it was used, as fetched keys are', async () => {
    const { clock, cold, token, requests } = await seeded()
    const verifier = cold()
    await verifier.verify(await token())
    await clock.advance(0.9 * LIFE)
    expect(requests()).toBe(2)
    expect(verifier.status().issuers[0]?.secondsSinceSuccess).toBeLessThan(0.2 * LIFE)
  })

  it('that nobody uses causes nothing at all', async () => {
    const { clock, cold, requests, events } = await seeded()
    cold()
    await clock.advance(2 * HOUR)
    expect(requests()).toBe(0)
    expect(events).toEqual([])
  })

  it('needs no fetch for warmUp', async () => {
    const { cold, requests } = await seeded()
    await cold().warmUp()
    expect(requests()).toBe(0)
  })
})

describe('a seed at 85 % of its life', () => {
  it('verifies 1,000 tokens at once, with one fetch behind them', async () => {
    const scene = await seeded()
    await scene.clock.advance(0.85 * LIFE)
    const { system, open, asked } = gated(scene)
    const verifier = scene.cold({ system })
    const token = await scene.token()

    const outcomes = await Promise.all(Array.from({ length: 1000 }, async () => outcome(verifier.verify(token))))
    expect(new Set(outcomes)).toEqual(new Set(['accepted'])) // and the network has not answered yet
    expect(asked()).toBe(1)
    open()
    await scene.clock.advance(0)
    expect(asked()).toBe(2) // metadata and keys: one fetch
    expect(verifier.status().issuers).toMatchObject([{ state: 'fresh', secondsSinceSuccess: 0 }])
  })

  it('goes on serving while the refresh fails', async () => {
    const { clock, cold, token, cut } = await seeded()
    await clock.advance(0.85 * LIFE)
    cut()
    const verifier = cold()
    for (let n = 0; n < 5; n += 1) expect(await outcome(verifier.verify(await token()))).toBe('accepted')
  })

  it('is still answered behind up to a minute past its life', async () => {
    const scene = await seeded()
    await scene.clock.advance(LIFE + MINUTE - 1)
    const { system } = gated(scene)
    expect(await outcome(scene.cold({ system }).verify(await scene.token()))).toBe('accepted')
  })
})

describe('a seed past its life', () => {
  it('makes the first requests wait for one fetch, and is replaced', async () => {
    const scene = await seeded()
    const { clock, issuer } = scene
    const old = await issuer.mint({ exp: clock.nowSeconds() + HOUR })
    await issuer.rotate()
    await clock.advance(LIFE + MINUTE)
    const { system, open, asked } = gated(scene)
    const verifier = scene.cold({ system })
    const token = await scene.token()
    let settled = 0
    const outcomes = Promise.all(
      [...Array.from({ length: 100 }, () => token), old].map(async (sent) => {
        const told = await outcome(verifier.verify(sent))
        settled += 1
        return told
      }),
    )
    await clock.advance(0)
    expect(settled).toBe(0)
    open()

    expect(await outcomes).toEqual([...Array.from({ length: 100 }, () => 'accepted'), 'KEY_UNKNOWN'])
    expect(asked()).toBeLessThanOrEqual(3) // metadata and keys, and once more for the key that is gone
  })

  it.each([
    ['at once', LIFE + MINUTE],
    ['to the hour', LIFE + HOUR - 1],
  ])('serves through an outage, %s, and says that it is stale', async (_, age) => {
    const { clock, cold, token, cut, events } = await seeded()
    await clock.advance(age)
    cut()
    const verifier = cold()
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    expect(verifier.status().issuers).toMatchObject([{ state: 'stale', keyCount: 1, secondsSinceSuccess: age }])
    expect(events).toContainEqual(expect.objectContaining({ type: 'stale-keys-served', ageSeconds: age }))
  })

  it('by more than an hour serves nobody: 503 in an outage, one fetch otherwise', async () => {
    const { clock, cold, token, cut, requests } = await seeded()
    await clock.advance(LIFE + HOUR)
    cut()
    const verifier = cold()
    const refusal = await refusalOf(verifier.verify(await token()))
    expect(refusal).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(refusal.retryAfterSeconds).toBeGreaterThanOrEqual(1)
    expect(verifier.status().issuers).toMatchObject([{ state: 'keyless', keyCount: 0 }])
    cut(false)
    const before = requests()
    expect(await outcome(cold().verify(await token()))).toBe('accepted')
    expect(requests() - before).toBe(2)
  })

  it('runs out while it serves: an hour past its life, and not a second more', async () => {
    const { clock, cold, token, cut } = await seeded()
    cut()
    const verifier = cold()
    await verifier.verify(await token())
    await clock.advance(LIFE + HOUR - 1)
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    await clock.advance(1)
    expect(await outcome(verifier.verify(await token()))).toBe('KEYS_UNAVAILABLE')
  })
})

describe('a seed that knows less than the issuer', () => {
  it('is replaced when a token names a key id that it lacks', async () => {
    const { cold, issuer, requests } = await seeded()
    const old = issuer.key
    await issuer.rotate()
    const verifier = cold()

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(requests()).toBe(2)
    expect(await outcome(verifier.verify(await issuer.mint({}, { key: old })))).toBe('KEY_UNKNOWN')
  })

  it('answers a key id that nobody has with 401 after one fetch, and with 503 in an outage', async () => {
    for (const [isCut, told] of [
      [false, 'KEY_UNKNOWN'],
      [true, 'KEYS_UNAVAILABLE'],
    ] as const) {
      const { cold, issuer, cut } = await seeded()
      cut(isCut)
      const verifier = cold()
      expect(await outcome(verifier.verify(await issuer.mint({}, { header: { kid: 'nobody' } })))).toBe(told)
      expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    }
  })
})

describe('a seed from a clock that was ahead', () => {
  it('by a little verifies at once and is refreshed behind', async () => {
    const scene = await seeded()
    const seedKeys = scene.seed.map((entry) => ({ ...entry, fetchedAtSeconds: entry.fetchedAtSeconds + 120 }))
    const { system, open } = gated(scene)
    const verifier = scene.cold({ seedKeys, system })
    expect(await outcome(verifier.verify(await scene.token()))).toBe('accepted')
    open()
    await scene.clock.advance(0)
    expect(verifier.status().issuers).toMatchObject([{ state: 'fresh', secondsSinceSuccess: 0 }])
  })

  it('by years does not live for years: without the issuer it serves nobody after its life and an hour', async () => {
    const { clock, cold, seed, token, cut } = await seeded()
    const seedKeys = seed.map((entry) => ({ ...entry, fetchedAtSeconds: entry.fetchedAtSeconds + 10 * 365 * 86_400 }))
    cut()
    const verifier = cold({ seedKeys })
    await outcome(verifier.verify(await token()))
    await clock.advance(LIFE + HOUR + MINUTE)
    expect(await outcome(verifier.verify(await token()))).toBe('KEYS_UNAVAILABLE')
  })

  it('by years is replaced as soon as the issuer answers', async () => {
    const { cold, seed, token, issuer, clock } = await seeded()
    const old = issuer.key
    const seedKeys = seed.map((entry) => ({ ...entry, fetchedAtSeconds: entry.fetchedAtSeconds + 10 * 365 * 86_400 }))
    await issuer.rotate()
    const verifier = cold({ seedKeys })
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    await clock.advance(1)
    expect(await outcome(verifier.verify(await issuer.mint({}, { key: old })))).toBe('KEY_UNKNOWN')
    expect(verifier.status().issuers).toMatchObject([{ state: 'fresh' }])
  })
})

describe('a seed that claims a longer life than any issuer may give', () => {
  it('lives no longer than an hour', async () => {
    const { clock, cold, seed, token, cut } = await seeded()
    const verifier = cold({ seedKeys: seed.map((entry) => ({ ...entry, lifeSeconds: 1e9 })) })
    await clock.advance(2 * HOUR)
    cut()
    expect(await outcome(verifier.verify(await token()))).toBe('KEYS_UNAVAILABLE')
  })
})
