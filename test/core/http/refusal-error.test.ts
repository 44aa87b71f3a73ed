import { inspect } from 'node:util'
import type { RefusedDecision } from '@tokenward/core'
import {
  AuthError,
  createRequestGate,
  createResourceServer,
  ERRORS,
  groupedHeaders,
  isAuthError,
  isRefusalError,
  notAuthenticated,
  refusalError,
} from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { refusing, requestWith, scene } from '../scene.ts'

async function refusal(code: keyof typeof ERRORS): Promise<RefusedDecision> {
  const cause = new Error('for the operator only, at /srv/api/secret.ts')
  const decision = await refusing(code, { cause, requiredScopes: ['a'] }).authenticate(requestWith('Bearer x'))
  if (decision.granted) throw new Error('granted')
  return decision
}

describe('refusalError', () => {
  it.each(['TOKEN_MISSING', 'TOKEN_EXPIRED', 'SCOPE_INSUFFICIENT', 'POLICY_FAULT', 'KEYS_UNAVAILABLE'] as const)(
    'of %s is an AuthError with what a framework looks for',
    async (code) => {
      const decision = await refusal(code)
      const error = refusalError(decision)

      expect(isAuthError(error)).toBe(true)
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({
        code,
        status: decision.status,
        statusCode: decision.status,
        headers: groupedHeaders(decision.headers),
        body: decision.body,
      })
    },
  )

  it.each(Object.keys(ERRORS) as (keyof typeof ERRORS)[])(
    // the table has no other keys
    'of %s shows nothing that is for the operator',
    async (code) => {
      const error = refusalError(await refusal(code))

      for (const text of [
        error.message,
        String(error),
        error.stack ?? '',
        JSON.stringify(error),
        JSON.stringify({ ...error }),
        Object.entries(error).flat().map(String).join(' '),
      ]) {
        expect(text).not.toMatch(/operator|secret|\.ts\b|node_modules/)
        expect(text).not.toContain(code)
      }
      expect(error.message).not.toBe('')
    },
  )

  it('keeps what a client may act on', async () => {
    const details = { requiredScopes: ['a', 'b'], retryAfterSeconds: 7 }
    const lacking = await refusing('SCOPE_INSUFFICIENT', details).authenticate(requestWith('Bearer x'))
    const down = await refusing('KEYS_UNAVAILABLE', details).authenticate(requestWith('Bearer x'))
    if (lacking.granted || down.granted) throw new Error('granted')

    expect(refusalError(lacking).requiredScopes).toEqual(['a', 'b'])
    expect(refusalError(down).retryAfterSeconds).toBe(7)
    expect(refusalError(await refusal('TOKEN_EXPIRED'))).toMatchObject({ retryAfterSeconds: undefined })
  })

  it('keeps the reason for the operator as its cause', async () => {
    const decision = await refusal('TOKEN_EXPIRED')
    const error = refusalError(decision)

    expect(error.cause).toBe(decision.error)
    expect(Object.keys(error)).not.toContain('cause')
    expect(inspect(error)).toContain('for the operator only')
  })
})

describe('isRefusalError', () => {
  it('knows what refusalError made', async () => {
    const decision = await refusal('TOKEN_EXPIRED')

    expect(isRefusalError(refusalError(decision))).toBe(true)
    for (const value of [
      decision.error,
      new AuthError('TOKEN_EXPIRED', 'x'),
      new Error('x'),
      decision,
      undefined,
      null,
    ]) {
      expect(isRefusalError(value)).toBe(false)
    }
  })
})

describe('groupedHeaders', () => {
  it('makes an array of a field that stands several times', () => {
    expect(
      groupedHeaders([
        ['A', '1'],
        ['B', '2'],
        ['A', '3'],
        ['A', '4'],
      ]),
    ).toEqual({ A: ['1', '3', '4'], B: '2' })
    expect(groupedHeaders([])).toEqual({})
  })
})

