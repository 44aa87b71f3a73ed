import { describe, expect, it } from 'vitest'

import type { KeysWorld } from './keys-world.ts'

import { verifies } from '../requirements/verifies.ts'
import { keysWorld, status, unreachable } from './keys-world.ts'

const unsigned = 'A'.repeat(86)

/** A token of the issuer that nobody signed; cheap enough to make ten thousand of. */
function forged({ issuer }: KeysWorld, kid: string | undefined, sub = 'mallory'): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'ES256', typ: 'at+jwt', kid })}.${encode({ iss: issuer.issuer, sub })}.${unsigned}`
}

function forgeries(world: KeysWorld, count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, at) => forged(world, `${prefix}-${at}`))
}

/** How often each outcome came up. */
async function tally(world: KeysWorld, tokens: readonly string[]): Promise<Record<string, number>> {
  const outcomes = await Promise.all(tokens.map((token) => world.outcome(token)))
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

describe('many requests at once', () => {
  it('200 cold requests cause one question for metadata and one for keys', async () => {
    const world = await keysWorld()
    const tokens = await Promise.all(Array.from({ length: 200 }, (_, at) => world.issuer.mint({ sub: `user-${at}` })))

    expect(await tally(world, tokens)).toEqual({ granted: 200 })
    expect(world.asked.map(({ url }) => url)).toEqual([
      'https://issuer.example/.well-known/openid-configuration',
      'https://issuer.example/jwks',
    ])
  })

  it('200 cold requests while the issuer is down cause one attempt', async () => {
    const world = await keysWorld()
    world.answer('both', unreachable)
    const token = await world.issuer.mint()

    expect(
      await tally(
        world,
        Array.from({ length: 200 }, () => token),
      ),
    ).toEqual({ KEYS_UNAVAILABLE: 200 })
    expect(world.asked).toHaveLength(1)
  })

  it('verifies nothing that never reaches the issuer', async () => {
    const world = await keysWorld()
    const tokens = [
      '',
      'a.b.c',
      forged(world, 'k').replace('.', '.x'),
      await world.issuer.mint({ iss: 'https://other.example' }),
    ]
    await tally(world, tokens)
    expect(world.asked).toEqual([])
  })
})

describe('a flood of unknown key ids', () => {
  verifies('META-REFRESH')('10,000 of them cause one more fetch in 30 seconds', async () => {
    const world = await keysWorld()
    expect(await world.outcome(await world.issuer.mint())).toBe('granted')

    expect(await tally(world, forgeries(world, 10_000, 'random'))).toEqual({ KEY_UNKNOWN: 10_000 })
    expect(world.keyFetches()).toBe(2)
    await world.clock.advance(29.9)
    expect(await tally(world, forgeries(world, 100, 'later'))).toEqual({ KEY_UNKNOWN: 100 })
    expect(world.keyFetches()).toBe(2)
    await world.clock.advance(0.1)
    expect(await tally(world, forgeries(world, 100, 'much-later'))).toEqual({ KEY_UNKNOWN: 100 })
    expect(world.keyFetches()).toBe(3)
    expect(world.asked).toHaveLength(4)
  })

  it('asks no more than every 30 seconds, however long it goes on', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    const before = world.keyFetches()
    for (let second = 0; second < 120; second += 1) {
      await tally(world, forgeries(world, 3, `second-${second}`))
      await world.clock.advance(1)
    }
    expect(world.keyFetches() - before).toBeLessThanOrEqual(4)
  }, 60_000)

  it('reports that it is limited, once in 30 seconds', async () => {
    const world = await keysWorld()
    await tally(world, forgeries(world, 50, 'a'))
    await tally(world, forgeries(world, 50, 'b'))
    const limited = (): number => world.events.filter(({ type }) => type === 'unknown-key-limited').length
    expect(limited()).toBe(1)
    await world.clock.advance(30)
    await tally(world, forgeries(world, 50, 'c'))
    await tally(world, forgeries(world, 50, 'd'))
    expect(limited()).toBe(2)
  })

  it('does not touch good tokens in the middle of it', async () => {
    const world = await keysWorld()
    const good = await world.issuer.mint()
    await world.outcome(good)
    const mixed = forgeries(world, 1000, 'random').flatMap((token, at) => (at % 10 === 0 ? [token, good] : [token]))

    expect(await tally(world, mixed)).toEqual({ KEY_UNKNOWN: 1000, granted: 100 })
    expect(world.keyFetches()).toBe(2)
  })

  it('does not wait for a slow issuer where a key is known', async () => {
    const world = await keysWorld()
    const good = await world.issuer.mint()
    await world.outcome(good)
    let release = (): void => {}
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined)
    })
    world.answer('jwks', () => held.then(() => Response.json(world.issuer.jwks())))

    const flood = tally(world, forgeries(world, 100, 'random'))
    expect(await world.outcome(good)).toBe('granted')
    release()
    expect(await flood).toEqual({ KEY_UNKNOWN: 100 })
    expect(world.keyFetches()).toBe(2)
  })

  it('lets a key in that was added after it, within the cool-down', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    await tally(world, forgeries(world, 100, 'random'))
    const added = await world.issuer.addKey('ES256')
    const token = await world.issuer.mint({}, { key: added })

    expect(await world.outcome(token)).toBe('KEY_UNKNOWN')
    await world.clock.advance(30)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.keyFetches()).toBe(3)
  })

  it('lets a key in at once that is in the set which a forgery fetched', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    const added = await world.issuer.addKey('ES256')
    await tally(world, forgeries(world, 100, 'random'))

    expect(await world.outcome(await world.issuer.mint({}, { key: added }))).toBe('granted')
    expect(world.keyFetches()).toBe(2)
  })

  it('does not wipe out good keys when the fetch it causes fails', async () => {
    const world = await keysWorld()
    const good = await world.issuer.mint()
    await world.outcome(good)
    for (const answer of [unreachable, status(500), status(404)]) {
      world.answer('both', answer)
      await world.clock.advance(30)
      await tally(world, forgeries(world, 10, 'random'))
      expect(await world.outcome(good)).toBe('granted')
    }
  })

  it('tokens without a kid count as unknown, and try four keys at most', async () => {
    const world = await keysWorld()
    const last = [
      await world.issuer.addKey('ES256'),
      await world.issuer.addKey('ES256'),
      await world.issuer.addKey('ES256'),
    ].at(-1)
    const fifth = await world.issuer.addKey('ES256')
    const header = { kid: undefined }

    expect(await world.outcome(await world.issuer.mint({}, { header, ...(last && { key: last }) }))).toBe('granted')
    expect(world.keyFetches()).toBe(1)
    expect(await world.outcome(await world.issuer.mint({}, { header, key: fifth }))).toBe('KEY_UNKNOWN')
    expect(world.keyFetches()).toBe(2)
    expect(await world.outcome(await world.issuer.mint({}, { header, key: fifth }))).toBe('KEY_UNKNOWN')
    expect(world.keyFetches()).toBe(2)
    expect(await world.outcome(await world.issuer.mint({}, { key: fifth }))).toBe('granted')
  })
})

describe('a known key id', () => {
  it('with a bad signature never asks the issuer again', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    const tokens = Array.from({ length: 500 }, (_, at) => forged(world, world.issuer.kid, `mallory-${at}`))

    expect(await tally(world, tokens)).toEqual({ SIGNATURE_INVALID: 500 })
    await world.clock.advance(31)
    expect(await tally(world, tokens)).toEqual({ SIGNATURE_INVALID: 500 })
    expect(world.keyFetches()).toBe(1)
  })

  it('for another algorithm counts as unknown', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    const header = { alg: 'ES384' }

    expect(
      await tally(world, [await world.issuer.mint({}, { header }), await world.issuer.mint({}, { header })]),
    ).toEqual({
      KEY_UNKNOWN: 2,
    })
    expect(world.keyFetches()).toBe(2)
  })
})

describe('the cool-down', () => {
  it('counts attempts that failed', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    world.answer('both', unreachable)

    await tally(world, forgeries(world, 100, 'a'))
    const attempts = world.asked.length
    await tally(world, forgeries(world, 100, 'b'))
    expect(world.asked.length).toBe(attempts)
  })

  it('answers 503 and not 401 to an unknown key id while the last attempt failed', async () => {
    const world = await keysWorld()
    const good = await world.issuer.mint()
    await world.outcome(good)
    world.answer('both', unreachable)
    const [first = '', second = ''] = forgeries(world, 2, 'random')

    for (const token of [first, second]) {
      const error = await world.refusal(token)
      expect(error).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
      expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(1)
      expect(error.retryAfterSeconds).toBeLessThanOrEqual(30)
    }
    expect(await world.outcome(good)).toBe('granted')
    world.answer('both', () => undefined)
    await world.clock.advance(30)
    expect(await world.outcome(first)).toBe('KEY_UNKNOWN')
  })

  it('is that of one issuer', async () => {
    const [one, two] = [await keysWorld(), await keysWorld({ issuer: 'https://two.example' })]
    await one.outcome(await one.issuer.mint())
    await two.outcome(await two.issuer.mint())
    await tally(one, forgeries(one, 10, 'random'))
    await tally(two, forgeries(two, 10, 'random'))
    expect([one.keyFetches(), two.keyFetches()]).toEqual([2, 2])
  })
})
