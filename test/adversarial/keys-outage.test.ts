import type { FetchFailure } from '@tokenward/core'

import { describe, expect, it } from 'vitest'

import type { Answer, KeysWorld } from './keys-world.ts'

import { verifies } from '../requirements/verifies.ts'
import { body, hanging, keysWorld, lost, status, unreachable, usual } from './keys-world.ts'

const huge = body(JSON.stringify({ issuer: 'https://issuer.example', keys: [], padding: 'x'.repeat(5 * 1024 * 1024) }))
const html = body('<!doctype html><title>Sign in</title>', 'text/html')
const garbage = body(Uint8Array.of(0xff, 0xfe, 0x00, 0x7b, 0x22))
const redirecting: Answer = () =>
  new Response(null, { status: 302, headers: { location: 'https://trap.example/keys' } })

/** A body that arrives an octet at a time and never ends. */
const trickling: Answer = ({ signal }) => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"keys":['))
      signal?.addEventListener('abort', () => {
        controller.error(signal.reason)
      })
    },
  })
  return new Response(stream, { headers: { 'content-type': 'application/json' } })
}

const endless: Answer = () =>
  new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20))
      },
    }),
    { headers: { 'content-type': 'application/json' } },
  )

const eitherPlace: readonly (readonly [name: string, answer: Answer, reason: FetchFailure])[] = [
  ['unreachable', unreachable, 'network'],
  ['status 500', status(500), 'status'],
  ['status 503', status(503), 'status'],
  ['status 403', status(403), 'status'],
  ['status 204', () => new Response(null, { status: 204 }), 'status'],
  ['too many requests', status(429), 'status'],
  ['hanging', hanging, 'timeout'],
  ['a body that never ends', trickling, 'timeout'],
  ['a body that is endless', endless, 'too-large'],
  ['5 MB', huge, 'too-large'],
  ['a redirect', redirecting, 'redirect'],
  ['a permanent redirect', status(308, { location: 'https://trap.example/' }), 'redirect'],
]

const metadataFaults: readonly (readonly [name: string, answer: Answer, reason: FetchFailure])[] = [
  ...eitherPlace,
  ['status 404 everywhere', status(404), 'status'],
  ['HTML everywhere', html, 'not-json'],
  ['garbage everywhere', garbage, 'not-json'],
  ['JSON that says it is text', body('{}', 'text/plain'), 'not-json'],
  ['an array', body('[]'), 'not-json'],
  ['no issuer', body('{"jwks_uri":"https://issuer.example/jwks"}'), 'issuer-mismatch'],
  ['another issuer', metadata({ issuer: 'https://other.example' }), 'issuer-mismatch'],
  ['a slash more', metadata({ issuer: 'https://issuer.example/' }), 'issuer-mismatch'],
  ['issuer as a list', metadata({ issuer: ['https://issuer.example'] }), 'issuer-mismatch'],
  ['no jwks_uri', metadata({ jwks_uri: undefined }), 'metadata-invalid'],
  ['jwks_uri without TLS', metadata({ jwks_uri: 'http://issuer.example/jwks' }), 'metadata-invalid'],
  ['jwks_uri on the machine itself', metadata({ jwks_uri: 'http://127.0.0.1/jwks' }), 'metadata-invalid'],
  ['jwks_uri of a file', metadata({ jwks_uri: 'file:///etc/passwd' }), 'metadata-invalid'],
  ['jwks_uri that is relative', metadata({ jwks_uri: '/jwks' }), 'metadata-invalid'],
  ['a member twice', body('{"issuer":"https://evil.example","issuer":"https://issuer.example"}'), 'not-json'],
]

