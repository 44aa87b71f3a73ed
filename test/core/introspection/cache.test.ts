import { clientSecretBasic, clientSecretPost } from '@tokenward/core'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome } from '../scene.ts'
import type { Reply } from './endpoint.ts'
import { active, endpoint, ENDPOINT, held, json } from './endpoint.ts'

const inactive: Reply = () => json({ active: false })

describe('an answer', () => {
  verifies('RFC7662-4-c')('is believed for a minute, and not longer', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('opaque')
    server.answer(inactive)
    await server.clock.advance(59)
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.asked).toHaveLength(1)

    await server.clock.advance(1)
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_INACTIVE')
    expect(server.asked).toHaveLength(2)
  })

  verifies('RFC7662-4-b')('is never believed past exp', async () => {
    const server = endpoint()
    server.answer(() => json(active(server.clock, { exp: 1_800_000_010 })))
    const verifier = server.verifier({ cache: { maxAgeSeconds: 300 } })
    await verifier.verify('opaque')
    server.answer(inactive)
    await server.clock.advance(9)
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.asked).toHaveLength(1)

    await server.clock.advance(2)
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_INACTIVE') // although the tolerance would still let it pass
    expect(server.asked).toHaveLength(2)
  })

  verifies('RFC7662-4-c')('that says inactive is believed for ten seconds', async () => {
    const server = endpoint()
    server.answer(inactive)
    const verifier = server.verifier()
    await outcome(verifier.verify('opaque'))
    server.answer(() => json(active(server.clock)))
    await server.clock.advance(9)
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_INACTIVE')
    await server.clock.advance(1)
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.asked).toHaveLength(2)
  })

  verifies('RFC7662-4-c')('is believed for as long as the options say', async () => {
    const server = endpoint()
    const verifier = server.verifier({ cache: { maxAgeSeconds: 5, inactiveMaxAgeSeconds: 0 } })
    await verifier.verify('opaque')
    await server.clock.advance(5)
    await verifier.verify('opaque')
    expect(server.asked).toHaveLength(2)

    server.answer(inactive)
    await outcome(verifier.verify('other'))
    await outcome(verifier.verify('other'))
    expect(server.asked).toHaveLength(4)
  })

  verifies('RFC7662-4-c')('is not believed a second time where there is no cache', async () => {
    for (const cache of [false, { maxAgeSeconds: 0 }] as const) {
      const server = endpoint()
      const verifier = server.verifier({ cache })
      await verifier.verify('opaque')
      await verifier.verify('opaque')
      expect(server.asked).toHaveLength(2)
    }
  })

  it('that could not be judged is not remembered', async () => {
    const server = endpoint()
    server.answer(() => json({ active: 'true' }))
    const verifier = server.verifier()
    expect(await outcome(verifier.verify('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    server.answer(() => json(active(server.clock)))
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
  })

  it('that expired is not used during an outage', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('opaque')
    server.answer(() => json({}, 500))
    await server.clock.advance(60)

    expect(await outcome(verifier.verify('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
  })

  it('outlives an outage as long as it is young', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('opaque')
    server.answer(() => json({}, 500))
    await server.clock.advance(30)

    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
  })
})

describe('what is remembered', () => {
  verifies('RFC7662-4-d')('is bounded, and a flood of invented tokens does not push out good ones', async () => {
    const server = endpoint()
    const verifier = server.verifier({ cache: { mostEntries: 3 } })
    await verifier.verify('good')
    server.answer(inactive)
    for (let index = 0; index < 10; index += 1) await outcome(verifier.verify(`invented-${index}`))
    expect(server.asked).toHaveLength(11)

    expect(await outcome(verifier.verify('good'))).toBe('accepted')
    await outcome(verifier.verify('invented-9'))
    expect(server.asked).toHaveLength(11)
    await outcome(verifier.verify('invented-0')) // long gone
    expect(server.asked).toHaveLength(12)
  })

  it('of good tokens is bounded too, the least used first', async () => {
    const server = endpoint()
    const verifier = server.verifier({ cache: { mostEntries: 2 } })
    for (const token of ['a', 'b', 'a', 'c', 'a']) await verifier.verify(token)
    expect(server.asked).toHaveLength(3)
    await verifier.verify('b')
    expect(server.asked).toHaveLength(4)
  })

  verifies('RFC7662-4-d')('belongs to one verifier', async () => {
    const server = endpoint()
    await server.verifier().verify('opaque')
    await server.verifier().verify('opaque')

    expect(server.asked).toHaveLength(2)
  })

  verifies('RFC7662-4-d')('shows no token to whoever inspects the verifier', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('a-raw-token-that-nobody-sees')
    const seen = inspect(verifier, { showHidden: true, depth: Infinity, getters: true })

    expect(seen).toContain('verify')
    expect(`${seen}${JSON.stringify([verifier, verifier.status(), server.events])}`).not.toContain('a-raw-token')
  })

  it('gives a token with an empty tail no chance to pass for another', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    for (const token of ['ab', 'a', 'b', 'ab=', 'AB']) await verifier.verify(token)

    expect(server.asked).toHaveLength(5)
  })
})

