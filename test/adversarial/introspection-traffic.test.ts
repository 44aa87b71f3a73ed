import type { ErrorCode } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../core/introspection/endpoint.ts'
import { active, endpoint, held, ISSUER, json } from '../core/introspection/endpoint.ts'
import { outcome, refusalOf, requestWith } from '../core/scene.ts'

type Outcome = ErrorCode | 'accepted'

const count = (results: readonly Outcome[], wanted: Outcome): number => results.filter((one) => one === wanted).length

/** As many tokens, all different, at the same time. */
function verifying(verifier: ReturnType<Endpoint['verifier']>, tokens: number, prefix = 'token'): Promise<Outcome>[] {
  return Array.from({ length: tokens }, (_, index) => outcome(verifier.verify(`${prefix}-${index}`)))
}

/** A verifier whose breaker has just opened: five failures in a row. */
async function broken(server: Endpoint, verifier = server.verifier()): Promise<ReturnType<Endpoint['verifier']>> {
  server.answer(() => json({}, 500))
  for (let index = 0; index < 5; index += 1) {
    expect(await outcome(verifier.verify(`broken-${index}`))).toBe('INTROSPECTION_UNAVAILABLE')
  }
  expect(server.asked).toHaveLength(5)
  return verifier
}

describe('a slow endpoint', () => {
  it('is asked 64 things at a time; 256 requests wait; the rest is refused at once', async () => {
    const server = endpoint()
    const { promise, release } = held<void>()
    server.answer(async () => {
      await promise
      return json(active(server.clock))
    })
    const all = verifying(server.verifier(), 64 + 256 + 10)
    for (let turn = 0; turn < 100 && server.asked.length < 64; turn += 1) await server.clock.advance(0) // hashes take turns
    await server.clock.advance(0.1)
    expect(server.asked).toHaveLength(64)
    release()

    const results = await Promise.all(all)
    expect(count(results, 'accepted')).toBe(64 + 256)
    expect(count(results, 'INTROSPECTION_UNAVAILABLE')).toBe(10)
    expect(server.events.filter(({ type }) => type === 'introspection-failed')).toHaveLength(10)
    expect(server.events.find(({ type }) => type === 'introspection-failed')).toMatchObject({ reason: 'overloaded' })
  })

  it('that says nothing costs nobody more than six seconds, and leaves nothing behind', async () => {
    const server = endpoint()
    server.answer(() => new Promise<never>(() => {}))
    const verifier = server.verifier()
    const all = verifying(verifier, 400)
    await server.clock.advance(6)
    expect(count(await Promise.all(all), 'INTROSPECTION_UNAVAILABLE')).toBe(400)

    server.answer(() => json(active(server.clock)))
    await server.clock.advance(5)
    expect(await outcome(verifier.verify('later'))).toBe('accepted')
    expect(count(await Promise.all(verifying(verifier, 320, 'later')), 'accepted')).toBe(320) // no place was lost
  })

  it('does not slow down tokens that are remembered', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    await verifier.verify('known')
    server.answer(() => new Promise<never>(() => {}))
    const all = verifying(verifier, 400)

    expect(await outcome(verifier.verify('known'))).toBe('accepted')
    await server.clock.advance(6)
    await Promise.all(all)
  })
})

