import type { SharedCache } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome } from '../scene.ts'
import type { Endpoint } from './endpoint.ts'
import { active, endpoint, json } from './endpoint.ts'

interface Store extends SharedCache {
  readonly entries: Map<string, { value: string; ttlSeconds: number }>
}

function store(): Store {
  const entries: Store['entries'] = new Map()
  return {
    entries,
    get: async (key) => entries.get(key)?.value,
    set: async (key, value, ttlSeconds) => void entries.set(key, { value, ttlSeconds }),
  }
}

/** Two processes with a clock and a store in common. */
function processes(server: Endpoint, shared: SharedCache, cache: object = {}): readonly Endpoint['verifier'][] {
  const one: Endpoint['verifier'] = (options, others) =>
    server.verifier({ cache: { shared, ...cache }, ...options }, others)
  return [one, one]
}

const change = (shared: Store, members: (entry: Record<string, unknown>) => unknown): void => {
  for (const [key, { value, ttlSeconds }] of shared.entries) {
    const parsed: unknown = JSON.parse(value)
    shared.entries.set(key, { value: JSON.stringify(members({ ...Object(parsed) })), ttlSeconds })
  }
}

describe('a shared cache', () => {
  it('saves the second process a call', async () => {
    const server = endpoint()
    const shared = store()
    const [first, second] = processes(server, shared).map((make) => make())
    await first?.verify('opaque')
    const token = await second?.verify('opaque')

    expect(token).toMatchObject({ subject: 'user-1', scopes: ['orders:read'] })
    expect(server.asked).toHaveLength(1)
  })

  verifies('RFC7662-4-b')('passes on no longer life than the first answer had', async () => {
    const server = endpoint()
    const shared = store()
    const [first, second] = processes(server, shared).map((make) => make())
    await first?.verify('opaque')
    expect([...shared.entries.values()].map(({ ttlSeconds }) => ttlSeconds)).toEqual([60])
    await server.clock.advance(40)
    await second?.verify('opaque')
    expect(server.asked).toHaveLength(1)
    await server.clock.advance(20)
    await second?.verify('opaque')
    expect(server.asked).toHaveLength(2)
  })

  verifies('RFC7662-4-b')('is given a life that ends with exp', async () => {
    const server = endpoint()
    const shared = store()
    server.answer(() => json(active(server.clock, { exp: server.clock.nowSeconds() + 7 })))
    await server.verifier({ cache: { shared } }).verify('opaque')

    expect([...shared.entries.values()].map(({ ttlSeconds }) => ttlSeconds)).toEqual([7])
  })

  verifies('RFC7662-4-d')('never sees a token', async () => {
    const server = endpoint()
    const shared = store()
    server.answer(({ parameters }) =>
      json(parameters.get('token') === 'raw-token-1' ? active(server.clock) : { active: false }),
    )
    const verifier = server.verifier({ cache: { shared } })
    await outcome(verifier.verify('raw-token-1'))
    await outcome(verifier.verify('raw-token-2'))

    expect(shared.entries.size).toBe(2)
    expect(JSON.stringify([...shared.entries])).not.toContain('raw-token')
  })

  it('is passed over by fresh, and holds afterwards what fresh heard', async () => {
    const server = endpoint()
    const shared = store()
    const [first, second] = processes(server, shared).map((make) => make())
    await first?.verify('opaque')
    server.answer(() => json({ active: false }))
    expect(await outcome(Promise.resolve(first?.verify('opaque', { fresh: true })))).toBe('TOKEN_INACTIVE')

    expect(await outcome(Promise.resolve(second?.verify('opaque')))).toBe('TOKEN_INACTIVE')
    expect(server.asked).toHaveLength(2)
  })
})

