import type { AuthError, Policy } from '@tokenward/core'

import { isAuthError, isRefusalError, refuse, scopes } from '@tokenward/core'
import { authorize } from '@tokenward/fastify'
import { describe, expect, it } from 'vitest'

import type { FastifyServerOptions } from 'fastify'

import type { RefusedRequest } from '../support/refused-requests.ts'

import { verifies } from '../requirements/verifies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { fieldValues } from '../support/raw-request.ts'
import { expectKeptFromTheCaller, refusedRequests, secretReason } from '../support/refused-requests.ts'
import { only } from '../support/single-field.ts'
import { scene, serve } from './scene.ts'

/** An application that hears of refusals as errors, with a route for each kind of refusal. */
async function forwarding(server: FastifyServerOptions = {}) {
  let down = false
  const { issuer, protectedApp, refusals } = await scene({
    respond: () => (down ? new Response('', { status: 500 }) : undefined),
  })
  const app = await protectedApp({ refusals: 'forward' }, server)
  const forgotten = { onRequest: authorize(scopes('orders:read')), config: { tokenward: { public: true } } }
  app.get('/forgotten', forgotten, async () => 'in')
  app.get('/orders', { preHandler: authorize(scopes('orders:read')) }, async () => 'in')
  app.get('/config', { config: { tokenward: { policy: scopes('orders:read') } } }, async () => 'in')
  app.get('/frozen', { onRequest: authorize(() => refuse(secretReason)) }, async () => 'in')
  // A cast because a policy written in JavaScript can return anything.
  app.get('/broken', { onRequest: authorize((() => true) as unknown as Policy) }, async () => 'in')
  return {
    issuer,
    app,
    refusals,
    goDown: () => {
      down = true
    },
  }
}

describe("Fastify's own error handler", () => {
  it.each<RefusedRequest>([
    ...refusedRequests,
    ['a lacking scope, by config', '/config', { scope: 'zqMARKqz' }, 403, 'insufficient_scope'],
  ])('answers %s as it was decided and shows nothing of the operator', async (_name, path, given, status, error) => {
    const { issuer, app, refusals } = await forwarding()
    const { ask } = await serve(app)

    const token = typeof given === 'object' ? await issuer.mint(given) : given
    const response = await ask(path, { token })
    const written = [response.body, ...response.headers.flat()].join('\n')

    expect(response.status).toBe(status)
    expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['error']).toBe(error)
    expect(only(response, 'Cache-Control')).toBe('no-store')
    expectKeptFromTheCaller(written, refusals())
    expect(written).not.toMatch(/\.(?:ts|js):\d+/u)
  })

  it('gives the same answer to whatever comes before the signature is settled', async () => {
    const { issuer, app, refusals } = await forwarding()
    const { ask } = await serve(app)
    const good = await issuer.mint()
    const tokens = [
      'nothing',
      await issuer.mint({ iss: 'https://other.example' }),
      await issuer.mint({}, { header: { kid: 'other' } }),
      `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(86)}`,
    ]
    const answers = new Set<string>()
    for (const token of tokens) {
      const { status, headers, body } = await ask('/orders', { token })
      answers.add(JSON.stringify([status, headers.filter(([name]) => name !== 'Date'), body]))
    }
    expect(answers.size).toBe(1)
    expect(new Set(refusals().map(({ code }) => code)).size).toBeGreaterThan(2)
  })

  it('tells what may pass later, and neither why not now nor of which issuer', async () => {
    const { issuer, app, refusals, goDown } = await forwarding()
    const { ask } = await serve(app)

    goDown()
    const unavailable = await ask('/orders', { token: await issuer.mint() })
    expect(unavailable.status).toBe(503)
    expect(only(unavailable, 'Retry-After')).toMatch(/^[1-9]\d*$/u)
    expect(only(unavailable, 'WWW-Authenticate')).toBeUndefined()
    expect(unavailable.body).not.toContain('issuer.example')
    expect(unavailable.body).not.toContain(refusals()[0]?.message)
  })

  it.each([
    ['a policy that returns true', '/broken', 'POLICY_FAULT'],
    ['authorize on a public route', '/forgotten', 'NOT_AUTHENTICATED'],
  ])('answers 500 to %s, without a challenge', async (_name, path, code) => {
    const { issuer, app, refusals } = await forwarding()
    const { ask } = await serve(app)

    const response = await ask(path, { token: await issuer.mint() })
    expect(response.status).toBe(500)
    expect(only(response, 'WWW-Authenticate')).toBeUndefined()
    expect(refusals().map((refusal) => refusal.code)).toEqual([code])
    expect(response.body).not.toContain(refusals()[0]?.message)
  })

  it('answers HEAD without content', async () => {
    const { issuer, app } = await forwarding()
    const { ask } = await serve(app)

    const response = await ask('/orders', { method: 'HEAD', token: await issuer.mint({ exp: 1 }) })
    expect(response).toMatchObject({ status: 401, body: '' })
    expect(fieldValues(response, 'WWW-Authenticate')).toHaveLength(1)
  })
})

