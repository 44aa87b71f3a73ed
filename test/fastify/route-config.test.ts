import type { FastifyContextConfig } from 'fastify'

import { createResourceServer, scopes } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import { describe, expect, it } from 'vitest'

import { fastify, scene, serve } from './scene.ts'

const isPublic = { config: { tokenward: { public: true } } }

describe('public: true', () => {
  it('lets every request through and looks at no Authorization field', async () => {
    const { issuer, protectedApp, events } = await scene()
    const app = await protectedApp()
    app.get('/health', isPublic, async (request) => [request.auth ?? null])
    const { ask } = await serve(app)

    const good = await issuer.mint()
    for (const value of [undefined, '', 'Basic x', 'Bearer', 'Bearer x', `Bearer ${good}`]) {
      const headers = value === undefined ? [] : ([['Authorization', value]] as const)
      expect(await ask('/health', { headers })).toMatchObject({ status: 200, body: '[null]' })
    }
    expect(events).toEqual([])
    expect(issuer.requests).toEqual([])
  })

  it('opens that route alone, with its HEAD', async () => {
    const { protectedApp } = await scene()
    const app = await protectedApp()
    app.get('/health', isPublic, async () => 'up')
    app.post('/health', async () => 'up')
    app.get('/health/detail', async () => 'up')
    const { ask } = await serve(app)

    const status = async (method: string, path: string) => (await ask(path, { method })).status
    expect(await status('GET', '/health')).toBe(200)
    expect(await status('HEAD', '/health')).toBe(200)
    expect(await status('POST', '/health')).toBe(401)
    expect(await status('GET', '/health/detail')).toBe(401)
    expect(await status('HEAD', '/health/detail')).toBe(401)
  })

  it('does not open authorize: nothing was authenticated for it to judge', async () => {
    const { issuer, protectedApp, refusals } = await scene()
    const app = await protectedApp()
    app.get('/orders', { ...isPublic, onRequest: authorize(scopes('orders:read')) }, async () => 'in')
    const { ask } = await serve(app)

    expect((await ask('/orders', { token: await issuer.mint() })).status).toBe(500)
    expect(refusals().map(({ code }) => code)).toEqual(['NOT_AUTHENTICATED'])
  })
})

it('public: false and nothing at all ask for a token', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  app.get('/false', { config: { tokenward: { public: false } } }, async () => 'in')
  app.get('/empty', { config: { tokenward: {} } }, async () => 'in')
  app.get('/none', { config: { tokenward: undefined } }, async () => 'in')
  app.get('/policy', { config: { tokenward: { public: false, policy: scopes('admin') } } }, async () => 'in')
  const { ask } = await serve(app)

  for (const path of ['/false', '/empty', '/none', '/policy']) expect((await ask(path)).status).toBe(401)
  const token = await issuer.mint()
  for (const path of ['/false', '/empty', '/none']) expect((await ask(path, { token })).status).toBe(200)
  expect((await ask('/policy', { token })).status).toBe(403)
})

it('a policy judges before any hook and handler of the route', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  const seen: string[] = []
  const options = {
    config: { tokenward: { policy: scopes('orders:read') } },
    onRequest: async () => void seen.push('onRequest'),
  }
  app.get('/orders', options, async (request) => accessToken(request).subject)
  const { ask } = await serve(app)

  expect((await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })).status).toBe(403)
  expect(seen).toEqual([])
  expect((await ask('/orders', { token: await issuer.mint() })).body).toBe('user-1')
  expect(seen).toEqual(['onRequest'])
})

