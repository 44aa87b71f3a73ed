import { isAuthError, scopes } from '@tokenward/core'
import { accessToken, authorize } from '@tokenward/fastify'
import { describe, expect, it } from 'vitest'

import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { scene, serve } from './scene.ts'

describe('anonymous: pass', () => {
  it('lets a request without the field through, and no other without a good token', async () => {
    const { issuer, protectedApp, refusals } = await scene()
    const app = await protectedApp({ anonymous: 'pass' })
    app.get('/news', async (request) => JSON.stringify(request.auth?.subject ?? 'nobody'))
    const { ask } = await serve(app)
    const answer = async (...values: readonly string[]) => {
      const { status, body } = await ask('/news', { headers: values.map((value) => ['Authorization', value] as const) })
      return status === 200 ? body : status
    }

    const token = await issuer.mint()
    expect(await answer()).toBe('"nobody"')
    expect(await answer(`Bearer ${token}`)).toBe('"user-1"')
    expect(await answer('Basic dXNlcjpwYXNz')).toBe(401)
    expect(await answer('Bearer x')).toBe(401)
    expect(await answer(`Bearer ${await issuer.mint({ exp: 1 })}`)).toBe(401)
    expect(await answer('')).toBe(400)
    expect(await answer('Bearer')).toBe(400)
    expect(await answer(`Bearer ${token}`, `Bearer ${token}`)).toBe(400)
    expect(refusals()).toHaveLength(6)
  })

  it.each([
    ['authorize', { onRequest: authorize(scopes('orders:read')) }],
    ['a policy in the config', { config: { tokenward: { policy: scopes('orders:read') } } }],
  ])('asks for a token where a policy needs one: %s', async (_name, options) => {
    const { issuer, protectedApp, refusals } = await scene()
    const app = await protectedApp({ anonymous: 'pass' })
    app.get('/orders', options, async () => 'in')
    const { ask } = await serve(app)

    const response = await ask('/orders')
    expect(response).toMatchObject({ status: 401, body: '' })
    expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))).toEqual([
      { scheme: 'Bearer', params: { realm: 'api' } },
    ])
    expect(only(response, 'Cache-Control')).toBe('no-store')
    expect(refusals().map(({ code }) => code)).toEqual(['TOKEN_MISSING'])
    expect((await ask('/orders', { token: await issuer.mint() })).status).toBe(200)
  })

  it('throws a coded error where a handler wants the token of an anonymous request', async () => {
    const { protectedApp } = await scene()
    const app = await protectedApp({ anonymous: 'pass' })
    const codes: unknown[] = []
    app.setErrorHandler((error, _request, reply) => {
      codes.push(isAuthError(error) && error.code)
      return reply.send('')
    })
    app.get('/me', async (request) => accessToken(request))
    const { ask } = await serve(app)

    await ask('/me')
    expect(codes).toEqual(['TOKEN_MISSING'])
  })

  it('has a challenge in the 401 that Fastify makes of that error', async () => {
    const { protectedApp } = await scene()
    const app = await protectedApp({ anonymous: 'pass' })
    app.get('/me', async (request) => accessToken(request))
    const { ask } = await serve(app)

    const response = await ask('/me')
    expect(response.status).toBe(401)
    expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))).toMatchObject([{ scheme: 'Bearer' }])
  })
})
