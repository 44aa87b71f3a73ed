import type { FastifyInstance } from 'fastify'

import { scopes } from '@tokenward/core'
import { authorize, tokenward } from '@tokenward/fastify'
import { expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { settled } from '../support/event-loop.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { fastify, scene, serve } from './scene.ts'

const body = { error: 'invalid_token', error_description: 'The access token could not be verified' }

/** An application with one route, after `prepare` had its turn. */
async function refusing(prepare: (app: FastifyInstance) => unknown = () => {}) {
  const { issuer, protectedApp, refusals } = await scene()
  const app = await protectedApp()
  await prepare(app)
  app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => 'in')
  return { issuer, refusals, ...(await serve(app)) }
}

verifies('RFC6750-3-a')('is status, challenge, fields and body as they were decided', async () => {
  const { issuer, ask } = await refusing()

  const missing = await ask('/orders')
  expect(missing).toMatchObject({ status: 401, body: '' })
  expect(only(missing, 'WWW-Authenticate')).toBe('Bearer realm="api"')
  expect(only(missing, 'Content-Type')).toBeUndefined()
  expect(only(missing, 'Content-Length')).toBe('0')
  const bad = await ask('/orders', { token: 'bad' })
  expect(bad.status).toBe(401)
  expect(only(bad, 'Content-Type')).toMatch(/^application\/json/u)
  expect(only(bad, 'Cache-Control')).toBe('no-store')
  expect(JSON.parse(bad.body)).toEqual(body)
  const lacking = await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
  expect(lacking.status).toBe(403)
  expect(assertLegalChallenge(fieldValues(lacking, 'WWW-Authenticate'))[0]?.params).toMatchObject({
    error: 'insufficient_scope',
    scope: 'orders:read',
  })
})

it('runs the onSend and onResponse hooks, and no preSerialization', async () => {
  const seen: unknown[] = []
  const { ask } = await refusing((app) => {
    app.addHook('preSerialization', async () => void seen.push('preSerialization'))
    app.addHook('onSend', async (_request, reply, payload) => {
      await settled()
      void reply.header('X-Request-Id', 'r-1')
      seen.push(payload)
    })
    app.addHook('onResponse', async (_request, reply) => void seen.push(reply.statusCode))
  })

  const response = await ask('/orders', { token: 'bad' })
  expect(response.status).toBe(401)
  expect(only(response, 'X-Request-Id')).toBe('r-1')
  await settled()
  expect(seen).toEqual([JSON.stringify(body), 401])
})

it.each<[string, (app: FastifyInstance) => unknown]>([
  ['a serializer of the instance', (app) => app.setReplySerializer(() => 'replaced')],
  ['a compiler of serializers', (app) => app.setSerializerCompiler(() => () => 'compiled')],
])('leaves the body alone: %s', async (_name, prepare) => {
  const { ask } = await refusing(prepare)
  expect(JSON.parse((await ask('/orders', { token: 'bad' })).body)).toEqual(body)
})

it('leaves the body alone where an earlier hook chose a serializer, or the route a schema', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp({ anonymous: 'pass' })
  app.addHook('onRequest', async (_request, reply) => {
    void reply.serializer(() => 'replaced').type('text/html')
  })
  const schema = { response: { 403: { type: 'object', properties: { other: { type: 'string' } } } } }
  app.get('/orders', { schema, preHandler: authorize(scopes('orders:read')) }, async () => 'in')
  const { ask } = await serve(app)

  const response = await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
  expect(JSON.parse(response.body)).toMatchObject({ error: 'insufficient_scope' })
  expect(only(response, 'Content-Type')).toMatch(/^application\/json/u)
})

it('lets the fields of earlier hooks survive, but for what may be cached', async () => {
  const { trust } = await scene()
  const app = fastify()
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({ 'X-Request-Id': 'r-1', Vary: 'Origin', 'Cache-Control': 'public, max-age=60' })
    reply.raw.setHeader('WWW-Authenticate', 'Basic')
    reply.raw.setHeader('X-Raw', 'yes')
  })
  await app.register(tokenward, trust)
  app.get('/orders', async () => 'in')
  const { ask } = await serve(app)

  const response = await ask('/orders', { token: 'bad' })
  expect(response.status).toBe(401)
  expect(only(response, 'X-Request-Id')).toBe('r-1')
  expect(only(response, 'X-Raw')).toBe('yes')
  expect(only(response, 'Vary')).toBe('Origin')
  expect(only(response, 'Cache-Control')).toBe('no-store')
  expect(only(response, 'WWW-Authenticate')).toMatch(/^Bearer/u)
})
