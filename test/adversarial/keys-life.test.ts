import { createVerifier } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

import type { KeysWorld } from './keys-world.ts'

import { body, hanging, keysWorld, minutes, status, unreachable, usual } from './keys-world.ts'

const life = minutes(10)
const grace = minutes(1)
const staleFor = minutes(60)

/** A token that outlives every key here. */
function lasting({ issuer, clock }: KeysWorld, claims: Record<string, unknown> = {}): Promise<string> {
  return issuer.mint({ exp: clock.nowSeconds() + 1_000_000, ...claims })
}

/** With keys fetched by one request, and no timer running for them. */
async function loaded(options: Parameters<typeof keysWorld>[0] = {}) {
  const world = await keysWorld(options)
  const token = await lasting(world)
  expect(await world.outcome(token)).toBe('granted')
  return { world, token }
}

describe('keys in the first 80 % of their life', () => {
  it('serve, without a fetch', async () => {
    const { world, token } = await loaded()
    for (let at = 0; at < 0.8 * life - 1; at += 60) {
      expect(await world.outcome(token)).toBe('granted')
      await world.clock.advance(Math.min(60, 0.8 * life - 1 - at))
    }
    expect(await world.outcome(token)).toBe('granted')
    expect(world.keyFetches()).toBe(1)
    expect(world.status()).toMatchObject({ state: 'fresh', secondsSinceSuccess: 0.8 * life - 1, keyCount: 1 })
  })

  it('are refreshed by a timer where they are in use, each process at a moment of its own', async () => {
    for (const [chance, seconds] of [
      [0, 480],
      [0.5, 510],
      [0.999, 539],
    ] as const) {
      const { world, token } = await loaded({ random: () => chance })
      await world.outcome(token)
      await world.clock.advance(seconds - 1)
      expect(world.keyFetches()).toBe(1)
      await world.clock.advance(2)
      expect(world.keyFetches()).toBe(2)
      expect(world.status().secondsSinceSuccess).toBeLessThanOrEqual(2)
    }
  })

  it('are left to age where nobody uses them', async () => {
    const { world } = await loaded()
    await world.clock.advance(minutes(600))
    expect(world.asked).toHaveLength(2)
  })

  it('are not refreshed any more after close, and still verify', async () => {
    const { world, token } = await loaded()
    await world.outcome(token)
    await world.verifier.close()
    await world.clock.advance(0.9 * life)
    expect(world.keyFetches()).toBe(1)
    expect(await world.outcome(token)).toBe('granted')
    world.answer('both', unreachable)
    await world.clock.advance(0)
    const attempts = world.asked.length
    await world.clock.advance(minutes(10))
    expect(world.asked.length).toBe(attempts)
    expect(await world.outcome(token)).toBe('granted')
  })
})

describe('keys from 80 % of their life to a minute past it', () => {
  it.each([0.8 * life, life - 1, life + grace - 1])('serve at %i s while one request refreshes them', async (age) => {
    const { world, token } = await loaded()
    world.answer('jwks', hanging)
    await world.clock.advance(age)

    const outcomes = await Promise.all(Array.from({ length: 10_000 }, () => world.outcome(token)))
    expect(new Set(outcomes)).toEqual(new Set(['granted']))
    expect(world.keyFetches()).toBe(2)
    expect(world.status().state).toBe(age < life ? 'fresh' : 'stale')
  })

  it('are replaced behind the requests', async () => {
    const { world, token } = await loaded()
    const added = await world.issuer.addKey('ES256')
    await world.clock.advance(0.8 * life)
    expect(await world.outcome(token)).toBe('granted')
    await world.clock.advance(0)
    expect(world.status()).toMatchObject({ keyCount: 2, secondsSinceSuccess: 0 })
    expect(await world.outcome(await world.issuer.mint({}, { key: added }))).toBe('granted')
    expect(world.keyFetches()).toBe(2)
  })

  it('cause no storm when the refresh fails', async () => {
    const { world, token } = await loaded()
    world.answer('both', unreachable)
    await world.clock.advance(0.8 * life)
    for (let round = 0; round < 20; round += 1) {
      expect(await world.outcome(token)).toBe('granted')
      await world.clock.advance(0.2)
    }
    expect(world.asked).toHaveLength(3)
  })

  it('hand the refresh to waitUntil', async () => {
    const { world, token } = await loaded()
    await world.clock.advance(0.8 * life)
    const anchored: Promise<unknown>[] = []
    await world.verifier.verify(token, { waitUntil: (work) => void anchored.push(work) })
    expect(anchored).toHaveLength(1)
    await Promise.all(anchored)
    expect(world.status().secondsSinceSuccess).toBe(0)
  })
})