it.each([
  ['config', { config: { tokenward: { policy: scopes('orders:read'), fresh: true } } }],
  ['authorize', { preHandler: authorize(scopes('orders:read'), { fresh: true }) }],
])('fresh asks the issuer again, for that route alone: %s', async (_name, options) => {
  const { issuer, trust } = await scene()
  const server = createResourceServer(trust)
  let renewed = 0
  const app = fastify()
  await app.register(tokenward, {
    ...server,
    authorizeFresh: (...parameters) => {
      renewed += 1
      return server.authorizeFresh(...parameters)
    },
  })
  app.get('/remembered', { onRequest: authorize(scopes('orders:read'), { fresh: false }) }, async () => 'in')
  app.get('/fresh', options, async () => 'in')
  const { ask } = await serve(app)

  const token = await issuer.mint()
  expect((await ask('/remembered', { token })).status).toBe(200)
  expect(renewed).toBe(0)
  expect((await ask('/fresh', { token })).status).toBe(200)
  expect(renewed).toBe(1)
  expect((await ask('/fresh', { token: await issuer.mint({ scope: 'other' }) })).status).toBe(403)
  await server.close()
})

const wrong: readonly [name: string, tokenward: unknown, problems: readonly string[]][] = [
  ['a misspelt member', { polcy: scopes('admin') }, ['unknown option polcy', 'a policy is required']],
  ['a misspelt public', { publik: true }, ['unknown option publik']],
  ['a policy that is none', { policy: 'admin' }, ['a policy is required']],
  ['a policy that is missing', { policy: undefined }, ['a policy is required']],
  ['a list of policies', { policy: [scopes('admin')] }, ['a policy is required']],
  ['public and a policy', { public: true, policy: scopes('admin') }, ['public: true stands alone']],
  ['public and fresh', { public: true, fresh: true }, ['public: true stands alone']],
  ['public as a word', { public: 'yes' }, ['public: true stands alone']],
  ['public as a number', { public: 1, policy: scopes('admin') }, ['public: true stands alone']],
  ['fresh alone', { fresh: true }, ['a policy is required']],
  ['several mistakes', { fresh: 'yes', policy: 1, more: 2 }, ['fresh must be', 'a policy is required', 'option more']],
  ['true', true, ['must be an object']],
  ['null', null, ['must be an object']],
  ['a word', 'public', ['must be an object']],
]

describe.each(wrong)('a config that is wrong: %s', (_name, given, problems) => {
  const config = { tokenward: given } as FastifyContextConfig // as JavaScript may have it

  it('is found when the route is registered, and the error names the route', async () => {
    const { protectedApp } = await scene()
    const app = await protectedApp()
    const register = () => app.get('/admin/:id', { config }, async () => 'in')
    expect(register).toThrow(TypeError)
    for (const problem of [...problems, '/admin/:id']) expect(register).toThrow(problem)
  })

  it('lets nobody in where the route was there before the resource server', async () => {
    const { issuer, trust } = await scene()
    const app = fastify()
    let entered = 0
    app.get('/admin', { config }, async () => void (entered += 1))
    void app.register(tokenward, trust)
    const { ask } = await serve(app)

    const token = await issuer.mint({ scope: 'admin' })
    for (const request of [{}, { token }, { token }]) expect((await ask('/admin', request)).status).toBe(500)
    expect(entered).toBe(0)
  })
})

it('is what it was when it was checked, whatever becomes of the object', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  const mutable: { public?: boolean; policy?: ReturnType<typeof scopes> } = { policy: scopes('admin') }
  app.get('/admin', { config: { tokenward: mutable } }, async () => 'in')
  mutable.public = true
  delete mutable.policy
  const { ask } = await serve(app)

  expect((await ask('/admin')).status).toBe(401)
  expect((await ask('/admin', { token: await issuer.mint() })).status).toBe(403)
})

it('can be shared by routes, and stands beside the config of others', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  const config = { tokenward: { policy: scopes('orders:read') }, title: 'Orders' }
  for (const path of ['/one', '/two']) app.get(path, { config }, async (request) => request.routeOptions.config)
  const { ask } = await serve(app)

  const token = await issuer.mint()
  expect(JSON.parse((await ask('/two', { token })).body)).toMatchObject({ title: 'Orders', url: '/two' })
  expect((await ask('/one', { token: await issuer.mint({ scope: '' }) })).status).toBe(403)
})
