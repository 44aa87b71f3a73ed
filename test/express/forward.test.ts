import type { ErrorRequestHandler } from 'express'

import type { AuthError, Policy } from '@tokenward/core'

import { isAuthError, refuse, scopes } from '@tokenward/core'
import { describe, expect, it, vi } from 'vitest'

import type { Express } from './versions.ts'

import { verifies } from '../requirements/verifies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { fieldValues } from '../support/raw-request.ts'
import { expectKeptFromTheCaller, refusedRequests, secretReason } from '../support/refused-requests.ts'
import { only } from '../support/single-field.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

/** An application that hears of refusals as errors, with a route for each kind of refusal. */
async function forwarding(express: Express, ...handlers: readonly ErrorRequestHandler[]) {
  let down = false
  const { issuer, tokenward, refusals } = await scene({
    respond: () => (down ? new Response('', { status: 500 }) : undefined),
  })
  const api = tokenward({ refusals: 'forward' })
  const app = express()
  app.get('/forgotten', api.authorize(scopes('orders:read')))
  app.use(api.authenticate)
  app.get('/orders', api.authorize(scopes('orders:read')), (_request, response) => void response.send('in'))
  app.get(
    '/frozen',
    api.authorize(() => refuse(secretReason)),
  )
  // A cast because a policy written in JavaScript can return anything.
  app.get('/broken', api.authorize((() => true) as unknown as Policy))
  for (const handler of handlers) app.use(handler)
  return {
    issuer,
    app,
    refusals,
    goDown: () => {
      down = true
    },
  }
}