describe('requests at the same time', () => {
  verifies('RFC7662-DoS')('a thousand with one token ask once', async () => {
    const server = endpoint()
    const { promise, release } = held<Response>()
    server.answer(() => promise)
    const verifier = server.verifier()
    const all = Promise.all(Array.from({ length: 1000 }, () => outcome(verifier.verify('opaque'))))
    await server.clock.advance(0.1)
    expect(server.asked).toHaveLength(1)
    release(json(active(server.clock)))

    expect(new Set(await all)).toEqual(new Set(['accepted']))
    expect(server.asked).toHaveLength(1)
  })

  it('share a failure, and the next request asks again', async () => {
    const server = endpoint()
    const { promise, release } = held<Response>()
    server.answer(() => promise)
    const verifier = server.verifier()
    const all = Promise.all(Array.from({ length: 50 }, () => outcome(verifier.verify('opaque'))))
    await server.clock.advance(0.1)
    release(json({}, 500))
    expect(new Set(await all)).toEqual(new Set(['INTROSPECTION_UNAVAILABLE']))
    expect(server.asked).toHaveLength(1)
    expect(server.events.filter(({ type }) => type === 'introspection-failed')).toHaveLength(1)

    server.answer(() => json(active(server.clock)))
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
  })

  it('share one call without a cache too', async () => {
    const server = endpoint()
    const { promise, release } = held<Response>()
    server.answer(() => promise)
    const verifier = server.verifier({ cache: false })
    const all = Promise.all(Array.from({ length: 50 }, () => verifier.verify('opaque')))
    await server.clock.advance(0.1)
    release(json(active(server.clock)))
    await all

    expect(server.asked).toHaveLength(1)
  })

  it('with different tokens do not wait for each other', async () => {
    const server = endpoint()
    const { promise, release } = held<Response>()
    server.answer(({ parameters }) => (parameters.get('token') === 'slow' ? promise : json(active(server.clock))))
    const verifier = server.verifier()
    const slow = outcome(verifier.verify('slow'))

    expect(await outcome(verifier.verify('quick'))).toBe('accepted')
    release(json({ active: false }))
    expect(await slow).toBe('TOKEN_INACTIVE')
  })
})

describe('fresh', () => {
  it('asks again, and what it hears counts from then on', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('opaque')
    server.answer(inactive)
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(await outcome(verifier.verify('opaque', { fresh: true }))).toBe('TOKEN_INACTIVE')
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_INACTIVE')
    expect(server.asked).toHaveLength(2)

    server.answer(() => json(active(server.clock)))
    expect(await outcome(verifier.verify('opaque', { fresh: true }))).toBe('accepted')
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
  })

  it('refuses during an outage, whatever is remembered', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('opaque')
    server.answer(() => json({}, 500))

    expect(await outcome(verifier.verify('opaque', { fresh: true }))).toBe('INTROSPECTION_UNAVAILABLE')
  })

  it('never joins a call that began before', async () => {
    const server = endpoint()
    const first = held<Response>()
    server.answer(() => first.promise)
    const verifier = server.verifier()
    const earlier = outcome(verifier.verify('opaque'))
    await server.clock.advance(0.1)

    server.answer(inactive) // the token is revoked after the first call was sent
    const fresh = Array.from({ length: 100 }, () => outcome(verifier.verify('opaque', { fresh: true })))
    await server.clock.advance(0.1)
    expect(server.asked).toHaveLength(1)
    first.release(json(active(server.clock)))

    expect(await earlier).toBe('accepted')
    expect(new Set(await Promise.all(fresh))).toEqual(new Set(['TOKEN_INACTIVE']))
    expect(server.asked).toHaveLength(2) // all of them came during the first call, so one more answers them
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_INACTIVE')
  })

  it('asks even where the call before it failed', async () => {
    const server = endpoint()
    const first = held<Response>()
    server.answer(() => first.promise)
    const verifier = server.verifier()
    const earlier = outcome(verifier.verify('opaque'))
    await server.clock.advance(0.1)
    server.answer(() => json(active(server.clock)))
    const fresh = outcome(verifier.verify('opaque', { fresh: true }))
    await server.clock.advance(0.1)
    first.release(json({}, 500))

    expect(await earlier).toBe('INTROSPECTION_UNAVAILABLE')
    expect(await fresh).toBe('accepted')
  })

  it('that comes during a fresh call waits for one of its own', async () => {
    const server = endpoint()
    const first = held<Response>()
    server.answer(() => first.promise)
    const verifier = server.verifier()
    const one = outcome(verifier.verify('opaque', { fresh: true }))
    await server.clock.advance(0.1)
    server.answer(inactive)
    const two = outcome(verifier.verify('opaque', { fresh: true }))
    await server.clock.advance(0.1)
    first.release(json(active(server.clock)))

    expect([await one, await two]).toEqual(['accepted', 'TOKEN_INACTIVE'])
  })
})

verifies('RFC7662-4-d')('the key covers whom is asked, as whom and how', async () => {
  const server = endpoint()
  const keys = new Set<string>()
  const shared = {
    get: async (key: string) => {
      keys.add(key)
      return undefined
    },
    set: async () => {},
  }
  const others = [
    {},
    { endpoint: `${ENDPOINT}/other` },
    { clientAuthentication: clientSecretBasic('api-2', 'secret') },
    { clientAuthentication: clientSecretPost('api', 'secret') },
    { parameters: { a: 'b' } },
    { parameters: { a: 'b', c: 'd' } },
    { tokenTypeHint: false },
    { issuer: 'https://other.example', endpoint: ENDPOINT },
  ]
  for (const options of others) await server.verifier({ ...options, cache: { shared } }).verify('opaque')
  expect(keys.size).toBe(others.length)
  await server.verifier({ cache: { shared } }).verify('opaque')
  expect(keys.size).toBe(others.length)
  for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/)
})
