import type { ResourceServerOptions, Verifier } from '@tokenward/core'
import { createResourceServer, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { requestWith, scene, verifierAnswering } from '../scene.ts'

const { issuer, clock, events, verifier, serving } = await scene()
const raw = await issuer.mint({ scope: 'orders:read' })
const token = await verifier.verify(raw)

const WHATEVER: readonly (readonly [string, () => unknown])[] = [
  ['an error', () => new Error('Bearer secret')],
  ['nothing', () => undefined],
  ['null', () => null],
  ['a text', () => 'TOKEN_EXPIRED'],
  ['a number', () => 401],
  ['a symbol', () => Symbol('x')],
  ['an object with a code of the table', () => ({ code: 'TOKEN_EXPIRED', status: 401 })],
  ['a marked error with an unknown code', () => ({ [Symbol.for('tokenward.AuthError')]: true, code: 'GRANTED' })],
  ['a marked error with no code', () => ({ [Symbol.for('tokenward.AuthError')]: true })],
  [
    'an object that throws when it is looked at',
    () =>
      new Proxy(new Error('x'), {
        has: () => {
          throw new Error('has')
        },
        get: () => {
          throw new Error('get')
        },
      }),
  ],
]

/** A listener that remembers, and the options that install it. */
function heard(): { events: unknown[]; options: Pick<ResourceServerOptions, 'onEvent'> } {
  const list: unknown[] = []
  return { events: list, options: { onEvent: (event) => void list.push(event) } }
}

describe('authenticate', () => {
  verifies(
    'RFC6749-7-a',
    'OAUTH21-5-a',
    'OAUTH21-5.2-a',
    'RFC9110-11.4-a',
    'MCP-TOK-c',
  )('grants a good token, and refuses none, a bad one and an expired one', async () => {
    const server = serving()
    const expired = await issuer.mint({ exp: clock.nowSeconds() - 60 })

    expect(await server.authenticate(requestWith(`Bearer ${raw}`))).toMatchObject({ granted: true, token })
    expect(await server.authenticate(requestWith())).toMatchObject({ granted: false, status: 401 })
    expect(await server.authenticate(requestWith('Bearer x.y.z'))).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    })
    expect(await server.authenticate(requestWith(`Bearer ${expired}`))).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    })
    expect(server.authorize(token, scopes('orders:read')).granted).toBe(true)
    expect(server.authorize(token, scopes('orders:write'))).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    })
  })

  verifies('MCP-TOK-a')('asks every request for its token', async () => {
    const server = serving()

    expect((await server.authenticate(requestWith(`Bearer ${raw}`))).granted).toBe(true)
    expect((await server.authenticate(requestWith())).granted).toBe(false)
  })

  verifies('RFC9068-4-h')('answers every flaw of an access token with invalid_token', async () => {
    const server = serving()
    const flawed = [
      await issuer.mint({}, { header: { typ: 'JWT' } }),
      await issuer.mint({ iss: 'https://other.example' }),
      await issuer.mint({ aud: 'https://other.example' }),
      await issuer.mint({}, { header: { kid: 'nobody' } }),
      await issuer.mint({}, { header: { alg: 'none' } }),
      `${raw.slice(0, -8)}AAAAAAAA`,
      await issuer.mint({ exp: clock.nowSeconds() - 60 }),
    ]
    const answers = await Promise.all(flawed.map((value) => server.authenticate(requestWith(`Bearer ${value}`))))

    for (const answer of answers) {
      expect(answer).toMatchObject({ granted: false, status: 401, body: { error: 'invalid_token' } })
    }
  })

  it.each(WHATEVER)('does not reject where the verifier throws %s', async (_what, thrown) => {
    const { events: own, options } = heard()
    const failing = verifierAnswering(() => {
      throw thrown()
    })
    const decision = await createResourceServer({ verifier: failing, ...options }).authenticate(requestWith('Bearer x'))

    expect(decision).toMatchObject({
      granted: false,
      status: 503,
      body: { error: 'temporarily_unavailable', error_description: expect.any(String) },
    })
    expect(own).toEqual([expect.objectContaining({ type: 'refused', code: 'INTERNAL_FAULT' })])
    expect(JSON.stringify(decision.granted || [decision.headers, decision.body])).not.toContain('secret')
  })

  it.each(WHATEVER)('does not reject where headerValues throws %s', async (_what, thrown) => {
    const { events: own, options } = heard()
    const request = {
      ...requestWith(),
      headerValues: () => {
        throw thrown()
      },
    }
    const decision = await createResourceServer({ verifier, ...options }).authenticate(request)

    expect(decision).toMatchObject({ granted: false, status: 503 })
    expect(own).toEqual([expect.objectContaining({ type: 'refused', code: 'INTERNAL_FAULT' })])
  })

  it.each([[undefined], [null], ['Bearer x'], [{}], [{ headerValues: 1 }]])(
    'does not reject where the request is %j',
    async (request) => {
      // a cast, as callers in JavaScript make none
      expect(await serving().authenticate(request as never)).toMatchObject({ granted: false, status: 503 })
    },
  )

  it('does not reject where its options are null', async () => {
    const options: unknown = null

    // a cast, as callers in JavaScript make none
    expect((await serving().authenticate(requestWith(), options as never)).granted).toBe(false)
  })

  it.each([[undefined], [null], [42], [[42]], [{ length: 1 }], [[{}]]])(
    'grants nothing where headerValues answers %j',
    async (values) => {
      const request = { ...requestWith(), headerValues: () => values as never } // a cast, as above
      const pass = createResourceServer({ verifier, anonymous: 'pass' })

      expect((await pass.authenticate(request)).granted).toBe(false)
    },
  )

  it('reports a refusal once', async () => {
    events.length = 0
    const server = serving()
    await server.authenticate(requestWith('Bearer x.y.z'))
    await server.authenticate(requestWith())
    await server.authenticate(requestWith('Bearer'))
    await server.authenticate(requestWith(`Bearer ${raw}`))

    expect(events.map((event) => ('code' in event ? event.code : event.type))).toEqual([
      'TOKEN_MALFORMED',
      'TOKEN_MISSING',
      'REQUEST_MALFORMED',
      'verified',
    ])
  })

  it('hands waitUntil to the verifier', async () => {
    const given: unknown[] = []
    const spy: Verifier = {
      ...verifier,
      verify: async (_raw, options) => {
        given.push(options?.waitUntil)
        return token
      },
    }
    const waitUntil = (): void => {}
    await createResourceServer({ verifier: spy }).authenticate(requestWith('Bearer x'), { waitUntil })

    expect(given).toEqual([waitUntil])
  })
})