describe('a shared cache that fails', () => {
  const broken: readonly [string, SharedCache][] = [
    ['rejects', { get: () => Promise.reject(new Error('down')), set: () => Promise.reject(new Error('down')) }],
    [
      'throws',
      {
        get: () => {
          throw new Error('down')
        },
        set: () => {
          throw new Error('down')
        },
      },
    ],
    ['rejects with nothing', { get: () => Promise.reject(), set: () => Promise.reject() }],
  ]
  it.each(broken)('is passed over where it %s, and reported', async (_, shared) => {
    const server = endpoint()
    const verifier = server.verifier({ cache: { shared } })

    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.events.filter(({ type }) => type === 'shared-cache-failed')).toHaveLength(2)
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.asked).toHaveLength(1) // this process remembers all the same
  })

  it.each<[string, SharedCache]>([
    ['get', { get: () => new Promise(() => {}), set: async () => {} }],
    ['set', { get: async () => undefined, set: () => new Promise(() => {}) }],
  ])('does not hold up a request where %s never settles', async (_, shared) => {
    const server = endpoint()
    let became: unknown = 'still waiting'
    void outcome(server.verifier({ cache: { shared } }).verify('opaque')).then((result) => (became = result))
    await server.clock.advance(10)

    expect(became).toBe('accepted')
  })
})

describe('an entry that somebody else wrote', () => {
  it.each<[string, string]>([
    ['no JSON', 'x'],
    ['null', 'null'],
    ['a list', '[]'],
    ['nothing', '{}'],
    ['no verdict', '{"expiresAtMs":9999999999999}'],
    ['a truthy active', '{"expiresAtMs":9999999999999,"verdict":{"active":1,"members":{}}}'],
    ['no members', '{"expiresAtMs":9999999999999,"verdict":{"active":true}}'],
    ['an expiry that is text', '{"expiresAtMs":"9999999999999","verdict":{"active":true,"members":{}}}'],
    ['no expiry', '{"verdict":{"active":false}}'],
    ['an expiry of null', '{"expiresAtMs":null,"verdict":{"active":false}}'],
  ])('is no answer where it holds %s', async (_, value) => {
    const server = endpoint()
    const verifier = server.verifier({ cache: { shared: { get: async () => value, set: async () => {} } } })

    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.asked).toHaveLength(1)
  })

  it('is judged like any other answer', async () => {
    const server = endpoint()
    const shared = store()
    await server.verifier({ cache: { shared } }).verify('opaque')
    const withMembers = (members: object): void =>
      change(shared, (entry) => ({
        ...entry,
        verdict: { active: true, members: { ...active(server.clock), ...members } },
      }))

    for (const [members, code] of [
      [{ aud: 'https://other.example' }, 'AUDIENCE_MISMATCH'],
      [{ nbf: server.clock.nowSeconds() + 60 }, 'TOKEN_NOT_YET_VALID'],
      [{ iss: 'https://other.example' }, 'ISSUER_UNTRUSTED'],
      [{ token_type: 'refresh_token' }, 'TOKEN_TYPE_REJECTED'],
    ] as const) {
      withMembers(members)
      expect(await outcome(server.verifier({ cache: { shared } }).verify('opaque'))).toBe(code)
    }
  })

  it('that has expired is no answer, even if the store still has it', async () => {
    const server = endpoint()
    const shared = store()
    await server.verifier({ cache: { shared } }).verify('opaque')
    await server.clock.advance(60)
    await server.verifier({ cache: { shared } }).verify('opaque')

    expect(server.asked).toHaveLength(2)
  })

  verifies('RFC7662-4-c')('is not believed longer than this process allows, however long it says', async () => {
    const server = endpoint()
    const shared = store()
    await server.verifier({ cache: { shared, maxAgeSeconds: 3600 } }).verify('opaque') // another process, other options
    const verifier = server.verifier({ cache: { shared, maxAgeSeconds: 60 } })
    await verifier.verify('opaque')
    server.answer(() => json({ active: false }))
    await server.clock.advance(61)

    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_INACTIVE')
  })

  verifies('RFC7662-4-b')('is not believed past the exp that it tells', async () => {
    const server = endpoint()
    const shared = store()
    server.answer(() => json(active(server.clock, { exp: server.clock.nowSeconds() + 10 })))
    await server.verifier({ cache: { shared } }).verify('opaque')
    change(shared, (entry) => ({ ...entry, expiresAtMs: server.clock.now() + 10_000_000 }))
    const verifier = server.verifier({ cache: { shared } })
    await outcome(verifier.verify('opaque'))
    const before = server.asked.length
    await server.clock.advance(11)
    await outcome(verifier.verify('opaque')) // within the tolerance, but the server has to be asked

    expect(server.asked.length).toBe(before + 1)
  })
})
