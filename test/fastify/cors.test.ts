import cors from '@fastify/cors'
import { scopes } from '@tokenward/core'
import { authorize, tokenward } from '@tokenward/fastify'
import { describe, expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { origin, preflight } from '../support/preflight.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { fastify, scene, serve } from './scene.ts'

describe('@fastify/cors', () => {
  it('in front: preflights are answered, and scripts can read the challenge', async () => {
    const { issuer, trust } = await scene()
    const app = fastify()
    await app.register(cors, { origin, exposedHeaders: ['WWW-Authenticate'] })
    await app.register(tokenward, trust)
    app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => 'in')
    const { ask } = await serve(app)

    const allowed = await ask('/orders', preflight)
    expect(allowed).toMatchObject({ status: 204, body: '' })
    expect(only(allowed, 'Access-Control-Allow-Origin')).toBe(origin)
    expect(only(allowed, 'Access-Control-Allow-Headers')).toBe('authorization')

    const tokens = { 401: undefined, 403: await issuer.mint({ scope: 'other' }), 200: await issuer.mint() }
    for (const [status, token] of Object.entries(tokens)) {
      const response = await ask('/orders', { headers: [['Origin', origin]], token })
      expect(response.status).toBe(Number(status))
      expect(only(response, 'Access-Control-Allow-Origin')).toBe(origin)
      expect(only(response, 'Access-Control-Expose-Headers')).toBe('WWW-Authenticate')
      expect(fieldValues(response, 'WWW-Authenticate')).toHaveLength(status === '200' ? 0 : 1)
    }
    expect((await ask('/orders', { method: 'OPTIONS' })).status).toBe(400) // no preflight, but none of our business
  })

  it('in a context around the protected one: the same', async () => {
    const { trust } = await scene()
    const app = fastify()
    await app.register(cors, { origin, exposedHeaders: ['WWW-Authenticate'] })
    await app.register(async (context) => {
      await context.register(tokenward, trust)
      context.get('/orders', async () => 'in')
    })
    const { ask } = await serve(app)

    expect((await ask('/orders', preflight)).status).toBe(204)
    const refused = await ask('/orders', { headers: [['Origin', origin]] })
    expect(refused.status).toBe(401)
    expect(only(refused, 'Access-Control-Allow-Origin')).toBe(origin)
  })

  verifies('RFC6750-3.1-i', 'RFC6750-3-a')('behind: a preflight is a request without a token', async () => {
    const { trust } = await scene()
    const app = fastify()
    await app.register(tokenward, trust)
    await app.register(cors, { origin })
    app.get('/orders', async () => 'in')
    const { ask } = await serve(app)

    const refused = await ask('/orders', preflight)
    expect(refused).toMatchObject({ status: 401, body: '' })
    expect(only(refused, 'WWW-Authenticate')).toBe('Bearer realm="api"')
    expect(only(refused, 'Access-Control-Allow-Origin')).toBeUndefined()
  })
})