describe('keys more than a minute past their life', () => {
  it('make the request wait for one shared fetch', async () => {
    const { world, token } = await loaded()
    await world.clock.advance(life + grace)
    let release = (): void => {}
    world.answer(
      'jwks',
      () =>
        new Promise((resolve) => {
          release = () => resolve(Response.json(world.issuer.jwks()))
        }),
    )
    let settled = 0
    const waiting = Promise.all(Array.from({ length: 50 }, () => world.outcome(token).finally(() => (settled += 1))))
    await world.clock.advance(1)
    expect(settled).toBe(0)
    release()
    expect(new Set(await waiting)).toEqual(new Set(['granted']))
    expect(world.keyFetches()).toBe(2)
    expect(world.status().state).toBe('fresh')
  })

  it('do not verify a token whose key is gone by then', async () => {
    const { world, token } = await loaded()
    await world.issuer.rotate()
    await world.clock.advance(life + grace)
    expect(await world.outcome(token)).toBe('KEY_UNKNOWN')
    expect(await world.outcome(await lasting(world))).toBe('granted')
  })

  it('serve as stale once that fetch failed, and nobody waits any more', async () => {
    const { world, token } = await loaded()
    world.answer('both', status(500))
    await world.clock.advance(life + grace)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.status()).toMatchObject({ state: 'stale', keyCount: 1, lastError: { reason: 'status' } })

    world.answer('both', hanging)
    await world.clock.advance(5)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'stale-keys-served', ageSeconds: life + grace }),
    )
  })

  it('are reported as stale once for each fetch that failed', async () => {
    const { world, token } = await loaded()
    world.answer('both', unreachable)
    await world.clock.advance(life + grace)
    for (let round = 0; round < 50; round += 1) await world.outcome(token)
    expect(world.events.filter(({ type }) => type === 'stale-keys-served')).toHaveLength(1)
  })

  it('serve for an hour past their life, and not a second longer', async () => {
    const { world, token } = await loaded()
    world.answer('both', unreachable)
    await world.clock.advance(life + grace)
    await world.outcome(token)
    await world.clock.advance(staleFor - grace - 1)
    expect(await world.outcome(token)).toBe('granted')
    await world.clock.advance(1)
    expect(await world.outcome(token)).toBe('KEYS_UNAVAILABLE')
    expect(world.status()).toMatchObject({ state: 'keyless', keyCount: 0 })
  })

  it('past that hour come back without traffic and without a restart', async () => {
    const { world, token } = await loaded()
    world.answer('both', unreachable)
    await world.clock.advance(life + grace)
    await world.outcome(token)
    await world.clock.advance(minutes(90))
    expect(world.status().state).toBe('keyless')
    world.answer('both', usual)
    await world.clock.advance(minutes(5))
    expect(world.status()).toMatchObject({ state: 'fresh', keyCount: 1 })
    expect(await world.outcome(token)).toBe('granted')
  })

  it('past that hour nothing is served, so attempts are half a minute apart, as where there are no keys', async () => {
    const { world, token } = await loaded()
    world.answer('both', unreachable)
    await world.clock.advance(life + grace)
    await world.outcome(token)
    await world.clock.advance(minutes(120))
    const dead = world.events.length
    await world.clock.advance(minutes(60))
    const pauses = world.events
      .slice(dead)
      .flatMap((event) => (event.type === 'keys-refresh-failed' ? [event.retryAfterSeconds] : []))
    expect(pauses.length).toBeGreaterThan(0)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30)
    expect((await world.refusal(token)).retryAfterSeconds).toBeLessThanOrEqual(30)
  })

  it('past that hour are fetched by the first request, if nobody asked meanwhile', async () => {
    const { world, token } = await loaded()
    await world.clock.advance(minutes(600))
    expect(await world.outcome(token)).toBe('granted')
    expect(world.status().state).toBe('fresh')
  })
})

