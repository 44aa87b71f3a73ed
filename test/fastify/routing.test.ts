import type { TokenRequest } from '@tokenward/core'
import type { FastifyServerOptions } from 'fastify'

import { createResourceServer, scopes } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import Fastify from 'fastify'
import { connect } from 'node:http2'
import { describe, expect, it, onTestFinished } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { fastify, scene, serve } from './scene.ts'

/** An application whose resource server keeps what the adapter tells it of each request. */
async function listening(options: FastifyServerOptions = {}) {
  const { issuer, trust } = await scene()
  const server = createResourceServer(trust)
  const seen: TokenRequest[] = []
  const told = {
    ...server,
    authenticate: (request: TokenRequest) => {
      seen.push(request)
      return server.authenticate(request)
    },
  }
  const app = fastify(options)
  return { issuer, app, told, urls: () => seen.map(({ url }) => url), seen }
}

describe('prefixes and parameters', () => {
  it('protects a prefix and leaves the rest alone', async () => {
    const { issuer, trust } = await scene()
    const app = fastify()
    app.get('/health', async () => 'up')
    await app.register(
      async (api) => {
        await api.register(tokenward, trust)
        api.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async (request) => ({
          subject: accessToken(request).subject,
        }))
      },
      { prefix: '/api' },
    )
    const { ask } = await serve(app)

    const token = await issuer.mint()
    expect(await ask('/api/orders', { token })).toMatchObject({ status: 200, body: '{"subject":"user-1"}' })
    expect((await ask('/api/orders')).status).toBe(401)
    expect((await ask('/health')).status).toBe(200)
  })

  it('keeps the token through nested prefixes', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    await app.register(
      async (orders) => {
        await orders.register(
          async (items) => {
            items.get('/:item', { onRequest: authorize(scopes('orders:read')) }, async (request) => [
              request.params,
              accessToken(request).subject,
              request.auth?.subject,
            ])
          },
          { prefix: '/items' },
        )
      },
      { prefix: '/api/orders/:order' },
    )
    const { ask } = await serve(app)

    const path = '/api/orders/7/items/8?expand=all'
    expect(JSON.parse((await ask(path, { token: await issuer.mint() })).body)).toEqual([
      { order: '7', item: '8' },
      'user-1',
      'user-1',
    ])
    expect((await ask(path, { token: await issuer.mint({ scope: 'other' }) })).status).toBe(403)
    expect((await ask(path)).status).toBe(401)
  })

  it.each<[string, FastifyServerOptions, readonly string[]]>([
    ['as it is', {}, ['/orders']],
    ['ignoring the last slash', { routerOptions: { ignoreTrailingSlash: true } }, ['/orders', '/orders/']],
    ['ignoring duplicate slashes', { routerOptions: { ignoreDuplicateSlashes: true } }, ['/orders', '//orders']],
    ['ignoring case', { routerOptions: { caseSensitive: false } }, ['/orders', '/ORDERS', '/oRders']],
    ['rewriting', { rewriteUrl: (request) => (request.url ?? '').replace('/old', '') }, ['/orders', '/old/orders']],
    ['percent-encoded', {}, ['/orders', '/%6frders']],
  ])('protects every spelling that finds the route: %s', async (_name, options, paths) => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp({}, options)
    app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => 'in')
    const { ask } = await serve(app)

    const token = await issuer.mint()
    for (const path of paths) {
      expect([path, (await ask(path)).status]).toEqual([path, 401])
      expect([path, (await ask(path, { token })).status]).toEqual([path, 200])
    }
  })

  it('protects each of the routes that constraints tell apart', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    app.get('/orders', { constraints: { version: '1.0.0' } }, async () => 'one')
    app.get(
      '/orders',
      { constraints: { version: '2.0.0' }, config: { tokenward: { public: true } } },
      async () => 'two',
    )
    const { ask } = await serve(app)

    const version = (value: string) => ({ headers: [['Accept-Version', value]] }) as const
    expect((await ask('/orders', version('1.0.0'))).status).toBe(401)
    expect((await ask('/orders', { ...version('1.0.0'), token: await issuer.mint() })).body).toBe('one')
    expect((await ask('/orders', version('2.0.0'))).body).toBe('two')
  })
})