describe('a request gate', async () => {
  const { issuer, verifier } = await scene()
  const good = requestWith(`Bearer ${await issuer.mint({ scope: 'a' })}`)
  const server = createResourceServer({ verifier, anonymous: 'pass' })
  const policy = (): AuthError => new AuthError('POLICY_DENIED', 'x')

  it('judges what was authenticated for the same request', async () => {
    const gate = createRequestGate(server)
    const [mine, other] = [{}, {}]
    const decision = await gate.authenticate(mine, good)

    expect(decision.granted && decision.token).toBe(gate.accessToken(mine))
    expect(gate.accessToken(mine).subject).toBe('user-1')
    expect(gate.authorize(mine, policy)).toMatchObject({ granted: false, status: 403 })
    expect(gate.authorize(other, policy)).toMatchObject({ status: 500, error: { code: 'NOT_AUTHENTICATED' } })
    expect(() => gate.accessToken(other)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
  })

  it('forgets an earlier answer when a later one is a refusal', async () => {
    const gate = createRequestGate(server)
    const key = {}
    await gate.authenticate(key, good)
    await gate.authenticate(key, requestWith('Bearer x.y.z'))

    expect(gate.authorize(key, policy)).toMatchObject({ status: 500 })
    expect(() => gate.accessToken(key)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
  })

  it('has no token for an earlier answer while a later one is under way', async () => {
    const slow: typeof server = { ...server, authenticate: async (request) => server.authenticate(request) }
    const gate = createRequestGate(slow)
    const key = {}
    await gate.authenticate(key, good)
    const pending = gate.authenticate(key, good)

    expect(() => gate.accessToken(key)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
    await pending
    expect(gate.accessToken(key).subject).toBe('user-1')
  })

  it('has no token for an anonymous request, and lets it past no policy', async () => {
    const gate = createRequestGate(server)
    const key = {}
    const decision = await gate.authenticate(key, requestWith())

    expect(decision).toMatchObject({ granted: true, token: undefined })
    expect(() => gate.accessToken(key)).toThrow(expect.objectContaining({ code: 'TOKEN_MISSING' }))
    expect(gate.authorize(key, policy)).toMatchObject({ granted: false, status: 401 })
  })

  it('shares what it saw with the gates of the same resource server, and with no other', async () => {
    const [one, two] = [createRequestGate(server), createRequestGate(server)]
    const other = createRequestGate(createResourceServer({ verifier }))
    const key = {}
    await one.authenticate(key, good)

    expect(two.accessToken(key)).toBe(one.accessToken(key))
    expect(() => other.accessToken(key)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
    expect(other.authorize(key, policy)).toMatchObject({ status: 500 })
    await two.authenticate(key, requestWith('Bearer x.y.z'))
    expect(() => one.accessToken(key)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
  })

  it('throws what a framework can answer with', async () => {
    const gate = createRequestGate(server)
    const anonymous = {}
    await gate.authenticate(anonymous, requestWith())
    const thrownFor = (key: object): unknown => {
      try {
        return gate.accessToken(key)
      } catch (error) {
        return error
      }
    }

    expect(isRefusalError(thrownFor({}))).toBe(true)
    expect(thrownFor({})).toMatchObject({ statusCode: 500, body: { error: 'server_error' } })
    expect(thrownFor(anonymous)).toMatchObject({
      statusCode: 401,
      headers: { 'WWW-Authenticate': 'Bearer realm="api"' },
      body: undefined,
    })
  })

  it('hands waitUntil on', async () => {
    const given: unknown[] = []
    const waitUntil = (): void => {}
    const gate = createRequestGate({
      ...server,
      authenticate: async (request, options) => {
        given.push(options?.waitUntil)
        return server.authenticate(request, options)
      },
    })
    await gate.authenticate({}, good, { waitUntil })

    expect(given).toEqual([waitUntil])
  })
})

it('tells nobody but the operator what was forgotten, where nobody authenticated', () => {
  const error = notAuthenticated('the guard is missing')

  expect(error).toMatchObject({ code: 'NOT_AUTHENTICATED', cause: { message: 'the guard is missing' } })
  expect(error.message).not.toContain('guard')
  expect(isAuthError(error)).toBe(true)
})