const keyFaults: readonly (readonly [name: string, answer: Answer, reason: FetchFailure])[] = [
  ...eitherPlace,
  ['status 404', status(404), 'status'],
  ['HTML', html, 'not-json'],
  ['garbage', garbage, 'not-json'],
  ['nothing', body(''), 'not-json'],
  ['an array', body('[]'), 'not-json'],
  ['an object without keys', body('{}'), 'keys-invalid'],
  ['keys that are no list', body('{"keys":{}}'), 'keys-invalid'],
  ['keys that are no keys', body('{"keys":[1,null,"x"]}'), 'keys-invalid'],
  ['no keys', body('{"keys":[]}'), 'keys-empty'],
  ['too many keys', body(JSON.stringify({ keys: Array.from({ length: 65 }, () => ({})) })), 'keys-invalid'],
  ['keys twice', body('{"keys":[],"keys":[]}'), 'not-json'],
]

function metadata(changes: Readonly<Record<string, unknown>>): Answer {
  return body(JSON.stringify({ issuer: 'https://issuer.example', jwks_uri: 'https://issuer.example/jwks', ...changes }))
}

/** The refusal of a good token; time passes meanwhile as far as a fetch may take. */
async function refusalWhile(world: KeysWorld, token: string) {
  const pending = world.refusal(token)
  await world.clock.advance(5)
  return pending
}

describe.each([
  ['metadata', metadataFaults, 'https://issuer.example/.well-known/'],
  ['jwks', keyFaults, 'https://issuer.example/jwks'],
] as const)('the %s', (location, faults, url) => {
  it.each(faults)('%s: 503 within five seconds, and no word about the token', async (_name, answer, reason) => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    world.answer(location, answer)

    const error = await refusalWhile(world, token)
    expect(error).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(error.retryAfterSeconds).toSatisfy(Number.isInteger)
    expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(1)
    expect(world.status()).toMatchObject({ state: 'keyless', keyCount: 0, lastError: { reason } })
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'keys-refresh-failed', reason }))
    expect(world.asked.filter((asked) => asked.url.includes('trap'))).toEqual([])
  })

  it.each(faults)('%s: the operator reads where and why', async (_name, answer) => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    world.answer(location, answer)

    const { message } = await refusalWhile(world, token)
    expect(message).toContain(world.issuer.issuer)
    expect(message.slice(message.indexOf(': ') + 1)).toContain(url)
  })

  it.each(faults)('%s: keys that are at hand go on', async (_name, answer, reason) => {
    const world = await keysWorld()
    const token = await world.issuer.mint({ exp: world.clock.nowSeconds() + 7200 })
    await world.outcome(token)
    const withdrawn = reason === 'keys-empty'
    world.answer(location, answer)
    if (location === 'metadata') world.answer('jwks', status(500))

    await world.clock.advance(660)
    const pending = world.outcome(token)
    await world.clock.advance(5)
    expect(await pending).toBe(withdrawn ? 'KEYS_UNAVAILABLE' : 'granted')
    expect(world.status().state).toBe(withdrawn ? 'keyless' : 'stale')
  })

  it.each(faults)('%s: recovers by itself, without a request', async (_name, answer) => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    world.answer(location, answer)
    await refusalWhile(world, token)
    world.answer('both', usual)
    await world.clock.advance(30)
    expect(world.status()).toMatchObject({ state: 'fresh', keyCount: 1, lastError: undefined })
    const before = world.asked.length
    expect(await world.outcome(token)).toBe('granted')
    expect(world.asked.length).toBe(before)
  })
})

it('a status 304 that nobody asked for is no answer', async () => {
  const world = await keysWorld()
  world.answer('jwks', () => new Response(null, { status: 304 }))
  const error = await world.refusal(await world.issuer.mint())
  expect(error).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
  expect(error.message).toContain('https://issuer.example/jwks')
})