describe.each(expressVersions)('%s', (_version, express) => {
  it.each(['development', 'production'])(
    "keeps status and fields in the default handler's answer, in %s",
    async (mode) => {
      const log = vi.spyOn(console, 'error').mockReturnValue()
      const { issuer, app, refusals, goDown } = await forwarding(express)
      app.set('env', mode)
      const { ask } = await serve(app)
      const token = await issuer.mint()

      goDown()
      const unavailable = await ask('/orders', { token })
      expect(unavailable.status).toBe(503)
      expect(only(unavailable, 'Retry-After')).toMatch(/^[1-9]\d*$/u)
      expect(only(unavailable, 'WWW-Authenticate')).toBeUndefined()
      expect(unavailable.body).not.toContain('issuer.example')
      expect(log.mock.calls.join('\n')).not.toContain(refusals()[0]?.message)
      log.mockRestore()
    },
  )

  describe.each(['development', 'production'])('the default handler in %s', (mode) => {
    it.each(refusedRequests)(
      'answers %s as it was decided and shows nothing of the operator',
      async (_name, path, given, status, error) => {
        const log = vi.spyOn(console, 'error').mockReturnValue()
        const { issuer, app, refusals } = await forwarding(express)
        app.set('env', mode)
        const { ask } = await serve(app)

        const token = typeof given === 'object' ? await issuer.mint(given) : given
        const response = await ask(path, { token })
        const written = [response.body, ...response.headers.flat(), ...log.mock.calls.flat().map(String)].join('\n')
        log.mockRestore()

        expect(response.status).toBe(status)
        expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['error']).toBe(error)
        expect(only(response, 'Cache-Control')).toBe('no-store')
        expectKeptFromTheCaller(written, refusals())
        expect(written).not.toMatch(/\.(?:ts|js):\d+/u)
      },
    )

    it.each([
      ['a policy that returns true', '/broken', 'POLICY_FAULT'],
      ['authorize without authenticate', '/forgotten', 'NOT_AUTHENTICATED'],
    ])('answers 500 to %s, without a challenge', async (_name, path, code) => {
      const log = vi.spyOn(console, 'error').mockReturnValue()
      const { issuer, app, refusals } = await forwarding(express)
      app.set('env', mode)
      const { ask } = await serve(app)

      const response = await ask(path, { token: await issuer.mint() })
      log.mockRestore()
      expect(response.status).toBe(500)
      expect(only(response, 'WWW-Authenticate')).toBeUndefined()
      expect(refusals().map((refusal) => refusal.code)).toEqual([code])
      expect(response.body).not.toContain(refusals()[0]?.message)
    })
  })

  it('gives your own handler an AuthError with code, status, fields, body and the operator’s error as cause', async () => {
    const seen: unknown[] = []
    const { issuer, app, refusals } = await forwarding(express, (error, _request, response, _next) => {
      seen.push(error)
      response.status(418).end()
    })
    const { ask } = await serve(app)

    expect((await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })).status).toBe(418)
    const [error] = seen
    expect(seen).toHaveLength(1)
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'SCOPE_INSUFFICIENT',
      status: 403,
      statusCode: 403,
      message: 'The access token lacks a scope that this request needs',
      headers: { 'Cache-Control': 'no-store', 'WWW-Authenticate': expect.stringContaining('insufficient_scope') },
      body: { error: 'insufficient_scope' },
    })
    const { cause, stack } = error as AuthError // isAuthError said so three lines up
    expect(isAuthError(cause)).toBe(true)
    expect(cause).toMatchObject({ code: 'SCOPE_INSUFFICIENT', message: refusals()[0]?.message })
    expect(`${JSON.stringify(error)} ${stack} ${String(error)}`).not.toContain(refusals()[0]?.message)
  })

  it('gives your own handler the scopes that the refusal is about', async () => {
    const seen: unknown[] = []
    const { issuer, app } = await forwarding(express, (error, _request, response, _next) => {
      seen.push(error)
      response.end()
    })
    const { ask } = await serve(app)

    await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
    expect(seen).toMatchObject([{ code: 'SCOPE_INSUFFICIENT', requiredScopes: ['orders:read'] }])
  })

  it('gives your own handler the time after which to try again', async () => {
    const seen: unknown[] = []
    const { issuer, app, goDown } = await forwarding(express, (error, _request, response, _next) => {
      seen.push(error)
      response.end()
    })
    const { ask } = await serve(app)

    goDown()
    await ask('/orders', { token: await issuer.mint() })
    expect(seen).toMatchObject([{ code: 'KEYS_UNAVAILABLE', retryAfterSeconds: expect.any(Number) }])
  })

  it('gives your own handler fields and a body that it can send', async () => {
    const seen: unknown[] = []
    const { issuer, app } = await forwarding(express, (error, _request, response, _next) => {
      seen.push(error)
      response.set(error.headers).status(error.status).json(error.body)
    })
    const { ask } = await serve(app)

    const response = await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
    expect(response.status).toBe(403)
    expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['scope']).toBe('orders:read')
    expect(JSON.parse(response.body)).toEqual({
      error: 'insufficient_scope',
      error_description: 'The access token lacks a scope that this request needs',
    })
  })

  it('leaves foreign errors alone', async () => {
    const seen: unknown[] = []
    const { issuer, app } = await forwarding(express)
    app.get('/throws', () => {
      throw new TypeError('yours')
    })
    app.use(((error, _request, response, _next) => {
      seen.push(isAuthError(error))
      response.sendStatus(500)
    }) satisfies ErrorRequestHandler)
    const { ask } = await serve(app)

    expect((await ask('/throws', { token: await issuer.mint() })).status).toBe(500)
    expect(seen).toEqual([false])
  })

  verifies(
    'RFC9110-15.5.2-a',
    'RFC9110-11.4-a',
    'RFC6749-7.2-a',
  )('has a challenge in every 401, written or forwarded', async () => {
    const { issuer, tokenward } = await scene()
    const tokens = [
      undefined,
      'x',
      await issuer.mint({ exp: 1 }),
      await issuer.mint({ cnf: {} }),
      await issuer.idToken(),
    ]
    for (const refusals of ['write', 'forward'] as const) {
      const app = express()
      app.set('env', 'test')
      app.use(tokenward({ refusals }).authenticate)
      const { ask } = await serve(app)
      for (const token of tokens) {
        const response = await ask('/', { token })
        expect(response.status).toBe(401)
        expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))).toMatchObject([{ scheme: 'Bearer' }])
      }
    }
  })
})
