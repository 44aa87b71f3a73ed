import { scopes } from '@tokenward/core'
import { accessToken, authorize } from '@tokenward/fastify'
import { expect, it } from 'vitest'

import { settled, until } from '../support/event-loop.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { scene, serve } from './scene.ts'

it('runs synchronous and asynchronous handlers behind it', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  const options = { onRequest: authorize(scopes('orders:read')) }
  app.get('/promise', options, async (request) => {
    await settled()
    return [accessToken(request).subject, request.auth?.subject]
  })
  app.get('/send', options, (request, reply) => {
    void settled().then(() => reply.send([accessToken(request).subject, request.auth?.subject]))
  })
  const { ask } = await serve(app)

  const token = await issuer.mint()
  for (const path of ['/promise', '/send']) expect((await ask(path, { token })).body).toBe('["user-1","user-1"]')
})

it('leaves errors of hooks and handlers behind it to Fastify, and goes on', async () => {
  const unhandled = unhandledRejections()
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.url === '/hook-throws') throw new Error('hook threw')
    done(request.url === '/hook-fails' ? new Error('hook failed') : undefined)
  })
  app.addHook('preHandler', async (request) => {
    if (request.url === '/hook-rejects') throw new Error('hook rejected')
  })
  app.get('/throws', () => {
    throw new Error('thrown')
  })
  app.get('/rejects', async () => {
    await settled()
    throw new Error('rejected')
  })
  for (const path of ['/hook-throws', '/hook-fails', '/hook-rejects', '/fine']) app.get(path, async () => 'fine')
  const seen: string[] = []
  app.setErrorHandler((error, _request, reply) => {
    seen.push(error instanceof Error ? error.message : '')
    return reply.code(500).send('')
  })
  const { ask } = await serve(app)

  const token = await issuer.mint()
  for (const path of ['/throws', '/rejects', '/hook-throws', '/hook-fails', '/hook-rejects']) {
    expect((await ask(path, { token })).status).toBe(500)
  }
  expect((await ask('/fine', { token })).status).toBe(200)
  await settled()
  expect(seen).toEqual(['thrown', 'rejected', 'hook threw', 'hook failed', 'hook rejected'])
  expect(unhandled).toEqual([])
})

it.each([
  ['by authenticate', {}, '/orders', 'the listener failed'],
  ['by a policy', {}, '/policy', 'the listener failed'],
  ['by a policy that asks again', {}, '/fresh', 'the listener failed'],
  ['forwarded', { refusals: 'forward' }, '/policy', 'The access token lacks a scope that this request needs'],
] as const)(
  'leaves an error to Fastify that comes up while a refusal is sent: %s',
  async (_name, more, path, first) => {
    const unhandled = unhandledRejections()
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp(more)
    const seen: unknown[] = []
    app.setErrorHandler((error, _request, reply) => {
      seen.push(error instanceof Error && error.message)
      return reply.code(500).send('')
    })
    app.server.prependListener('request', (_request, response) => {
      const { writeHead } = response
      // As a listener for headers may do; once, so that the error can be answered.
      response.writeHead = () => {
        response.writeHead = writeHead
        throw new Error('the listener failed')
      }
    })
    app.get('/orders', async () => 'in')
    app.get('/policy', { preHandler: authorize(scopes('admin')) }, async () => 'in')
    app.get('/fresh', { preHandler: authorize(scopes('admin'), { fresh: true }) }, async () => 'in')
    const { ask } = await serve(app)

    const answer = ask(path, { token: path === '/orders' ? 'bad' : await issuer.mint() }).catch(() => ({ status: 0 }))
    await until(() => seen.length + unhandled.length > 0)
    for (let turn = 0; turn < 20; turn += 1) await settled()
    expect(unhandled).toEqual([])
    expect(seen).toEqual([first])
    expect((await answer).status).toBe(500)
  },
)

it('runs what comes next once', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  let hooks = 0
  let runs = 0
  app.addHook('onRequest', async () => void (hooks += 1))
  app.get('/', { preHandler: authorize(scopes('orders:read')) }, async () => void (runs += 1))
  const { ask } = await serve(app)

  expect((await ask('/', { token: await issuer.mint() })).status).toBe(200)
  expect([hooks, runs]).toEqual([1, 1])
  expect((await ask('/', { token: 'bad' })).status).toBe(401)
  expect([hooks, runs]).toEqual([1, 1])
  expect((await ask('/', { token: await issuer.mint({ scope: '' }) })).status).toBe(403)
  await settled()
  expect([hooks, runs]).toEqual([2, 1])
})

it('tells many requests at once apart', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  app.get('/me', async (request) => {
    await settled()
    return `${accessToken(request).subject} ${request.auth?.subject}`
  })
  const { ask } = await serve(app)

  const names = Array.from({ length: 40 }, (_, at) => `user-${at}`)
  const answers = await Promise.all(names.map(async (sub) => ask('/me', { token: await issuer.mint({ sub }) })))
  expect(answers.map(({ body }) => body)).toEqual(names.map((name) => `${name} ${name}`))
})

it('leaves a request that passes without a warning in the log', async () => {
  const { issuer, protectedApp } = await scene()
  const logged: string[] = []
  const app = await protectedApp({}, { logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } } })
  app.get('/', { preHandler: authorize(scopes('orders:read')) }, async () => 'in')
  const { ask } = await serve(app)

  for (const token of [await issuer.mint(), await issuer.mint({ scope: '' }), 'bad', undefined]) {
    await ask('/', { token })
  }
  await settled()
  expect(logged).toEqual([])
})