describe('an error handler of yours', () => {
  /** @returns what it is given */
  async function listening(answer: { readonly status: number } = { status: 418 }) {
    const parts = await forwarding()
    const seen: unknown[] = []
    parts.app.setErrorHandler((error, _request, reply) => {
      seen.push(error)
      return reply.code(answer.status).send('')
    })
    return { ...parts, seen, ask: (await serve(parts.app)).ask }
  }

  it('is given an AuthError with code, status, fields, body and the operator’s error as cause', async () => {
    const { issuer, ask, seen, refusals } = await listening()

    expect((await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })).status).toBe(418)
    const [error] = seen
    expect(seen).toHaveLength(1)
    expect(isRefusalError(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'SCOPE_INSUFFICIENT',
      status: 403,
      statusCode: 403,
      message: 'The access token lacks a scope that this request needs',
      headers: { 'Cache-Control': 'no-store', 'WWW-Authenticate': expect.stringContaining('insufficient_scope') },
      body: { error: 'insufficient_scope' },
      requiredScopes: ['orders:read'],
    })
    const { cause, stack } = error as AuthError // isRefusalError said so
    expect(isAuthError(cause)).toBe(true)
    expect(cause).toMatchObject({ code: 'SCOPE_INSUFFICIENT', message: refusals()[0]?.message })
    expect(`${JSON.stringify(error)} ${stack} ${String(error)}`).not.toContain(refusals()[0]?.message)
  })

  it.each<[string, Record<string, unknown> | string | undefined]>([
    ['TOKEN_MISSING', undefined],
    ['TOKEN_EXPIRED', { exp: 1 }],
    ['AUDIENCE_MISMATCH', { aud: 'other' }],
    ['TOKEN_MALFORMED', 'x'],
  ])('is given the code %s', async (code, given) => {
    const { issuer, ask, seen } = await listening()
    await ask('/orders', { token: typeof given === 'object' ? await issuer.mint(given) : given })
    expect(seen).toMatchObject([{ code }])
  })

  it('is given no code that tells more than the answer; the exact one is that of the cause', async () => {
    const { issuer, ask, seen } = await listening()
    await ask('/orders', { token: await issuer.mint({ iss: 'https://other.example' }) })
    expect(seen).toMatchObject([{ code: 'TOKEN_MALFORMED', cause: { code: 'ISSUER_UNTRUSTED' } }])
    expect(seen.every(isRefusalError)).toBe(true)
  })

  it('is given the time after which to try again', async () => {
    const { issuer, ask, seen, goDown } = await listening()
    goDown()
    await ask('/orders', { token: await issuer.mint() })
    expect(seen).toMatchObject([{ code: 'KEYS_UNAVAILABLE', retryAfterSeconds: expect.any(Number) }])
  })

  it('is given fields and a body that it can send', async () => {
    const { issuer, app } = await forwarding()
    app.setErrorHandler((error, _request, reply) =>
      isRefusalError(error)
        ? reply
            .code(error.status)
            .headers(error.headers as Record<string, string>) // Fastify's type forgets lists that are read-only
            .send(error.body)
        : reply.send(error),
    )
    const { ask } = await serve(app)

    const response = await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
    expect(response.status).toBe(403)
    expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['scope']).toBe('orders:read')
    expect(JSON.parse(response.body)).toEqual({
      error: 'insufficient_scope',
      error_description: 'The access token lacks a scope that this request needs',
    })
  })

  it('is asked once, and onError hooks are run', async () => {
    const { issuer, app } = await forwarding()
    const seen: string[] = []
    app.addHook('onError', async () => void seen.push('onError'))
    app.setErrorHandler((_error, _request, reply) => {
      seen.push('handler')
      return reply.code(418).send('')
    })
    const { ask } = await serve(app)
    await ask('/config', { token: await issuer.mint({ scope: 'other' }) })
    expect(seen.toSorted()).toEqual(['handler', 'onError'])
  })

  it('is left alone with foreign errors', async () => {
    const { issuer, app } = await forwarding()
    const seen: unknown[] = []
    app.get('/throws', () => {
      throw new TypeError('yours')
    })
    app.setErrorHandler((error, _request, reply) => {
      seen.push(isAuthError(error))
      return reply.code(500).send('')
    })
    const { ask } = await serve(app)

    expect((await ask('/throws', { token: await issuer.mint() })).status).toBe(500)
    expect(seen).toEqual([false])
  })
})

verifies(
  'RFC9110-15.5.2-a',
  'RFC9110-11.4-a',
  'RFC6749-7.2-a',
)('has a challenge in every 401, written or forwarded', async () => {
  const { issuer, protectedApp } = await scene()
  const tokens = [undefined, 'x', await issuer.mint({ exp: 1 }), await issuer.mint({ cnf: {} }), await issuer.idToken()]
  for (const more of [{}, { refusals: 'forward' }] as const) {
    const { ask } = await serve(await protectedApp(more))
    for (const token of tokens) {
      const response = await ask('/', { token })
      expect(response.status).toBe(401)
      expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))).toMatchObject([{ scheme: 'Bearer' }])
    }
  }
})