describe('a request for no route', () => {
  it('needs a token where the whole application is protected', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    const { ask } = await serve(app)

    expect((await ask('/nothing')).status).toBe(401)
    expect((await ask('/nothing', { token: await issuer.mint() })).status).toBe(404)
  })

  it('needs none where the context that is protected has no 404 handler of its own', async () => {
    const { trust } = await scene()
    const app = fastify()
    const api = async (context: typeof app) => {
      await context.register(tokenward, trust)
      context.get('/orders', async () => 'in')
    }
    await app.register(api, { prefix: '/api' })
    const { ask } = await serve(app)

    expect((await ask('/api/nothing')).status).toBe(404)
    expect((await ask('/api/orders')).status).toBe(401)
  })

  it('needs one where that context has such a handler', async () => {
    const { issuer, trust } = await scene()
    const app = fastify()
    const api = async (context: typeof app) => {
      await context.register(tokenward, trust)
      context.setNotFoundHandler(async (request, reply) => reply.code(404).send([accessToken(request).subject]))
    }
    await app.register(api, { prefix: '/api' })
    const { ask } = await serve(app)

    expect((await ask('/api/nothing')).status).toBe(401)
    expect(await ask('/api/nothing', { token: await issuer.mint() })).toMatchObject({ status: 404, body: '["user-1"]' })
    expect((await ask('/nothing')).status).toBe(404)
  })

  it('needs one where a handler passes it on', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    app.setNotFoundHandler({ preHandler: authorize(scopes('orders:read')) }, async (request, reply) =>
      reply.code(404).send([accessToken(request).subject]),
    )
    app.get('/orders', (_request, reply) => reply.callNotFound())
    const { ask } = await serve(app)

    expect((await ask('/orders')).status).toBe(401)
    expect((await ask('/orders', { token: await issuer.mint({ scope: '' }) })).status).toBe(403)
    expect((await ask('/orders', { token: await issuer.mint() })).body).toBe('["user-1"]')
  })

  it('never reaches a handler by a path that cannot be decoded', async () => {
    const { protectedApp } = await scene()
    const app = await protectedApp()
    let entered = 0
    app.get('/*', async () => void (entered += 1))
    const { ask } = await serve(app)

    expect((await ask('/%zz')).status).toBe(400)
    expect(entered).toBe(0)
  })
})

describe('HEAD', () => {
  verifies('RFC9110-9.3.2-a')('is answered as GET is, without content', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => 'in')
    app.route({ method: ['GET', 'HEAD'], url: '/both', handler: async () => 'in' })
    const { ask } = await serve(app)
    const tokens = [undefined, 'bad', await issuer.mint({ scope: '' })]

    for (const path of ['/orders', '/both']) {
      for (const token of tokens) {
        const [get, head] = [await ask(path, { token }), await ask(path, { method: 'HEAD', token })]
        expect(head).toMatchObject({ status: get.status, body: '' })
        for (const name of ['WWW-Authenticate', 'Cache-Control', 'Content-Type']) {
          expect(fieldValues(head, name)).toEqual(fieldValues(get, name))
        }
      }
    }
  })

  it('is protected with its GET', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    let entered = 0
    app.get('/orders', { config: { tokenward: { policy: scopes('orders:read') } } }, async () => void (entered += 1))
    const { ask } = await serve(app)

    expect((await ask('/orders', { method: 'HEAD' })).status).toBe(401)
    expect((await ask('/orders', { method: 'HEAD', token: await issuer.mint({ scope: '' }) })).status).toBe(403)
    expect(entered).toBe(0)
    expect((await ask('/orders', { method: 'HEAD', token: await issuer.mint() })).status).toBe(200)
  })
})

describe('what the resource server is told', () => {
  it('is the URL that was asked, below every prefix and before any rewriting', async () => {
    const { app, told, urls, seen } = await listening({ rewriteUrl: (request) => `/v1${request.url}` })
    await app.register(tokenward, told)
    app.get('/v1/orders', async () => 'in')
    const { ask, port } = await serve(app)

    await ask('/orders?a=1&b=2')
    expect(urls()).toEqual([`http://127.0.0.1:${port}/orders?a=1&b=2`])
    expect(seen[0]?.method).toBe('GET')
  })

  describe('trustProxy', () => {
    const forwarded = [
      ['Host', 'internal:3000'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'api.example'],
    ] as const

    it.each<[string, boolean | string, string]>([
      ['off: what a client says of proxies is ignored', false, 'http://internal:3000/orders'],
      ['of another address: the same', '10.0.0.1', 'http://internal:3000/orders'],
      ['on: it is what the client used', true, 'https://api.example/orders'],
    ])('%s', async (_name, trustProxy, url) => {
      const { issuer, app, told, urls } = await listening({ trustProxy })
      await app.register(tokenward, told)
      app.get('/orders', async () => 'in')
      const { ask } = await serve(app)

      const headers = [...forwarded, ['X-Forwarded-For', '127.0.0.1'] as const]
      expect((await ask('/orders', { headers })).status).toBe(401)
      expect((await ask('/orders', { headers, token: await issuer.mint() })).status).toBe(200)
      expect(urls()).toEqual([url, url])
    })
  })

  it('are repeated fields, and the field of an earlier hook in place of what was sent', async () => {
    const { issuer, app, told, seen } = await listening()
    const token = await issuer.mint()
    app.addHook('onRequest', async (request) => {
      if (request.url === '/session') request.headers.authorization = `Bearer ${token}`
      if (request.url === '/copied') request.headers = { ...request.headers, authorization: `Bearer ${token}` }
      if (request.url === '/removed') delete request.headers.authorization
    })
    await app.register(tokenward, told)
    for (const path of ['/session', '/copied', '/removed', '/orders']) app.get(path, async () => 'in')
    const { ask } = await serve(app)

    expect((await ask('/session')).status).toBe(200)
    expect((await ask('/copied')).status).toBe(200)
    expect((await ask('/removed', { token })).status).toBe(401)
    const twice = [
      ['X-Tenant', 'a'],
      ['x-tenant', 'b'],
      ['X-Other', 'c'],
    ] as const
    await ask('/orders', { headers: twice })
    expect(seen.at(-1)?.headerValues('x-tenant')).toEqual(['a', 'b'])
    expect(seen.at(-1)?.headerValues('x-other')).toEqual(['c'])
    expect(seen.at(-1)?.headerValues('x-none')).toEqual([])
  })
})