describe('what the operator reads', () => {
  verifies('RFC8414-3.3-a', 'OIDCD-4.3-a')('of metadata that belongs to another issuer, names both', async () => {
    const world = await keysWorld()
    world.answer('metadata', metadata({ issuer: 'https://issuer.example/' }))
    const { message } = await world.refusal(await world.issuer.mint())
    expect(message).toContain('"https://issuer.example/"')
    expect(message).toContain('"https://issuer.example"')
    expect(world.keyFetches()).toBe(0)
  })

  it('of an unreachable issuer, names the reason of the system', async () => {
    const world = await keysWorld()
    world.answer('both', unreachable)
    expect((await world.refusal(await world.issuer.mint())).message).toContain('ECONNREFUSED')
  })

  it('of a status, names it', async () => {
    const world = await keysWorld()
    world.answer('jwks', status(429))
    expect((await world.refusal(await world.issuer.mint())).message).toContain('429')
  })

  it('cannot be forged by the issuer', async () => {
    const world = await keysWorld()
    world.answer('metadata', metadata({ issuer: 'https://x.example\r\n2027-01-15 root logged in\u001b[2J' }))
    const { message } = await world.refusal(await world.issuer.mint())
    expect(message).toMatch(/^[\x20-\x7e]+$/u)
  })
})

describe('the pause between attempts', () => {
  it('lets no request cause a fetch before it is over', async () => {
    const world = await keysWorld()
    world.answer('both', unreachable)
    const token = await world.issuer.mint()
    const { retryAfterSeconds = 0 } = await world.refusal(token)
    const attempts = world.asked.length
    expect(attempts).toBe(1)

    await Promise.all(Array.from({ length: 100 }, () => world.outcome(token)))
    await world.clock.advance(retryAfterSeconds - 0.1)
    await Promise.all(Array.from({ length: 100 }, () => world.outcome(token)))
    expect(world.asked.length).toBe(attempts)
  })

  it('doubles from a second to half a minute where there are no keys', async () => {
    const world = await keysWorld()
    world.answer('both', unreachable)
    await world.refusal(await world.issuer.mint())
    const pauses = async (): Promise<number[]> => {
      await world.clock.advance(150)
      return world.events.flatMap((event) => (event.type === 'keys-refresh-failed' ? [event.retryAfterSeconds] : []))
    }
    expect((await pauses()).slice(0, 8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
  })

  it('doubles from five seconds to five minutes where there are', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    world.answer('both', unreachable)
    await world.clock.advance(481)
    await world.outcome(await world.issuer.mint())
    await world.clock.advance(1800)
    const pauses = world.events.flatMap((event) =>
      event.type === 'keys-refresh-failed' ? [event.retryAfterSeconds] : [],
    )
    expect(pauses.slice(0, 8)).toEqual([5, 10, 20, 40, 80, 160, 300, 300])
  })

  it('is what Retry-After says, rounded up', async () => {
    const world = await keysWorld({ random: () => 0.5 })
    world.answer('both', unreachable)
    const token = await world.issuer.mint()
    for (const [seconds, expected] of [
      [0, 1],
      [0.9, 2],
      [1.8, 4],
    ] as const) {
      await world.clock.advance(seconds)
      expect((await world.refusal(token)).retryAfterSeconds).toBe(expected)
    }
  })

  it('is spread by chance, so that a fleet does not ask at once', async () => {
    const pauses: number[] = []
    for (const chance of [0, 0.5, 0.999]) {
      const world = await keysWorld({ random: () => chance })
      world.answer('both', unreachable)
      await world.refusal(await world.issuer.mint())
      pauses.push(
        ...world.events.flatMap((event) => (event.type === 'keys-refresh-failed' ? [event.retryAfterSeconds] : [])),
      )
    }
    expect(new Set(pauses).size).toBe(3)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0.8)
  })

  it('is as long as the issuer asks for, within reason', async () => {
    const world = await keysWorld()
    world.answer('jwks', status(429, { 'retry-after': '90' }))
    const token = await world.issuer.mint()
    expect((await world.refusal(token)).retryAfterSeconds).toBe(90)
    const attempts = world.asked.length
    await world.clock.advance(89)
    await world.outcome(token)
    expect(world.asked.length).toBe(attempts)

    const greedy = await keysWorld()
    greedy.answer('jwks', status(429, { 'retry-after': '999999' }))
    expect((await greedy.refusal(await greedy.issuer.mint())).retryAfterSeconds).toBeLessThanOrEqual(300)
  })

  it('is over at once when a fetch succeeded: the next outage begins with a short one', async () => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    world.answer('both', unreachable)
    await world.outcome(token)
    await world.clock.advance(20)
    world.answer('both', usual)
    await world.clock.advance(30)
    world.answer('jwks', body('{"keys":[]}'))
    await world.clock.advance(481)
    await world.outcome(token)
    await world.clock.advance(0)
    expect(
      world.events.find((event) => event.type === 'keys-refresh-failed' && event.reason === 'keys-empty'),
    ).toMatchObject({ retryAfterSeconds: 1 })
  })
})