describe('a key set that cannot be used', () => {
  it.each([
    ['broken keys', '{"keys":[{"kty":"RSA"},{"kty":"EC"},null]}'],
    ['nothing but keys for encryption', '{"keys":[{"kty":"OKP","crv":"X25519","x":"AA","use":"enc"}]}'],
    ['no list', '{"keys":"none"}'],
  ])('leaves the old one in place: %s', async (_name, text) => {
    const { world, token } = await loaded()
    world.answer('jwks', body(text))
    await world.clock.advance(0.8 * life)
    await world.outcome(token)
    await world.clock.advance(life)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.status()).toMatchObject({ keyCount: 1, lastError: { reason: 'keys-invalid' } })
  })

  it('is skipped one by one where other keys are fine', async () => {
    const { world } = await loaded()
    world.issuer.publish({ kty: 'EC', crv: 'P-256', kid: 'broken', x: 'AA', y: 'AA' })
    world.issuer.publish(null)
    const added = await world.issuer.addKey('ES256')
    expect(await world.outcome(await world.issuer.mint({}, { key: added }))).toBe('granted')
    const refreshed = world.events.findLast((event) => event.type === 'keys-refreshed')
    expect(refreshed).toMatchObject({ keyCount: 2, skipped: [{ kid: 'broken' }, { kid: undefined }] })
    for (const { reason } of refreshed?.skipped ?? []) expect(reason).toMatch(/\w/u)
  })

  it('if it is empty, withdraws every key', async () => {
    const { world, token } = await loaded()
    world.answer('jwks', body('{"keys":[]}'))
    await world.clock.advance(0.8 * life)
    await world.outcome(token)
    await world.clock.advance(0)
    expect(await world.refusal(token)).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(world.status()).toMatchObject({ state: 'keyless', keyCount: 0, lastError: { reason: 'keys-empty' } })
    world.answer('jwks', usual)
    await world.clock.advance(30)
    expect(await world.outcome(token)).toBe('granted')
  })
})

describe('Cache-Control of the key set', () => {
  it.each([
    ['max-age=120', 120],
    ['public, max-age=3000, must-revalidate', 3000],
    ['MAX-AGE=120', 120],
    ['max-age="120"', 120],
    ['max-age=0', 60],
    ['max-age=59', 60],
    ['max-age=60', 60],
    ['max-age=3600', 3600],
    ['max-age=3601', 3600],
    ['max-age=9999999999', 3600],
    ['max-age=99999999999999999999', 600],
    ['max-age=-1', 600],
    ['max-age=soon', 600],
    ['max-age=', 600],
    ['max-age=1e9', 600],
    ['s-maxage=120', 600],
    ['x-max-age=120', 600],
    ['max-age=120, no-store', 600],
    ['no-store', 600],
    ['no-cache', 600],
    ['', 600],
  ])('%s: a life of %i s', async (field, seconds) => {
    const world = await keysWorld()
    world.answer('jwks', () => Response.json(world.issuer.jwks(), { headers: { 'cache-control': field } }))
    const token = await lasting(world)
    await world.outcome(token)
    expect(world.verifier.exportKeys()[0]?.lifeSeconds).toBe(seconds)
    await world.clock.advance(0.8 * seconds - 1)
    await world.outcome(token)
    expect(world.keyFetches()).toBe(1)
    await world.clock.advance(1)
    await world.outcome(token)
    expect(world.keyFetches()).toBe(2)
  })
})

