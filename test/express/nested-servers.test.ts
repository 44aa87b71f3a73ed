import type { ErrorRequestHandler } from 'express'

import { scopes } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'

import { serve } from './scene.ts'
import { expressVersions } from './versions.ts'

/** Two resource servers with one issuer: the outer takes what `anything` names, the inner only what `orders` names. */
async function nested() {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock })
  const common = { issuer: issuer.issuer, system: { now: clock.now, fetch: issuer.fetch } }
  return {
    issuer,
    outer: tokenward({ ...common, audience: 'https://anything.example', realm: 'outer' }),
    inner: tokenward({ ...common, audience: 'https://orders.example', realm: 'inner' }),
    both: ['https://anything.example', 'https://orders.example'],
  }
}

describe.each(expressVersions)('%s', (_version, express) => {
  it('keeps the token of each apart; the innermost is req.auth', async () => {
    const { issuer, outer, inner, both } = await nested()
    const app = express()
    const router = express.Router()
    router.use(inner.authenticate)
    router.get(
      '/',
      inner.authorize(scopes('orders:read')),
      outer.authorize(scopes('orders:read')),
      (request, response) => {
        response.json([
          request.auth === inner.accessToken(request),
          request.auth === outer.accessToken(request),
          outer.accessToken(request).subject,
        ])
      },
    )
    app.use(outer.authenticate)
    app.get('/outside', (request, response) => void response.json(request.auth === outer.accessToken(request)))
    app.use('/orders', router)
    const { ask } = await serve(app)

    const token = await issuer.mint({ aud: both })
    expect((await ask('/orders', { token })).body).toBe('[true,false,"user-1"]')
    expect((await ask('/outside', { token })).body).toBe('true')
  })

  it('refuses where one of them refuses, each in its own realm', async () => {
    const { issuer, outer, inner, both } = await nested()
    const app = express()
    app.get('/orders', outer.authenticate, inner.authenticate, (_request, response) => void response.send('in'))
    const { ask } = await serve(app)

    const answer = async (aud: unknown): Promise<string> => {
      const { status, headers } = await ask('/orders', { token: await issuer.mint({ aud }) })
      return `${status} ${
        headers
          .flat()
          .join()
          .match(/realm="(\w+)"/u)?.[1] ?? ''
      }`
    }
    expect(await answer(both)).toBe('200 ')
    expect(await answer('https://anything.example')).toBe('401 inner')
    expect(await answer('https://orders.example')).toBe('401 outer')
  })

  it('does not take the token of one for that of the other', async () => {
    const { issuer, outer, inner } = await nested()
    const app = express()
    app.set('env', 'test')
    app.get('/authorize', outer.authenticate, inner.authorize(scopes('orders:read')))
    app.get('/token', outer.authenticate, (request, response) => void response.json(inner.accessToken(request)))
    const { ask } = await serve(app)

    const token = await issuer.mint({ aud: 'https://anything.example' })
    expect((await ask('/authorize', { token })).status).toBe(500)
    expect((await ask('/token', { token })).status).toBe(500)
  })

  it('forgets what it found when it looks again and refuses', async () => {
    const { issuer, outer } = await nested()
    const app = express()
    const errors: unknown[] = []
    const again = tokenward(outer.resourceServer, { refusals: 'forward' })
    app.use(again.authenticate, (request, _response, next) => {
      request.headers.authorization = 'Bearer bad'
      next()
    })
    app.use(again.authenticate)
    app.use(((error, request, response, _next) => {
      try {
        again.accessToken(request)
      } catch (thrown) {
        errors.push(error.code, thrown)
      }
      response.end()
    }) satisfies ErrorRequestHandler)
    const { ask } = await serve(app)

    await ask('/', { token: await issuer.mint({ aud: 'https://anything.example' }) })
    expect(errors).toMatchObject(['TOKEN_MALFORMED', { code: 'NOT_AUTHENTICATED' }])
  })
})
