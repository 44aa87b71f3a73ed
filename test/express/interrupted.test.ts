import type { ErrorRequestHandler } from 'express'

import { isAuthError, scopes } from '@tokenward/core'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'

import type { Gate } from '../support/answers.ts'

import { gate } from '../support/answers.ts'
import { settled, until } from '../support/event-loop.ts'
import { heldIssuer } from '../support/held-issuer.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

describe.each(expressVersions)('%s', (_version, express) => {
  it.each([
    ['a good token', 'write', {}, []],
    ['a bad token', 'write', { aud: 'other' }, []],
    ['a good token', 'forward', {}, []],
    ['a bad token', 'forward', { aud: 'other' }, ['AUDIENCE_MISMATCH']],
  ] as const)('survives an answer that a time-out gave meanwhile: %s, %s', async (_name, refusals, claims, errors) => {
    const unhandled = unhandledRejections()
    const { issuer, tokenward, metadata, asked, events } = await heldIssuer(scene)
    const api = tokenward({ refusals })
    const app = express()
    app.set('env', 'test')
    app.use((_request, response, next) => {
      void asked.opened.then(() => {
        if (!response.headersSent) response.status(504).send('too late')
      })
      next()
    })
    app.get('/orders', api.authenticate, api.authorize(scopes('orders:read')), (_request, response) => {
      if (!response.headersSent) response.send('in')
    })
    const seen: unknown[] = []
    app.use(((error, _request, _response, next) => {
      seen.push(isAuthError(error) ? error.code : error)
      next(error)
    }) satisfies ErrorRequestHandler)
    const { ask } = await serve(app)

    const token = await issuer.mint(claims)
    const answer = await ask('/orders', { token })
    expect(answer).toMatchObject({ status: 504, body: 'too late' })
    metadata.open()
    await until(() => events.some(({ type }) => type === 'verified' || type === 'refused'))
    await settled()
    expect(seen).toEqual(errors)
    expect(unhandled).toEqual([])
  })

  it('survives a handler that answers although it is too late', async () => {
    const unhandled = unhandledRejections()
    const { issuer, tokenward, metadata, asked, events } = await heldIssuer(scene)
    const api = tokenward()
    const app = express()
    app.set('env', 'test')
    let answered = false
    app.use((_request, response, next) => {
      void asked.opened.then(() => {
        if (answered) return
        answered = true
        response.status(504).send('too late')
      })
      next()
    })
    app.get('/orders', api.authenticate, (_request, response) => void response.send('in'))
    const { ask } = await serve(app)

    const token = await issuer.mint()
    expect((await ask('/orders', { token })).status).toBe(504)
    metadata.open()
    await until(() => events.some(({ type }) => type === 'verified'))
    await settled()
    expect((await ask('/orders', { token })).body).toBe('in')
    expect(unhandled).toEqual([])
  })

  it('survives a client that goes away, and uses the keys that it asked for', async () => {
    const unhandled = unhandledRejections()
    const { issuer, tokenward, metadata, asked, events } = await heldIssuer(scene)
    const api = tokenward()
    const app = express()
    let gone: Gate | undefined = gate()
    app.use((_request, response, next) => {
      response.once('close', () => gone?.open())
      next()
    })
    app.get('/orders', api.authenticate, (_request, response) => void response.send('in'))
    const { port, ask } = await serve(app)

    const token = await issuer.mint()
    const socket = connect({ host: '127.0.0.1', port })
    socket.write(`GET /orders HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    await asked.opened
    socket.destroy()
    await gone.opened
    gone = undefined
    metadata.open()
    expect((await ask('/orders', { token })).body).toBe('in')
    expect(issuer.requests).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'keys-refreshed')).toHaveLength(1)
    await settled()
    expect(unhandled).toEqual([])
  })
})
