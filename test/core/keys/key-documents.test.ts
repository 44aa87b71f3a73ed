import type { TokenwardEvent, Verifier } from '@tokenward/core'
import { createVerifier, jwtIssuer, remoteKeys } from '@tokenward/core'
import type { TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf } from '../scene.ts'

const URL_OF_KEYS = 'https://issuer.example/jwks'

interface Setting {
  readonly verifier: Verifier
  readonly issuer: TestIssuer
  readonly events: TokenwardEvent[]
  readonly clock: ReturnType<typeof manualClock>
  /** What the key set's URL answers from now on; undefined for the issuer's own answer. */
  answer: (() => Response | Promise<Response>) | undefined
}

async function serving(answer?: Setting['answer']): Promise<Setting> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock, respond: () => setting.answer?.() })
  const events: TokenwardEvent[] = []
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer: issuer.issuer, keys: remoteKeys(URL_OF_KEYS) }),
    audience: AUDIENCE,
    system: { ...clock, fetch: issuer.fetch },
    onEvent: (event) => void events.push(event),
  })
  const setting: Setting = { verifier, issuer, events, clock, answer }
  return setting
}

const { issuer: sample } = await serving()
const good = sample.jwks().keys
const UNUSABLE: readonly (readonly [string, () => Response | Promise<Response>, string])[] = [
  ['{}', () => Response.json({}), 'keys-invalid'],
  ['keys that are an object', () => Response.json({ keys: {} }), 'keys-invalid'],
  ['keys that are null', () => Response.json({ keys: null }), 'keys-invalid'],
  ['a bare list', () => Response.json(good), 'not-json'],
  ['one key', () => Response.json(good[0]), 'keys-invalid'],
  ['65 keys', () => Response.json({ keys: Array(65).fill(good[0]) }), 'keys-invalid'],
  ['only unusable keys', () => Response.json({ keys: [{ ...good[0], use: 'enc' }, { kty: 'AKP' }] }), 'keys-invalid'],
  ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } }), 'not-json'],
  ['an empty body', () => new Response(''), 'not-json'],
  ['a status of 500', () => Response.json({ keys: good }, { status: 500 }), 'status'],
  ['a redirect', () => Response.redirect('https://other.example/jwks'), 'redirect'],
  ['304 to a question without an ETag', () => new Response(null, { status: 304 }), 'redirect'],
  ['too much', () => Response.json({ keys: good, padding: 'x'.repeat(300_000) }), 'too-large'],
  ['a network failure', () => Promise.reject(new TypeError('fetch failed')), 'network'],
  ['a rejection that is no error', () => Promise.reject('gone'), 'network'],
]

describe('a key set', () => {
  verifies('RFC7517-5-a')(
    'is an object with a list of keys; without one, nothing is known, and a set held stays',
    async () => {
      for (const [what, answer, reason] of UNUSABLE) {
        const empty = await serving(answer)
        const refusal = await refusalOf(empty.verifier.verify(await empty.issuer.mint()))
        expect([what, refusal.code, refusal.status]).toEqual([what, 'KEYS_UNAVAILABLE', 503])
        expect(empty.events[0]).toMatchObject({ type: 'keys-refresh-failed', reason })

        const held = await serving()
        const token = await held.issuer.mint()
        await held.verifier.warmUp()
        held.answer = answer
        const unknown = await held.issuer.mint({}, { header: { kid: 'nobody' } })
        expect([what, await outcome(held.verifier.verify(unknown))]).toEqual([what, 'KEYS_UNAVAILABLE'])
        expect([what, await outcome(held.verifier.verify(token))]).toEqual([what, 'accepted'])
      }
    },
  )

  it('may have any content type, as many servers give none that fits', async () => {
    const { verifier, issuer } = await serving(() => new Response(JSON.stringify({ keys: good })))

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })

  it('may hold 64 keys', async () => {
    const others = Array.from({ length: 63 }, (_, index) => ({ ...good[0], kid: `other-${index}` }))
    const { verifier, issuer, events } = await serving(() => Response.json({ keys: [...others, ...good] }))

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(events[0]).toMatchObject({ type: 'keys-refreshed', keyCount: 64 })
  })

  verifies('RFC7517-4-a')('whose keys have a name twice is refused whole', async () => {
    const key = JSON.stringify(good[0])
    for (const text of [
      `{"keys":[${key.replace('{', '{"kty":"RSA",')}]}`,
      `{"keys":[],"keys":[${key}]}`,
      `{"keys":[${key}],"\\u006beys":[${key}]}`,
    ]) {
      const { verifier, issuer, events } = await serving(() => new Response(text))
      expect(await outcome(verifier.verify(await issuer.mint()))).toBe('KEYS_UNAVAILABLE')
      expect(events[0]).toMatchObject({ reason: 'not-json' })
    }
  })

  it('that is empty withdraws every key', async () => {
    const setting = await serving()
    const token = await setting.issuer.mint()
    expect(await outcome(setting.verifier.verify(token))).toBe('accepted')
    setting.answer = () => Response.json({ keys: [] })
    await outcome(setting.verifier.verify(await setting.issuer.mint({}, { header: { kid: 'nobody' } })))

    expect(await outcome(setting.verifier.verify(token))).toBe('KEYS_UNAVAILABLE')
  })

  it('is asked for in a way that follows no redirect and names what it accepts', async () => {
    const asked: RequestInit[] = []
    const { issuer, clock } = await serving()
    const verifier = createVerifier({
      issuer: jwtIssuer({ issuer: issuer.issuer, keys: remoteKeys(URL_OF_KEYS) }),
      audience: AUDIENCE,
      system: {
        ...clock,
        fetch: (url, init) => {
          asked.push(init)
          return issuer.fetch(url, init)
        },
      },
    })
    await verifier.warmUp()

    expect(asked).toEqual([
      expect.objectContaining({
        redirect: 'manual',
        headers: { accept: 'application/json, application/jwk-set+json' },
      }),
    ])
    expect(asked[0]?.signal).toBeInstanceOf(AbortSignal)
    expect(asked[0]?.method ?? 'GET').toBe('GET')
  })
})