it('protects over HTTP/2', async () => {
  const { issuer, told, urls } = await listening()
  const server = Fastify({ http2: true })
  onTestFinished(() => server.close())
  await server.register(tokenward, told)
  server.get(
    '/orders',
    { onRequest: authorize(scopes('orders:read')) },
    async (request) => accessToken(request).subject,
  )
  await server.listen({ host: '127.0.0.1', port: 0 })
  const [address] = server.addresses()
  const session = connect(`http://127.0.0.1:${typeof address === 'object' ? address.port : ''}`)
  onTestFinished(() => session.close())
  const status = (authorization: string) =>
    new Promise<unknown>((resolve, reject) => {
      const stream = session.request({ ':path': '/orders', authorization })
      stream.on('response', (fields) => resolve(fields[':status'])).on('error', reject)
      stream.resume().end()
    })

  expect(await status(`Bearer ${await issuer.mint()}`)).toBe(200)
  expect(await status('Bearer x')).toBe(401)
  expect(urls()[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/orders$/u)
})

describe('inject', () => {
  it('is answered as a request over a socket is', async () => {
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => 'in')

    const token = await issuer.mint()
    const status = async (authorization?: string) =>
      (await app.inject({ url: '/orders', headers: authorization === undefined ? {} : { authorization } })).statusCode
    expect(await status()).toBe(401)
    expect(await status(`Bearer ${token}`)).toBe(200)
    expect(await status(`bearer ${token}`)).toBe(200)
    expect(await status('Bearer x')).toBe(401)
    expect(await status(`Bearer ${await issuer.mint({ scope: '' })}`)).toBe(403)
  })

  verifies('RFC9110-5.3-a')('shows a field that was sent twice', async () => {
    const { issuer, protectedApp, refusals } = await scene()
    const app = await protectedApp()
    app.get('/orders', async () => 'in')

    const field = `Bearer ${await issuer.mint()}`
    const headers: Record<string, string[]> = { authorization: [field, field] }
    const response = await app.inject({ url: '/orders', headers })
    expect(response.statusCode).toBe(400)
    expect(refusals()).toMatchObject([{ code: 'REQUEST_MALFORMED' }])
  })
})

verifies('RFC6750-2.2-b')('leaves a body unread, for whoever comes next', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  let parsed = 0
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    parsed += 1
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
  app.post('/orders', async (request) => request.body)
  const { ask } = await serve(app)

  const form = {
    method: 'POST',
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: 'access_token=x&quantity=3',
  } as const
  expect((await ask('/orders', form)).status).toBe(401)
  expect(parsed).toBe(0)
  expect((await ask('/orders', { ...form, token: await issuer.mint() })).body).toBe(
    '{"access_token":"x","quantity":"3"}',
  )
})

verifies('RFC9111-3.5-a')('adds no field to an answer that passes', async () => {
  const { issuer, trust } = await scene()
  const app = fastify()
  app.get('/open', async () => 'in')
  await app.register(async (context) => {
    await context.register(tokenward, trust)
    context.get('/protected', { onRequest: authorize(scopes('orders:read')) }, async () => 'in')
  })
  const { ask } = await serve(app)

  const token = await issuer.mint()
  const names = async (path: string) => (await ask(path, { token })).headers.map(([name]) => name).toSorted()
  expect(await names('/protected')).toEqual(await names('/open'))
  expect(only(await ask('/protected', { token }), 'WWW-Authenticate')).toBeUndefined()
})
