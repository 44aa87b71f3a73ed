/* oxlint-disable unicorn/no-thenable -- a policy may return one */
import type { Policy, TokenwardEvent } from '@tokenward/core'
import {
  allOf,
  anyOf,
  AuthError,
  claim,
  createResourceServer,
  ERRORS,
  granted,
  isAuthError,
  refuse,
} from '@tokenward/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scene } from '../scene.ts'

const { issuer, verifier } = await scene()
const token = await verifier.verify(await issuer.mint())
const events: TokenwardEvent[] = []
const server = createResourceServer({ verifier, onEvent: (event) => void events.push(event) })
const unhandled: unknown[] = []
const remember = (reason: unknown): void => void unhandled.push(reason)

beforeEach(() => {
  events.length = 0
  unhandled.length = 0
  process.on('unhandledRejection', remember)
})

afterEach(() => {
  process.off('unhandledRejection', remember)
})

/** Long enough for Node to notice a rejection that nobody handles. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const throwing = (thrown: unknown) => () => {
  throw thrown
}

const FAULTS: readonly (readonly [string, (...given: never) => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['1', () => 1],
  ['a text', () => 'granted'],
  ['an empty object', () => ({})],
  ['a function', () => () => granted],
  ['a list', () => [granted]],
  ['something that only looks granted', () => ({ granted: true, [Symbol('tokenward.granted')]: true })],
  ['the mark with another value', () => ({ [Symbol.for('tokenward.granted')]: 'yes' })],
  ['a promise of granted', async () => granted],
  ['a promise of a refusal', async () => refuse('later')],
  ['a promise that rejects', async () => Promise.reject(new Error('later'))],
  ['a thenable', () => ({ then: (resolve: (value: unknown) => void) => resolve(granted) })],
  ['a thenable that throws', () => ({ then: throwing(new Error('later')) })],
  [
    'an object whose then throws',
    () => ({
      get then() {
        throw new Error('then')
      },
    }),
  ],
  ['an object that throws when it is looked at', () => new Proxy({}, { has: throwing(new Error('has')) })],
  ['a claim test that is asynchronous', claim('sub', (async () => true) as never)],
  ['a claim test that rejects', claim('sub', (async () => Promise.reject(new Error('later'))) as never)],
  ['an ordinary error', () => new Error('no')],
  ['an error with an unknown code', () => ({ [Symbol.for('tokenward.AuthError')]: true, code: 'GRANTED' })],
]

const THROWN: readonly (readonly [string, unknown])[] = [
  ['an error', new Error('broken')],
  ['undefined', undefined],
  ['granted', granted],
  ['a refusal', refuse('thrown')],
  ['a text', 'broken'],
]

describe('a policy that answers', () => {
  it.each(FAULTS)('%s refuses the request: 500, an event, and no unhandled rejection', async (_what, policy) => {
    // a cast, since the types forbid each of these
    for (const faulty of [policy, allOf(policy as Policy), anyOf(policy as Policy, () => granted)]) {
      events.length = 0
      const decision = server.authorize(token, faulty as Policy)

      expect(decision).toMatchObject({ granted: false, status: 500, body: { error: 'server_error' } })
      expect(events).toEqual([
        expect.objectContaining({ type: 'refused', code: 'POLICY_FAULT', issuer: issuer.issuer, subject: 'user-1' }),
      ])
    }
    await nextTurn()
    expect(unhandled).toEqual([])
  })

  it('an AuthError of its own making refuses with that', () => {
    expect(server.authorize(token, () => new AuthError('TOKEN_EXPIRED', 'x'))).toMatchObject({ status: 401 })
    expect(server.authorize(token, () => refuse('x'))).toMatchObject({ status: 403, error: { message: 'x' } })
  })

  it('granted grants, with the token', () => {
    const decision = server.authorize(token, () => granted)

    expect(decision).toEqual({ granted: true, token, headers: [] })
    expect(events).toEqual([])
  })
})

describe('the operator', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'boolean'],
    [Promise.resolve(granted), 'object'],
  ])('learns what was answered: %s', (answer, kind) => {
    // a cast, since the types forbid each of these
    expect(server.authorize(token, () => answer as never)).toMatchObject({
      error: { message: `a policy returned ${kind} instead of granted or refuse(...)` },
    })
  })
})

describe('a policy that throws', () => {
  it.each(THROWN)('%s refuses the request: 500 and an event with the cause', (_what, thrown) => {
    const decision = server.authorize(token, throwing(thrown))

    expect(decision).toMatchObject({ granted: false, status: 500, body: { error: 'server_error' } })
    expect(events).toEqual([expect.objectContaining({ type: 'refused', code: 'POLICY_FAULT', cause: thrown })])
  })

  it('shows nothing of it on the wire', () => {
    const decision = server.authorize(token, throwing(new Error('tenant 7 at /srv/api/policy.ts')))

    expect(JSON.stringify(decision.granted || [decision.headers, decision.body])).not.toMatch(/tenant 7|policy\.ts/)
  })
})

describe('a policy that is none', () => {
  it.each([[undefined], [null], [{}], ['orders:read'], [true]])('refuses the request: %j', (policy) => {
    // a cast, as callers in JavaScript make none
    expect(server.authorize(token, policy as never)).toMatchObject({ granted: false, status: 500 })
  })
})

describe('AuthError', () => {
  it('carries code, status and message, and a cause only where there is one', () => {
    const error = new AuthError('KEYS_UNAVAILABLE', 'x', { retryAfterSeconds: 3, cause: undefined })

    expect(error).toMatchObject({ name: 'AuthError', code: 'KEYS_UNAVAILABLE', status: 503, retryAfterSeconds: 3 })
    expect(String(error)).toBe('AuthError: x')
    expect(error).toBeInstanceOf(Error)
    expect(Object.hasOwn(error, 'cause')).toBe(true)
    expect(Object.hasOwn(new AuthError('KEYS_UNAVAILABLE', 'x'), 'cause')).toBe(false)
  })

  it('comes from a table that nobody can change', () => {
    expect(() => Object.assign(ERRORS, { TOKEN_EXPIRED: { status: 200 } })).toThrow(TypeError)
    expect(() => Object.assign(ERRORS.TOKEN_EXPIRED, { status: 200 })).toThrow(TypeError)
  })
})

describe('isAuthError', () => {
  it('knows an error of another copy of the package by its mark and a code of the table', () => {
    const mark = Symbol.for('tokenward.AuthError')

    expect(isAuthError(new AuthError('TOKEN_EXPIRED', 'x'))).toBe(true)
    expect(isAuthError(Object.assign(new Error('x'), { [mark]: true, code: 'TOKEN_EXPIRED' }))).toBe(true)
    for (const value of [
      undefined,
      null,
      'TOKEN_EXPIRED',
      {},
      new Error('x'),
      Object.assign(new Error('x'), { code: 'TOKEN_EXPIRED' }),
      { [mark]: true },
      { [mark]: true, code: 'toString' },
      { [mark]: true, code: '__proto__' },
    ]) {
      expect(isAuthError(value)).toBe(false)
    }
  })
})