describe('whoever asks', () => {
  it('need not wait for the answer: others get theirs', async () => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    void world.outcome(token)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.asked).toHaveLength(2)
  })

  it('gets a new fetch where the one under way is lost for good', async () => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    world.answer('metadata', lost)
    const first = world.outcome(token)
    await world.clock.advance(5)
    expect(await first).toBe('KEYS_UNAVAILABLE')
    world.answer('metadata', usual)
    await world.clock.advance(1)
    expect(await world.outcome(token)).toBe('granted')
  })

  it('gets a new fetch even where timers were lost with it', async () => {
    const world = await keysWorld({ schedule: () => () => {} })
    const token = await world.issuer.mint()
    world.answer('metadata', lost)
    void world.outcome(token)
    await world.clock.advance(5.9)
    const second = world.outcome(token)
    expect(world.asked).toHaveLength(1)
    world.answer('metadata', usual)
    await world.clock.advance(0.1)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.asked).toHaveLength(3)
    void second
  })

  it('does not get the answer of a fetch that was overtaken', async () => {
    const world = await keysWorld({ schedule: () => () => {} })
    const old = world.issuer.jwks()
    const oldToken = await world.issuer.mint()
    let answerLate = (): void => {}
    world.answer(
      'jwks',
      () =>
        new Promise((resolve) => {
          answerLate = () => resolve(Response.json(old))
        }),
    )
    const waiting = world.outcome(oldToken)
    await world.clock.advance(6)
    await world.issuer.rotate()
    world.answer('jwks', usual)
    const token = await world.issuer.mint()
    expect(await world.outcome(token)).toBe('granted')
    answerLate()
    expect(await waiting).toBe('KEY_UNKNOWN')
    expect(await world.outcome(token)).toBe('granted')
    expect(await world.outcome(oldToken)).toBe('KEY_UNKNOWN')
  })

  it('leaves nothing running after an abort: the fetch is told to stop after five seconds', async () => {
    const world = await keysWorld()
    world.answer('metadata', hanging)
    const waiting = world.outcome(await world.issuer.mint())
    await world.clock.advance(4.9)
    expect(world.asked[0]?.signal?.aborted).toBe(false)
    await world.clock.advance(0.1)
    expect(world.asked[0]?.signal?.aborted).toBe(true)
    await waiting
  })

  it('of metadata and keys has five seconds for both together', async () => {
    const world = await keysWorld()
    const late =
      (seconds: number, respond: () => Response): Answer =>
      () =>
        new Promise((resolve) => {
          world.clock.schedule(seconds * 1000, () => resolve(respond()))
        })
    world.answer(
      'metadata',
      late(3, () => Response.json(world.issuer.metadata())),
    )
    world.answer(
      'jwks',
      late(3, () => Response.json(world.issuer.jwks())),
    )
    const waiting = world.outcome(await world.issuer.mint())
    await world.clock.advance(5)
    expect(await waiting).toBe('KEYS_UNAVAILABLE')
  })
})
