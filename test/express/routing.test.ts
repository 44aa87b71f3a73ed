import type { TokenRequest } from '@tokenward/core'

import { createResourceServer, scopes } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { describe, expect, it } from 'vitest'

import type { Express } from './versions.ts'

import { verifies } from '../requirements/verifies.ts'
import { only } from '../support/single-field.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

/** A resource server that keeps what the adapter tells it of each request. */
async function listening(express: Express) {
  const { issuer, trust } = await scene()
  const server = createResourceServer(trust)
  const seen: TokenRequest[] = []
  const api = tokenward({
    ...server,
    authenticate: (request: TokenRequest) => {
      seen.push(request)
      return server.authenticate(request)
    },
  })
  const app = express()
  return { issuer, app, api, urls: () => seen.map(({ url }) => url), seen }
}

describe.each(expressVersions)('%s', (_version, express) => {
  it('protects a mounted router and leaves the rest alone', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const router = express.Router()
    router.use(api.authenticate)
    router.get('/orders', api.authorize(scopes('orders:read')), (request, response) => {
      response.json({ subject: api.accessToken(request).subject })
    })
    const app = express()
    app.get('/health', (_request, response) => void response.send('up'))
    app.use('/api', router)
    const { ask } = await serve(app)

    const token = await issuer.mint()
    expect(await ask('/api/orders', { token })).toMatchObject({ status: 200, body: '{"subject":"user-1"}' })
    expect((await ask('/api/orders')).status).toBe(401)
    expect((await ask('/api/nothing')).status).toBe(401)
    expect((await ask('/api/nothing', { token })).status).toBe(404)
    expect((await ask('/health')).status).toBe(200)
  })

  it('keeps the token through nested routers and a mounted application', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const inner = express.Router({ mergeParams: true })
    inner.get('/items/:item', api.authorize(scopes('orders:read')), (request, response) => {
      response.json([request.params, api.accessToken(request).subject, request.auth?.subject])
    })
    const middle = express.Router({ mergeParams: true })
    middle.use('/orders/:order', inner)
    const mounted = express()
    mounted.use('/v1', middle)
    const app = express()
    app.use('/api', api.authenticate, mounted)
    const { ask } = await serve(app)

    const path = '/api/v1/orders/7/items/8?expand=all'
    expect(JSON.parse((await ask(path, { token: await issuer.mint() })).body)).toEqual([
      { order: '7', item: '8' },
      'user-1',
      'user-1',
    ])
    expect((await ask(path, { token: await issuer.mint({ scope: 'other' }) })).status).toBe(403)
    expect((await ask(path)).status).toBe(401)
  })

  it('tells the resource server the URL that was asked, below every mount', async () => {
    const { app, api, urls, seen } = await listening(express)
    const router = express.Router()
    router.get('/orders', api.authenticate)
    app.use('/api/v1', router)
    const { ask, port } = await serve(app)

    await ask('/api/v1/orders?a=1&b=2', { method: 'GET' })
    expect(urls()).toEqual([`http://127.0.0.1:${port}/api/v1/orders?a=1&b=2`])
    expect(seen[0]?.method).toBe('GET')
  })

  describe('trust proxy', () => {
    const forwarded = {
      headers: [
        ['Host', 'internal:3000'],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Host', 'api.example'],
      ],
    } as const

    it('off: what a client says of proxies is ignored', async () => {
      const { app, api, urls } = await listening(express)
      app.get('/orders', api.authenticate)
      const { ask } = await serve(app)

      expect((await ask('/orders', forwarded)).status).toBe(401)
      expect(urls()).toEqual(['http://internal:3000/orders'])
    })

    it('on: the scheme is the one that the client used', async () => {
      const { app, api, urls } = await listening(express)
      app.set('trust proxy', true)
      app.get('/orders', api.authenticate)
      const { ask } = await serve(app)

      await ask('/orders', { headers: forwarded.headers.slice(0, 2) })
      expect(urls()).toEqual(['https://internal:3000/orders'])
    })

    it('on: the host is the one that the client used', async () => {
      const { app, api, urls } = await listening(express)
      app.set('trust proxy', true)
      app.get('/orders', api.authenticate)
      const { ask } = await serve(app)

      await ask('/orders', forwarded)
      expect(urls()).toEqual(['https://api.example/orders'])
    })

    it('on: still no token, no entry', async () => {
      const { issuer, app, api } = await listening(express)
      app.set('trust proxy', true)
      app.get('/orders', api.authenticate, (_request, response) => void response.send('in'))
      const { ask } = await serve(app)

      const headers = [...forwarded.headers, ['X-Forwarded-For', '127.0.0.1'] as const]
      expect((await ask('/orders', { headers })).status).toBe(401)
      expect((await ask('/orders', { headers, token: await issuer.mint() })).status).toBe(200)
    })
  })

  it('shows repeated fields, and the field of an earlier middleware in place of what was sent', async () => {
    const { issuer, app, api, seen } = await listening(express)
    const token = await issuer.mint()
    app.use((request, _response, next) => {
      if (request.path === '/session') request.headers.authorization = `Bearer ${token}`
      next()
    })
    app.use(api.authenticate, (_request, response) => void response.send('in'))
    const { ask } = await serve(app)

    expect((await ask('/session')).status).toBe(200)
    const twice = {
      headers: [
        ['X-Tenant', 'a'],
        ['x-tenant', 'b'],
        ['X-Other', 'c'],
      ],
    } as const
    await ask('/orders', twice)
    expect(seen.at(-1)?.headerValues('x-tenant')).toEqual(['a', 'b'])
    expect(seen.at(-1)?.headerValues('x-other')).toEqual(['c'])
    expect(seen.at(-1)?.headerValues('x-none')).toEqual([])
  })

  verifies('RFC6750-2.2-b')('leaves a body unread, for whoever comes next', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    app.post('/orders', api.authenticate, express.urlencoded({ extended: false }), (request, response) => {
      response.json(request.body)
    })
    const { ask } = await serve(app)

    const form = {
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: 'access_token=x&quantity=3',
    } as const
    expect((await ask('/orders', form)).status).toBe(401)
    expect((await ask('/orders', { ...form, token: await issuer.mint() })).body).toBe(
      '{"access_token":"x","quantity":"3"}',
    )
  })

  it('lets the fields of earlier middleware survive a refusal, but for what may be cached', async () => {
    const { tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    app.use((_request, response, next) => {
      response.set({ 'X-Request-Id': 'r-1', Vary: 'Origin', 'Cache-Control': 'public, max-age=60' })
      next()
    })
    app.get('/orders', api.authenticate)
    const { ask } = await serve(app)

    const response = await ask('/orders', { token: 'bad' })
    expect(response.status).toBe(401)
    expect(only(response, 'X-Request-Id')).toBe('r-1')
    expect(only(response, 'Vary')).toBe('Origin')
    expect(only(response, 'Cache-Control')).toBe('no-store')
  })

  verifies('RFC9111-3.5-a')('adds no field to an answer that passes', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    const answer = (_request: unknown, response: { end: (body: string) => void }): void => response.end('in')
    app.get('/protected', api.authenticate, api.authorize(scopes('orders:read')), answer)
    app.get('/open', answer)
    const { ask } = await serve(app)

    const token = await issuer.mint()
    const names = async (path: string) => (await ask(path, { token })).headers.map(([name]) => name).toSorted()
    expect(await names('/protected')).toEqual(await names('/open'))
  })
})
