import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Verifier } from '@tokenward/core'
import { createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { complaint, GOOD, thrownBy } from '../options/complaints.ts'
import { outcome, scene } from '../scene.ts'
import { counting, making } from './pair.ts'

const { issuer, system, trusting } = await scene()

/** A memory of that size, and whether it has a token: what it has is not shown to the schema again. */
function memory(cache?: { readonly maxTokens?: number }) {
  const { schema, asked } = counting(making((claims) => claims))
  const verifier = trusting({ cache, claims: schema })
  const verify = (token: string) => verifier.verify(token)
  return {
    verifier,
    verify,
    has: async (token: string): Promise<boolean> => {
      const before = asked()
      await verify(token)
      return asked() === before
    },
  }
}

const mint = (count: number, claims: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, () => issuer.mint(claims)))

describe('a memory of so many tokens', () => {
  it.each([1, 2, 7])('keeps %d, the last ones that were used', async (maxTokens) => {
    const { verify, has } = memory({ maxTokens })
    const tokens = await mint(maxTokens + 3)
    for (const token of tokens) {
      await verify(token)
      await verify(token)
    }
    for (const token of tokens.slice(3).toReversed()) expect(await has(token)).toBe(true)
    for (const token of tokens.slice(0, 3)) expect(await has(token)).toBe(false)
  })

  it('makes room for a token that comes again, and not for those that come once', async () => {
    const { verify, has } = memory({ maxTokens: 3 })
    const regulars = await mint(3)
    for (const token of [...regulars, ...regulars]) await verify(token)
    for (const token of await mint(300)) await verify(token)

    for (const token of regulars) expect(await has(token)).toBe(true)
  })

  it('has no room for tokens that are refused, however often they come', async () => {
    const { verifier, verify, has } = memory({ maxTokens: 2 })
    const regulars = await mint(2)
    for (const token of [...regulars, ...regulars]) await verify(token)
    const bad = [
      ...(await mint(20, { aud: 'https://other.example' })),
      ...(await mint(20, { exp: 1 })),
      ...(await mint(20, { cnf: { jkt: 'x' } })),
      ...(await mint(20)).map((token) => `${token.slice(0, -6)}AAAAAA`),
      ...regulars.map((token) => `x${token}`),
    ]
    for (const token of [...bad, ...bad, ...bad]) expect(await outcome(verifier.verify(token))).not.toBe('accepted')

    for (const token of regulars) expect(await has(token)).toBe(true)
  })

  it('has room for fewer large ones', async () => {
    const { verify, has } = memory({ maxTokens: 16 })
    const small = await mint(16)
    for (const token of [...small, ...small]) await verify(token)
    for (const token of small) expect(await has(token)).toBe(true)
    const [large = ''] = await mint(1, { padding: 'x'.repeat(11_500) })
    expect(large.length).toBeGreaterThan(15_000)
    expect(large.length).toBeLessThan(16_384)
    const other = await mint(4, { padding: 'x'.repeat(11_500) })
    for (const token of [large, large]) await verify(token)
    expect(await has(large)).toBe(true)
    for (const token of [...other, ...other]) await verify(token)

    expect(await has(large)).toBe(false)
    const kept = await Promise.all(other.map((token) => has(token)))
    expect(kept.filter(Boolean).length).toBeLessThanOrEqual(2)
  })

  it('that is too small for a token verifies it each time', async () => {
    const { verify, has } = memory({ maxTokens: 1 })
    const [large = ''] = await mint(1, { padding: 'x'.repeat(4_000) })
    const [small = ''] = await mint(1)
    for (const token of [small, small, large, large]) await verify(token)

    expect(await has(large)).toBe(false)
    expect(await has(small)).toBe(true)
  })

  it('is large enough for thousands unless told otherwise', async () => {
    const { verify, has } = memory()
    const tokens = await mint(2_000)
    for (const token of tokens) await verify(token)
    for (const token of tokens) await verify(token)

    expect(await has(tokens[0] ?? '')).toBe(true)
    expect(await has(tokens[1_999] ?? '')).toBe(true)
  })
})