describe('anonymous', () => {
  const pass = createResourceServer({ verifier, anonymous: 'pass' })

  it('"pass" lets a request without the field through, without a token', async () => {
    expect(await pass.authenticate(requestWith())).toEqual({ granted: true, token: undefined, headers: [] })
  })

  it.each([
    ['another scheme', ['Basic dTpw'], 401],
    ['a bad token', ['Bearer x.y.z'], 401],
    ['an empty field', [''], 400],
    ['a bare scheme', ['Bearer'], 400],
    ['two fields', ['', ''], 400],
  ])('"pass" still refuses %s', async (_what, values, status) => {
    expect(await pass.authenticate(requestWith(...values))).toMatchObject({ granted: false, status })
  })

  it('"pass" still grants a good token', async () => {
    expect(await pass.authenticate(requestWith(`Bearer ${raw}`))).toMatchObject({ granted: true, token })
  })

  it('"refuse" is the default', async () => {
    const said = createResourceServer({ verifier, anonymous: 'refuse' })

    expect((await said.authenticate(requestWith())).granted).toBe(false)
    expect((await createResourceServer({ verifier }).authenticate(requestWith())).granted).toBe(false)
  })

  it('gets no further where a policy needs a token', () => {
    expect(pass.authorize(undefined, scopes('a'))).toMatchObject({
      granted: false,
      status: 401,
      body: undefined,
      error: { code: 'TOKEN_MISSING', message: 'the policy needs a token, and the request came without one' },
    })
  })
})