describe('an ETag', () => {
  it('is sent back, and the keys stay where nothing changed', async () => {
    const tags: (string | null)[] = []
    const setting = await serving()
    const verifier = createVerifier({
      issuer: jwtIssuer({ issuer: setting.issuer.issuer, keys: remoteKeys(URL_OF_KEYS) }),
      audience: AUDIENCE,
      system: {
        ...setting.clock,
        random: () => 0,
        fetch: async (_url, init) => {
          const tag = new Headers(init.headers).get('if-none-match')
          tags.push(tag)
          return tag === '"1"'
            ? new Response(null, { status: 304 })
            : Response.json({ keys: good }, { headers: { etag: '"1"' } })
        },
      },
    })
    await verifier.warmUp()
    await outcome(verifier.verify(await setting.issuer.mint()))
    for (let round = 0; round < 3; round += 1) {
      await setting.clock.advance(550)
      expect(await outcome(verifier.verify(await setting.issuer.mint()))).toBe('accepted')
    }

    expect(tags.slice(0, 3)).toEqual([null, '"1"', '"1"'])
    expect(verifier.status().issuers[0]).toMatchObject({ state: 'fresh', keyCount: 1 })
  })
})

describe('while the keys cannot be had', () => {
  it('the message names the issuer, the URL and what happened, for the operator', async () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    const failing = await serving(() => Promise.reject(new TypeError('fetch failed', { cause })))
    const { message } = await refusalOf(failing.verifier.verify(await failing.issuer.mint()))

    expect(message).toContain('https://issuer.example')
    expect(message).toContain(URL_OF_KEYS)
    expect(message).toContain('fetch failed (ENOTFOUND)')
  })

  it('the status tells since when and why', async () => {
    const { verifier, issuer, clock } = await serving(() => new Response(null, { status: 500 }))
    expect(verifier.status().issuers[0]).toMatchObject({ issuer: issuer.issuer, state: 'keyless', keyCount: 0 })
    await outcome(verifier.warmUp())

    expect(verifier.status().issuers[0]).toMatchObject({ state: 'keyless', keyCount: 0 })
    expect(JSON.stringify(verifier.status())).toContain('500')
    expect(clock.nowSeconds()).toBe(1_800_000_000)
  })

  it('a body that breaks off is a failure like any other', async () => {
    const { verifier, events } = await serving(
      () =>
        new Response(
          new ReadableStream({
            pull: (controller) => {
              controller.error(new Error('socket hang up'))
            },
          }),
        ),
    )

    expect(await outcome(verifier.warmUp())).toBe('KEYS_UNAVAILABLE')
    expect(events[0]).toMatchObject({ reason: 'network', message: expect.stringContaining('socket hang up') })
  })
})

describe('closing', () => {
  it('ends the attempts, not the verifying', async () => {
    const setting = await serving()
    const token = await setting.issuer.mint()
    await setting.verifier.warmUp()
    await setting.verifier.close()
    const asked = setting.issuer.requests.length
    await setting.clock.advance(200)

    expect(await outcome(setting.verifier.verify(token))).toBe('accepted')
    expect(setting.issuer.requests).toHaveLength(asked)
  })

  it('happens at the end of a scope, too', async () => {
    const failing = await serving(() => new Response(null, { status: 500 }))
    await outcome(failing.verifier.warmUp())
    await failing.verifier[Symbol.asyncDispose]()
    const asked = failing.issuer.requests.length
    await failing.clock.advance(600)

    expect(failing.issuer.requests).toHaveLength(asked)
  })
})
