import type { FastifyInstance } from 'fastify'

import { testIssuer } from '@tokenward/testing'
import { describe, expect, it, onTestFinished } from 'vitest'

import { createOrdersApi } from '../../docs/examples/fastify/src/orders-api.ts'
import { audience, issuerName, withIssuers } from '../docs/outputs/host.ts'
import * as pages from '../docs/snippets/fastify-routes.ts'
import { statuses } from '../docs/snippets/fastify-testing.ts'
import { app as route } from '../docs/snippets/fastify.ts'
import { serve } from './scene.ts'

const issuer = await testIssuer({ issuer: issuerName })
const partner = await testIssuer({ issuer: 'https://partners.example.com', keySeries: 'partners' })
const mint: typeof issuer.mint = (claims = {}, options = {}) => issuer.mint({ aud: audience, ...claims }, options)

/** The status of each request to an application of a page: method and path, and a token if there is one. */
async function answers(
  app: FastifyInstance,
  ...requests: readonly (readonly [request: string, token?: string])[]
): Promise<readonly number[]> {
  const { result } = await withIssuers([issuer, partner], async () => {
    const found: number[] = []
    for (const [request, token] of requests) {
      const [method = '', url = ''] = request.split(' ')
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      found.push((await app.inject({ method: method as 'GET', url, headers })).statusCode) // or another method
    }
    return found
  })
  return result
}

describe('the page to get started', () => {
  it('protects its route', async () => {
    const [good, other] = [await mint(), await mint({ scope: 'profile' })]
    expect(await answers(route, ['GET /orders'], ['GET /orders', good], ['GET /orders', other])).toEqual([
      401, 200, 403,
    ])
  })

  it('says what its routes need', async () => {
    const [reader, writer, admin] = [
      await mint(),
      await mint({ scope: 'orders:write' }),
      await mint({ scope: 'admin' }),
    ]
    expect(
      await answers(
        await pages.routes(),
        ['GET /health'],
        ['GET /health', 'bad'],
        ['DELETE /orders/7'],
        ['DELETE /orders/7', reader],
        ['DELETE /orders/7', writer],
        ['POST /orders', reader],
        ['POST /orders', writer],
        ['GET /admin/orders', writer],
        ['GET /admin/orders', admin],
      ),
    ).toEqual([200, 200, 401, 403, 200, 403, 200, 403, 200])
  })

  it('has contexts that know nothing of each other', async () => {
    const [ours, theirs] = [await mint(), await partner.mint({ aud: audience })]
    expect(
      await answers(
        await pages.contexts(),
        ['GET /health'],
        ['GET /api/orders', ours],
        ['GET /api/orders', theirs],
        ['GET /partners/orders', ours],
        ['GET /partners/orders', theirs],
      ),
    ).toEqual([200, 200, 401, 401, 200])
  })

  it('asks for a token before it says that there is nothing', async () => {
    const token = await mint()
    expect(await answers(await pages.notFound(), ['GET /api/x'], ['GET /api/x', token], ['GET /x'])).toEqual([
      401, 404, 404,
    ])
  })

  it('lets anonymous requests in', async () => {
    expect(await answers(await pages.anonymous(), ['GET /catalog'], ['GET /catalog', 'bad'])).toEqual([200, 401])
  })

  it('says what its test gets', () => {
    expect(statuses).toEqual([200, 401, 403])
  })
})

describe('the example', () => {
  const clock = { now: () => Date.now() }

  it('runs: ready once it has keys, protected, and ended by its end', async () => {
    const app = await createOrdersApi({ issuer: issuer.issuer, audience, system: { ...clock, fetch: issuer.fetch } })
    onTestFinished(() => app.close())
    expect((await app.inject('/ready')).statusCode).toBe(503)
    const { ask } = await serve(app)

    const { lines } = await withIssuers([], async () => {
      expect((await ask('/orders')).status).toBe(401)
      expect(await ask('/orders', { token: await mint() })).toMatchObject({
        status: 200,
        body: '{"orderedBy":"user-1"}',
      })
      expect((await ask('/orders', { token: await mint({ scope: '' }) })).status).toBe(403)
    })
    expect(lines).toHaveLength(2)
    expect(await ask('/ready')).toMatchObject({ status: 200, body: '{"ready":true}' })
  })

  it('starts without its issuer, says why, and is not ready', async () => {
    const system = { ...clock, fetch: () => Promise.reject(new TypeError('fetch failed')) }
    const { result, lines } = await withIssuers([], async () => {
      const app = await createOrdersApi({ issuer: issuer.issuer, audience, system })
      onTestFinished(() => app.close())
      const { ask } = await serve(app)
      return [(await ask('/ready')).status, (await ask('/orders', { token: await mint() })).status]
    })
    expect(result).toEqual([503, 503])
    expect(lines.join()).toContain('not fetched')
  })
})
