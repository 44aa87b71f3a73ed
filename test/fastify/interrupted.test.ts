import type { FastifyInstance } from 'fastify'

import { isAuthError, scopes } from '@tokenward/core'
import { authorize, tokenward } from '@tokenward/fastify'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'

import { gate } from '../support/answers.ts'
import { settled, until } from '../support/event-loop.ts'
import { heldIssuer } from '../support/held-issuer.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { fastify, scene, serve } from './scene.ts'

describe('an answer that a time-out gave meanwhile', () => {
  it.each([
    ['a good token', 'write', {}],
    ['a bad token', 'write', { aud: 'other' }],
    ['a good token', 'forward', {}],
    ['a bad token', 'forward', { aud: 'other' }],
  ] as const)('stands: %s, %s', async (_name, refusals, claims) => {
    const unhandled = unhandledRejections()
    const logged: string[] = []
    const { issuer, protectedApp, metadata, asked, events } = await heldIssuer(scene)
    const app = await protectedApp(refusals === 'forward' ? { refusals } : {}, {
      logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } },
    })
    let entered = 0
    const seen: unknown[] = []
    app.setErrorHandler((error, _request, reply) => {
      seen.push(isAuthError(error) ? error.code : error)
      return reply.send(error)
    })
    app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => void (entered += 1))
    app.server.prependListener('request', (_request, response) => {
      void asked.opened.then(() => response.writeHead(504).end('too late'))
    })
    const { ask } = await serve(app)

    const answer = await ask('/orders', { token: await issuer.mint(claims) })
    expect(answer).toMatchObject({ status: 504, body: 'too late' })
    metadata.open()
    await until(() => events.some(({ type }) => type === 'verified' || type === 'refused'))
    await settled()
    expect([entered, seen, logged, unhandled]).toEqual([0, [], [], []])
  })

  it('stands where it has only begun', async () => {
    const unhandled = unhandledRejections()
    for (const refusals of ['write', 'forward'] as const) {
      const { issuer, protectedApp, metadata, asked, events } = await heldIssuer(scene)
      const app = await protectedApp(refusals === 'forward' ? { refusals } : {})
      const finish = gate()
      app.get('/orders', async () => 'in')
      app.server.prependListener('request', (_request, response) => {
        void asked.opened.then(() => {
          response.writeHead(200).write('begun ')
          metadata.open()
        })
        void finish.opened.then(() => response.end('and ended'))
      })
      const { ask } = await serve(app)

      const answer = ask('/orders', { token: await issuer.mint({ aud: 'other' }) })
      await until(() => events.some(({ type }) => type === 'refused'))
      await settled()
      finish.open()
      expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining('and ended') })
    }
    expect(unhandled).toEqual([])
  })

  it('is whose who took the reply over', async () => {
    const logged: string[] = []
    const { issuer, trust, metadata, asked, events } = await heldIssuer(scene)
    const app = fastify({ logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } } })
    const finish = gate()
    app.addHook('onRequest', (_request, reply, done) => {
      void asked.opened.then(() => reply.hijack())
      void finish.opened.then(() => reply.raw.end('taken over'))
      done()
    })
    await app.register(tokenward, trust)
    app.get('/orders', async () => 'in')
    const { ask } = await serve(app)

    const answer = ask('/orders', { token: await issuer.mint({ aud: 'other' }) })
    await asked.opened
    await settled()
    metadata.open()
    await until(() => events.some(({ type }) => type === 'refused'))
    await settled()
    finish.open()
    expect(await answer).toMatchObject({ status: 200, body: 'taken over' })
    expect(logged).toEqual([])
  })

  it('is that of handlerTimeout, too', async () => {
    const unhandled = unhandledRejections()
    const { issuer, protectedApp, metadata, events } = await heldIssuer(scene)
    const app = await protectedApp({}, { handlerTimeout: 1 })
    app.get('/orders', async () => 'in')
    const { ask } = await serve(app)

    const token = await issuer.mint({ aud: 'other' })
    expect((await ask('/orders', { token })).status).toBe(503)
    metadata.open()
    await until(() => events.some(({ type }) => type === 'refused'))
    await settled()
    expect(unhandled).toEqual([])
  })
})

/** Sends a request and cuts the connection once the gate opens; opens the other when the server noticed. */
function leave(app: FastifyInstance, port: number, token: string, when: Promise<void>): Promise<void> {
  const gone = gate()
  app.server.on('request', (_request, response) => void response.once('close', gone.open))
  const socket = connect({ host: '127.0.0.1', port })
  socket.write(`GET /orders HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  void when.then(() => socket.destroy())
  return gone.opened
}

describe('a client that goes away', () => {
  it('is survived, and the keys that it asked for are used', async () => {
    const unhandled = unhandledRejections()
    const { issuer, protectedApp, metadata, asked, events } = await heldIssuer(scene)
    const app = await protectedApp()
    app.get('/orders', async () => 'in')
    const { port, ask } = await serve(app)

    const token = await issuer.mint()
    await leave(app, port, token, asked.opened)
    metadata.open()
    expect((await ask('/orders', { token })).body).toBe('in')
    expect(issuer.requests).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'keys-refreshed')).toHaveLength(1)
    await settled()
    expect(unhandled).toEqual([])
  })

  it.each([
    ['authenticate', {}, 'bad'],
    ['authorize as onRequest', { onRequest: authorize(scopes('admin')) }, undefined],
    ['authorize as preParsing', { preParsing: authorize(scopes('admin')) }, undefined],
    ['authorize as preHandler', { preHandler: authorize(scopes('admin')) }, undefined],
    ['a policy in the config', { config: { tokenward: { policy: scopes('admin') } } }, undefined],
    ['a policy that asks again', { config: { tokenward: { policy: scopes('admin'), fresh: true } } }, undefined],
  ])('cannot enter while its refusal waits for a hook: %s', async (_name, options, given) => {
    const unhandled = unhandledRejections()
    const { issuer, protectedApp } = await scene()
    const app = await protectedApp()
    const sending = gate()
    const send = gate()
    let entered = 0
    app.addHook('onSend', async () => {
      sending.open()
      await send.opened
    })
    app.get('/orders', options, async () => void (entered += 1))
    const { port } = await serve(app)

    await leave(app, port, given ?? (await issuer.mint()), sending.opened)
    await settled()
    send.open()
    await settled()
    expect(entered).toBe(0)
    expect(unhandled).toEqual([])
  })
})
