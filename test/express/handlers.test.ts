import type { ErrorRequestHandler, Request, Response } from 'express'

import { scopes } from '@tokenward/core'
import express5 from 'express'
import { describe, expect, it } from 'vitest'

import { settled, until } from '../support/event-loop.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

describe.each(expressVersions)('%s', (_version, express) => {
  it('runs asynchronous handlers behind it', async () => {
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- that is what this is about
    app.get('/orders', api.authenticate, api.authorize(scopes('orders:read')), asynchronous)
    async function asynchronous(request: Request, response: Response): Promise<void> {
      await settled()
      response.json([api.accessToken(request).subject, request.auth?.subject])
    }
    const { ask } = await serve(app)

    expect((await ask('/orders', { token: await issuer.mint() })).body).toBe('["user-1","user-1"]')
  })

  it('leaves errors of the handlers behind it to Express, and goes on', async () => {
    const unhandled = unhandledRejections()
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    app.use(api.authenticate)
    app.get('/throws', () => {
      throw new Error('thrown')
    })
    app.get('/passes-on', async (_request, _response, next) => {
      await settled()
      next(new Error('passed on'))
    })
    app.get('/fine', (_request, response) => void response.send('fine'))
    const seen: string[] = []
    app.use(((error, _request, response, _next) => {
      seen.push(error instanceof Error ? error.message : '')
      response.sendStatus(500)
    }) satisfies ErrorRequestHandler)
    const { ask } = await serve(app)

    const token = await issuer.mint()
    expect((await ask('/throws', { token })).status).toBe(500)
    expect((await ask('/passes-on', { token })).status).toBe(500)
    expect((await ask('/fine', { token })).status).toBe(200)
    await settled()
    expect(seen).toEqual(['thrown', 'passed on'])
    expect(unhandled).toEqual([])
  })

  it('leaves an error to Express that comes up while a refusal is written', async () => {
    const unhandled = unhandledRejections()
    const { tokenward } = await scene()
    const api = tokenward()
    const app = express()
    app.use((_request, response, next) => {
      const { writeHead } = response
      // As a listener for headers may do; once, so that the error can be answered.
      response.writeHead = () => {
        response.writeHead = writeHead
        throw new Error('the listener failed')
      }
      next()
    })
    app.use(api.authenticate)
    const seen: unknown[] = []
    app.use(((error, _request, response, _next) => {
      seen.push(error instanceof Error && error.message)
      response.status(500).end()
    }) satisfies ErrorRequestHandler)
    const { ask } = await serve(app)

    const answer = ask('/', { token: 'bad' }).then(
      ({ status }) => status,
      () => 'no answer',
    )
    await until(() => seen.length + unhandled.length > 0)
    for (let turn = 0; turn < 20; turn += 1) await settled()
    expect(unhandled).toEqual([])
    expect(seen).toEqual(['the listener failed'])
    expect(await answer).toBe(500)
  })

  it('runs what comes next once', async () => {
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    let runs = 0
    app.use(api.authenticate, api.authorize(scopes('orders:read')), (_request, _response, next) => {
      runs += 1
      next()
    })
    const { ask } = await serve(app)

    expect((await ask('/', { token: await issuer.mint() })).status).toBe(404)
    expect(runs).toBe(1)
    expect((await ask('/', { token: 'bad' })).status).toBe(401)
    expect((await ask('/', { token: await issuer.mint({ scope: '' }) })).status).toBe(403)
    expect(runs).toBe(1)
  })

  it('tells many requests at once apart', async () => {
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    app.get('/me', api.authenticate, (request, response, next) => {
      settled().then(() => response.send(`${api.accessToken(request).subject} ${request.auth?.subject}`), next)
    })
    const { ask } = await serve(app)

    const names = Array.from({ length: 40 }, (_, at) => `user-${at}`)
    const answers = await Promise.all(names.map(async (sub) => ask('/me', { token: await issuer.mint({ sub }) })))
    expect(answers.map(({ body }) => body)).toEqual(names.map((name) => `${name} ${name}`))
  })
})

it('leaves a rejection of the handler behind it to Express 5', async () => {
  const unhandled = unhandledRejections()
  const { issuer, tokenward } = await scene()
  const api = tokenward()
  const app = express5()
  app.set('env', 'test')
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- that is what this is about
  app.get('/rejects', api.authenticate, rejecting)
  async function rejecting(): Promise<void> {
    await settled()
    throw new Error('rejected')
  }
  const { ask } = await serve(app)

  expect((await ask('/rejects', { token: await issuer.mint() })).status).toBe(500)
  await settled()
  expect(unhandled).toEqual([])
})