describe('an endpoint that fails five times in a row', () => {
  it('is left alone for five seconds, and Retry-After says so', async () => {
    const server = endpoint()
    const api = server.serving()
    await broken(server, api.verifier)
    await server.clock.advance(1.5)
    const decision = await api.authenticate(requestWith('Bearer another'))

    expect(decision).toMatchObject({ granted: false, status: 503, error: { code: 'INTROSPECTION_UNAVAILABLE' } })
    if (decision.granted) throw new Error('granted')
    expect(decision.headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1]).toBe('4')
    expect(server.asked).toHaveLength(5)
    expect(api.verifier.status().issuers[0]).toMatchObject({ issuer: ISSUER, state: 'unreachable' })
  })

  it('is not left alone after four', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    for (let round = 0; round < 3; round += 1) {
      server.answer(() => json({}, 500))
      for (let index = 0; index < 4; index += 1) await outcome(verifier.verify(`x-${round}-${index}`))
      server.answer(() => json(active(server.clock)))
      expect(await outcome(verifier.verify(`good-${round}`))).toBe('accepted')
    }
    expect(server.asked).toHaveLength(15)
  })

  it('is asked one thing after that, and everything once it answered', async () => {
    const server = endpoint()
    const verifier = await broken(server)
    const { promise, release } = held<Response>()
    server.answer(() => promise)
    await server.clock.advance(5)
    const probe = outcome(verifier.verify('probe'))
    await server.clock.advance(0.1)
    const others = await Promise.all(verifying(verifier, 20))
    expect(count(others, 'INTROSPECTION_UNAVAILABLE')).toBe(20)
    expect(server.asked).toHaveLength(6)

    release(json(active(server.clock)))
    expect(await probe).toBe('accepted')
    server.answer(() => json(active(server.clock)))
    expect(count(await Promise.all(verifying(verifier, 20)), 'accepted')).toBe(20)
    expect(verifier.status().issuers[0]).toMatchObject({ state: 'fresh', lastError: undefined })
  })

  it('is asked one thing even where many requests come in the same instant', async () => {
    const server = endpoint()
    const { promise, release } = held<undefined>()
    let isHeld = false
    const shared = {
      get: async () => (isHeld ? promise : undefined), // as a store whose answers arrive in one piece
      set: async () => {},
    }
    const verifier = await broken(server, server.verifier({ cache: { shared } }))
    server.answer(() => new Promise<never>(() => {}))
    await server.clock.advance(5)
    isHeld = true
    const all = verifying(verifier, 20)
    await server.clock.advance(0.1)
    release(undefined)
    await server.clock.advance(0.1)

    expect(server.asked).toHaveLength(6)
    await server.clock.advance(10)
    expect(count(await Promise.all(all), 'INTROSPECTION_UNAVAILABLE')).toBe(20)
  })

  it('is left alone for five seconds more where that fails too, time after time', async () => {
    const server = endpoint()
    const verifier = await broken(server)
    for (let round = 1; round <= 3; round += 1) {
      await server.clock.advance(5)
      expect(await outcome(verifier.verify(`probe-${round}`))).toBe('INTROSPECTION_UNAVAILABLE')
      expect(await outcome(verifier.verify(`other-${round}`))).toBe('INTROSPECTION_UNAVAILABLE')
      expect(server.asked).toHaveLength(5 + round)
    }
  })

  it('is asked again although the first one to ask never hears', async () => {
    const server = endpoint()
    const verifier = await broken(server)
    server.answer(() => new Promise<never>(() => {}))
    await server.clock.advance(5)
    const probe = outcome(verifier.verify('probe'))
    await server.clock.advance(3)
    expect(await probe).toBe('INTROSPECTION_UNAVAILABLE')

    server.answer(() => json(active(server.clock)))
    expect(await outcome(verifier.verify('early'))).toBe('INTROSPECTION_UNAVAILABLE')
    await server.clock.advance(5)
    expect(await outcome(verifier.verify('late'))).toBe('accepted')
  })

  it('keeps telling what is wrong with it, not that it is left alone', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    server.answer(() => json({}, 401))
    for (let index = 0; index < 8; index += 1) await outcome(verifier.verify(`x-${index}`))

    expect(verifier.status().issuers[0]?.lastError).toMatchObject({ reason: 'credentials-refused' })
  })
})

describe('an endpoint that says when to come back', () => {
  const busy = (seconds: string) => () => new Response('', { status: 429, headers: { 'retry-after': seconds } })

  it('is believed in what the client is told', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    for (const [said, told] of [
      ['7', 7],
      ['120', 60],
      ['soon', 1],
      ['0', 1],
    ] as const) {
      server.answer(busy(said))
      await expect(verifier.verify(`x-${said}`)).rejects.toMatchObject({ retryAfterSeconds: told })
    }
  })

  it('is left alone for so long once it failed too often', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    server.answer(busy('20'))
    for (let index = 0; index < 5; index += 1) await outcome(verifier.verify(`x-${index}`))

    await server.clock.advance(19)
    expect(await outcome(verifier.verify('early'))).toBe('INTROSPECTION_UNAVAILABLE')
    expect(server.asked).toHaveLength(5)

    server.answer(() => json(active(server.clock)))
    await server.clock.advance(1)
    expect(await outcome(verifier.verify('late'))).toBe('accepted')
  })
})

describe('a client', () => {
  it('cannot close the door to others with tokens that the server calls bad requests', async () => {
    const server = endpoint()
    server.answer(({ parameters }) =>
      parameters.get('token')?.startsWith('odd') === true
        ? json({ error: 'invalid_request' }, 400)
        : json(active(server.clock)),
    )
    const verifier = server.verifier()
    for (let index = 0; index < 20; index += 1) {
      expect(await outcome(verifier.verify(`odd-${index}`))).toBe('INTROSPECTION_UNAVAILABLE')
    }

    expect(await outcome(verifier.verify('good'))).toBe('accepted')
  })

  it('that is inactive a thousand times is no failure of the server', async () => {
    const server = endpoint()
    server.answer(() => json({ active: false }))
    const verifier = server.verifier()
    for (let index = 0; index < 50; index += 1) {
      expect(await outcome(verifier.verify(`x-${index}`))).toBe('TOKEN_INACTIVE')
    }
    expect(server.asked).toHaveLength(50)
  })
})

it('the trouble of one issuer is none of another', async () => {
  const server = endpoint()
  const other = server.issuer({
    issuer: 'https://other.example',
    endpoint: 'https://other.example/i',
    tokenPrefix: 'b',
  })
  server.answer(({ url }) => (url.startsWith(ISSUER) ? json({}, 500) : json(active(server.clock))))
  const verifier = server.verifier({}, { issuer: [server.issuer({ tokenPrefix: 'a' }), other] })
  for (let index = 0; index < 10; index += 1) await outcome(verifier.verify(`a-${index}`))

  expect(await outcome(verifier.verify('b-1'))).toBe('accepted')
  const refusal = await refusalOf(verifier.verify('a-1'))
  expect(refusal.retryAfterSeconds).toBeGreaterThan(1)
})
