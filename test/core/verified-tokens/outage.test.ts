import type { TokenwardEvent } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import type { Pair } from './pair.ts'
import { pair } from './pair.ts'

const minutes = (count: number): number => count * 60
const named = (events: readonly TokenwardEvent[], type: TokenwardEvent['type']): number =>
  events.filter((event) => event.type === type).length
const keyFetches = ({ asked }: Pair): number => asked.filter((url) => url.endsWith('/jwks')).length

/** A token that outlives every key. */
const LASTING = { exp: 1_900_000_000 }

/** Has both ask the issuer for its keys again. */
async function refresh(world: Pair): Promise<void> {
  await world.clock.advance(minutes(9) + 30)
}

describe('in an outage a remembered token', () => {
  verifies('META-REFRESH')('is good while old keys serve, and a 503 an hour after they ran out', async () => {
    const world = await pair()
    const { clock, issuer, verdict, cut } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    cut()

    await clock.advance(minutes(10))
    expect(await verdict(token)).toBe('accepted')
    for (let minute = 11; minute < 70; minute += 1) {
      await clock.advance(minutes(1))
      expect(await verdict(token)).toBe('accepted')
    }
    expect(world.remembering.status().issuers[0]).toMatchObject({ state: 'stale' })
    await clock.advance(minutes(1))
    expect(await verdict(token)).toBe('KEYS_UNAVAILABLE')
    expect(await verdict(token)).toBe('KEYS_UNAVAILABLE')
    cut(false)
    await clock.advance(minutes(5))
    await world.remember(token)
  })

  it('is a 503 where keys that ran out were not missed for an hour', async () => {
    const world = await pair()
    const { issuer, verdict, cut, jump } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    cut()
    jump(minutes(69) + 59)
    expect(await verdict(token)).toBe('accepted')
    jump(1)

    expect(await verdict(token)).toBe('KEYS_UNAVAILABLE')
  })

  it('waits for the fetch that decides, where its keys ran out and nobody knows why', async () => {
    const world = await pair()
    const { issuer, verdict, jump } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    await issuer.rotate()
    jump(minutes(11))

    expect(await verdict(token)).toBe('KEY_UNKNOWN')
    expect(keyFetches(world)).toBe(2)
  })

  it('is reported as served by old keys once per fetch that failed, and counts as used', async () => {
    const world = await pair()
    const { clock, issuer, verdict, cut } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    cut()
    await clock.advance(minutes(12))
    const fetches = keyFetches(world)
    for (let request = 0; request < 5; request += 1) expect(await verdict(token)).toBe('accepted')
    expect(named(world.events, 'stale-keys-served')).toBe(1)

    await clock.advance(minutes(5))
    for (let request = 0; request < 5; request += 1) expect(await verdict(token)).toBe('accepted')
    expect(keyFetches(world)).toBeGreaterThanOrEqual(fetches)
    expect(named(world.events, 'stale-keys-served')).toBe(2)
  })

  it.each(['empty', 'unusable'])('is judged as any other where the key set that comes is %s', async (kind) => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    issuer.withdraw(issuer.kid)
    if (kind === 'unusable') issuer.publish({ kty: 'AKP' })
    await refresh(world)

    expect(await verdict(token)).toBe(kind === 'empty' ? 'KEYS_UNAVAILABLE' : 'accepted')
  })
})

describe('a request with a remembered token', () => {
  it.each([
    [-1, 1],
    [0, 2],
  ])(
    '%d s from four fifths of the life of its keys leaves them fetched %d times, and waits for none',
    async (at, times) => {
      const world = await pair()
      const { issuer, verdict, whole, jump } = world
      const token = await issuer.mint(LASTING)
      await world.remember(token)
      const before = whole()
      jump(minutes(8) + at)

      expect(await verdict(token)).toBe('accepted')
      expect(whole()).toBe(before)
      expect(keyFetches(world)).toBe(times)
      expect(world.remembering.status().issuers[0]).toMatchObject({ state: 'fresh', keyCount: 1 })
    },
  )

  it('sets the timer again that refreshes keys in use', async () => {
    const world = await pair()
    const token = await world.issuer.mint(LASTING)
    await world.remember(token)
    const before = world.whole()
    for (let period = 1; period <= 5; period += 1) {
      await refresh(world)
      expect(keyFetches(world)).toBe(1 + period)
      expect(await world.verdict(token)).toBe('accepted')
    }
    await refresh(world)
    await refresh(world) // nobody came meanwhile

    expect(keyFetches(world)).toBe(7)
    expect(world.whole()).toBe(before)
  })

  it('anchors the refresh that it starts', async () => {
    const world = await pair()
    const token = await world.issuer.mint(LASTING)
    await world.remember(token)
    world.jump(minutes(9))
    const anchored: Promise<unknown>[] = []
    await world.verdict(token, { waitUntil: (work) => void anchored.push(work) })

    expect(anchored).toHaveLength(2) // one for each of the two verifiers
  })
})