describe('ETag', () => {
  const tagged = (world: KeysWorld, etag: string): void =>
    world.answer('jwks', ({ headers }) =>
      headers.get('if-none-match') === etag
        ? new Response(null, { status: 304, headers: { 'cache-control': 'max-age=120' } })
        : Response.json(world.issuer.jwks(), { headers: { etag } }),
    )
  const sent = (world: KeysWorld): readonly (string | null)[] =>
    world.asked.filter(({ url }) => url.endsWith('jwks')).map(({ headers }) => headers.get('if-none-match'))

  it('is sent back, and 304 prolongs the keys', async () => {
    const world = await keysWorld()
    tagged(world, '"v1"')
    const token = await lasting(world)
    await world.outcome(token)
    await world.clock.advance(0.8 * life)
    await world.outcome(token)
    await world.clock.advance(0)
    expect(sent(world)).toEqual([null, '"v1"'])
    expect(world.status()).toMatchObject({ state: 'fresh', keyCount: 1, secondsSinceSuccess: 0 })
    expect(world.verifier.exportKeys()[0]?.lifeSeconds).toBe(120)
    expect(world.events.filter(({ type }) => type === 'keys-refreshed')).toHaveLength(1)
    await world.clock.advance(96)
    expect(await world.outcome(token)).toBe('granted')
    expect(sent(world)).toEqual([null, '"v1"', '"v1"'])
  })

  it('that changed brings the new keys', async () => {
    const world = await keysWorld()
    tagged(world, '"v1"')
    const token = await lasting(world)
    await world.outcome(token)
    await world.issuer.rotate()
    tagged(world, '"v2"')
    await world.clock.advance(life + grace)
    expect(await world.outcome(token)).toBe('KEY_UNKNOWN')
    expect(await world.outcome(await lasting(world))).toBe('granted')
  })

  it('is not sent where no keys are held any more', async () => {
    const world = await keysWorld()
    tagged(world, '"v1"')
    const token = await lasting(world)
    await world.outcome(token)
    world.answer('jwks', body('{"keys":[]}'))
    await world.clock.advance(0.8 * life)
    await world.outcome(token)
    await world.clock.advance(0)
    tagged(world, '"v1"')
    await world.clock.advance(30)
    expect(sent(world).at(-1)).toBeNull()
    expect(await world.outcome(token)).toBe('granted')
  })

  it('of one URL is not sent to another, where it means something else', async () => {
    const world = await keysWorld()
    tagged(world, '"v1"')
    const token = await lasting(world)
    await world.outcome(token)
    world.answer('metadata', () =>
      Response.json({ issuer: world.issuer.issuer, jwks_uri: 'https://issuer.example/moved/jwks' }),
    )
    await world.issuer.rotate()
    await world.clock.advance(minutes(60))
    await world.outcome(token)
    await world.clock.advance(0)
    expect(world.asked.at(-1)?.url).toBe('https://issuer.example/moved/jwks')
    expect(world.asked.at(-1)?.headers.get('if-none-match')).toBeNull()
    expect(await world.outcome(token)).toBe('KEY_UNKNOWN')
  })
})

describe('keys that were exported', () => {
  it('serve another verifier without a fetch, and not longer than they would have', async () => {
    const { world, token } = await loaded()
    const seedKeys = world.verifier.exportKeys()
    let asked = 0
    const seeded = createVerifier({
      issuer: world.issuer.issuer,
      audience: 'https://api.example',
      seedKeys,
      system: {
        now: world.clock.now,
        schedule: world.clock.schedule,
        fetch: async () => {
          asked += 1
          throw new TypeError('fetch failed')
        },
      },
    })
    await expect(seeded.verify(token)).resolves.toMatchObject({ subject: 'user-1' })
    expect(asked).toBe(0)
    await world.clock.advance(life + staleFor)
    await expect(seeded.verify(token)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
    expect(asked).toBeGreaterThan(0)
    await seeded.close()
  })
})