describe('the option cache', () => {
  it('is false, or says how many', () => {
    for (const cache of [false, undefined, {}, { maxTokens: undefined }, { maxTokens: 1 }, { maxTokens: 10_000 }]) {
      expect(complaint({ cache })).toBeUndefined()
    }
  })

  it.each([[null], [true], [0], [100], ['yes'], [[]], [() => {}]])('is not %j', (cache) => {
    expect(complaint({ cache })).toMatch(/cache must be an object or false|unknown option/)
  })

  it.each([[0], [-1], [1.5], [Number.NaN], [Infinity], ['10'], [null], [10_000_001], [10n]])(
    'is not of %s tokens',
    (maxTokens) => {
      expect(complaint({ cache: { maxTokens } })).toContain('cache.maxTokens must be')
    },
  )

  it('is complained about together with all else', () => {
    const message = complaint({ audience: '', cache: { maxTokens: 0.5, maxToken: 1, ttl: 5 } })

    expect(message).toContain('audience must be')
    expect(message).toContain('cache.maxTokens must be')
    expect(message).toContain('"maxToken"')
    expect(message).toContain('"ttl"')
  })

  it('is one of a resource server too, where it makes its verifier', () => {
    expect(thrownBy(() => createResourceServer({ ...GOOD, cache: { maxTokens: 5 } }))).toBeUndefined()
    expect(thrownBy(() => createResourceServer({ ...GOOD, cache: { maxTokens: 0 } }))).toContain('cache.maxTokens')
  })
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void // as that flag says

const isHashed = process.env['TOKENWARD_CRYPTOGRAPHY'] !== 'web' // elsewhere no text is kept to spare a hash

/** Megabytes of the heap, as they are after each token was verified so often. */
async function heapOf(verifier: Verifier, tokens: readonly Buffer[], times: number): Promise<number> {
  for (let time = 0; time < times; time += 1) {
    for (const token of tokens) await verifier.verify(token.toString())
  }
  collect()
  return process.memoryUsage().heapUsed / 1e6
}

/** Tokens of which nobody here holds the texts. */
const mintOctets = async (count: number, claims: Readonly<Record<string, unknown>>): Promise<readonly Buffer[]> =>
  (await mint(count, claims)).map((token) => Buffer.from(token))

describe('the texts of tokens in use', () => {
  it('take some four megabytes at most, and for ten seconds, and so the next ones', async () => {
    const verifier = trusting()
    const filler = 'x'.repeat(10_000)
    for (const tokens of [await mintOctets(600, { filler }), await mintOctets(600, { filler })]) {
      const remembered = await heapOf(verifier, tokens, 2)
      const inUse = (await heapOf(verifier, tokens, 1)) - remembered
      await system.advance(10)
      const idle = (await heapOf(verifier, tokens, 0)) - remembered

      expect(inUse).toBeGreaterThan(isHashed ? 3 : -1)
      expect(inUse).toBeLessThan(6)
      expect(idle).toBeLessThan(1)
    }
  })

  it('keep nothing of tokens that had to make room', async () => {
    const verifier = trusting({ cache: { maxTokens: 10 } })
    const tokens = await mintOctets(2_000, {})
    const few = await heapOf(verifier, tokens.slice(0, 10), 3)
    for (const token of tokens) {
      for (let time = 0; time < 3; time += 1) await verifier.verify(token.toString())
    }

    expect((await heapOf(verifier, [], 0)) - few).toBeLessThan(1)
  })

  it('are copies, and keep nothing of what they were cut from', async () => {
    const verifier = trusting()
    const tokens = await mintOctets(20, {})
    const remembered = await heapOf(verifier, tokens, 2)
    for (const token of tokens) await verifier.verify(`${'x'.repeat(1_000_000)}${token.toString()}`.slice(1_000_000))

    expect((await heapOf(verifier, [], 0)) - remembered).toBeLessThan(5)
  })

  it('have one timer, even where a timer calls twice, and none once the verifier is closed', async () => {
    const due = new Set<() => void>()
    const schedule = (_delayMs: number, run: () => void): (() => void) => {
      due.add(run)
      return () => void due.delete(run)
    }
    const verifier = trusting({ system: { ...system, schedule }, cache: { maxTokens: 2 } })
    const tokens = await mint(3)
    const pending: number[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      for (const token of tokens) for (let time = 0; time < 3; time += 1) await verifier.verify(token)
      pending.push(due.size)
      const running = [...due]
      due.clear()
      for (const run of running) {
        run()
        run()
      }
    }
    expect(pending).toEqual(Array.from({ length: 8 }, () => (isHashed ? 1 : 0)))
    await verifier.close()
    expect(due.size).toBe(0)
  })
})
