import { isAuthError } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

import { verifies } from '../requirements/verifies.ts'
import { claimChanges } from '../support/claim-changes.ts'
import { fieldValues } from '../support/raw-request.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

describe.each(expressVersions)('%s', (_version, express) => {
  it('is what req.auth holds', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    app.get('/me', api.authenticate, (request, response) => {
      const token = api.accessToken(request)
      response.json([token === request.auth, Object.isFrozen(token), Object.isFrozen(token.claims), token.scopes])
    })
    const { ask } = await serve(app)

    expect((await ask('/me', { token: await issuer.mint() })).body).toBe('[true,true,true,["orders:read"]]')
  })

  it('has the claims that the schema says, in their types', async () => {
    const { issuer, trust } = await scene()
    const claims = z.object({ tenant: z.string(), level: z.coerce.number() })
    const api = tokenward({ ...trust, claims })
    const app = express()
    app.get('/tenant', api.authenticate, (request, response) => {
      const token = api.accessToken(request)
      expectTypeOf(token.claims).toEqualTypeOf<{ tenant: string; level: number }>()
      response.json([token.claims, request.auth?.claims])
    })
    const { ask } = await serve(app)

    const { body } = await ask('/tenant', { token: await issuer.mint({ tenant: 't-1', level: '7' }) })
    expect(JSON.parse(body)).toEqual([
      { tenant: 't-1', level: 7 },
      { tenant: 't-1', level: 7 },
    ])
    const refused = await ask('/tenant', { token: await issuer.mint({ tenant: 7, level: '7' }) })
    expect(refused.status).toBe(401)
    expect(refused.body).not.toContain('tenant')
  })

  it('throws a coded error on a request that was never authenticated', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    const seen: unknown[] = []
    app.get('/me', (request, response) => {
      try {
        api.accessToken(request)
      } catch (error) {
        seen.push(isAuthError(error) && error.code, request.auth)
      }
      response.end()
    })
    const { ask } = await serve(app)

    await ask('/me', { token: await issuer.mint() })
    expect(seen).toEqual(['NOT_AUTHENTICATED', undefined])
  })

  it('cannot be changed by a handler, and the next request sees the token as it was', async () => {
    const { issuer, tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    app.use(api.authenticate)
    app.get('/attempt/:number', (request, response) => {
      const { claims } = api.accessToken(request)
      claimChanges[Number(request.params['number'])]?.(claims)
      response.send('changed')
    })
    app.get('/claims', (request, response) => void response.json(api.accessToken(request).claims))
    app.set('env', 'test')
    const { ask } = await serve(app)

    const token = await issuer.mint({ roles: ['user'], tenant: { id: 't-1' } })
    const before = (await ask('/claims', { token })).body
    for (const number of claimChanges.keys()) expect((await ask(`/attempt/${number}`, { token })).status).toBe(500)
    expect((await ask('/claims', { token })).body).toBe(before)
    expect(JSON.parse(before)).toMatchObject({ sub: 'user-1', roles: ['user'], tenant: { id: 't-1' } })
  })

  verifies('MCP-PASS-a', 'RFC6749-10.3-a')('does not show the raw token to JSON, copies and loops', async () => {
    const { issuer, tokenward: connect, events } = await scene()
    const api = connect()
    const app = express()
    app.get('/me', api.authenticate, (request, response) => {
      const token = api.accessToken(request)
      response.json({ token, copy: { ...token }, names: Object.keys(token), auth: request.auth })
    })
    const { ask } = await serve(app)

    const raw = await issuer.mint()
    const { body } = await ask('/me', { token: raw })
    const [, payload = '', signature = ''] = raw.split('.')
    expect(JSON.parse(body)).toMatchObject({ token: { subject: 'user-1' } })
    for (const text of [body, JSON.stringify(events)]) {
      expect(text).not.toContain(signature)
      expect(text).not.toContain(payload)
    }
  })

  verifies('MCP-TOK-a', 'RFC9700-2.3-a')('is looked at anew in every request of a connection', async () => {
    const { issuer, clock, tokenward: connect } = await scene()
    const api = connect()
    const app = express()
    app.get('/me', api.authenticate, (_request, response) => void response.send('in'))
    const { port, ask } = await serve(app)

    const token = await issuer.mint()
    const get = async (authorization: string | undefined): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization }
      const response = await fetch(`http://127.0.0.1:${port}/me`, { headers })
      await response.text()
      return response.status
    }
    expect(await get(`Bearer ${token}`)).toBe(200)
    expect(await get(undefined)).toBe(401)
    await clock.advance(331)
    expect(await get(`Bearer ${token}`)).toBe(401)
    expect(fieldValues(await ask('/me', { token }), 'WWW-Authenticate')[0]).toContain('expired')
  })
})
