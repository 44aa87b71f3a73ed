import { isAuthError } from '@tokenward/core'
import { accessToken, tokenward } from '@tokenward/fastify'
import { expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'

import { verifies } from '../requirements/verifies.ts'
import { claimChanges } from '../support/claim-changes.ts'
import { fieldValues } from '../support/raw-request.ts'
import { fastify, scene, serve } from './scene.ts'

it('is what request.auth holds', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  app.get('/me', async (request) => {
    const token = accessToken(request)
    return [token === request.auth, Object.isFrozen(token), Object.isFrozen(token.claims), token.scopes]
  })
  const { ask } = await serve(app)

  expect((await ask('/me', { token: await issuer.mint() })).body).toBe('[true,true,true,["orders:read"]]')
})

it('has the claims that the schema says, in the types that the caller says', async () => {
  const { issuer, trust } = await scene()
  const claims = z.object({ tenant: z.string(), level: z.coerce.number() })
  const app = fastify()
  await app.register(tokenward, { ...trust, claims })
  app.get('/tenant', async (request) => {
    const token = accessToken<z.infer<typeof claims>>(request)
    expectTypeOf(token.claims).toEqualTypeOf<{ tenant: string; level: number }>()
    return [token.claims, request.auth?.claims]
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

it('throws a coded error where no resource server authenticated the request', async () => {
  const { issuer, trust } = await scene()
  const app = fastify()
  const seen: unknown[] = []
  const lookUp = (name: string) => async (request: Parameters<typeof accessToken>[0]) => {
    try {
      accessToken(request)
    } catch (error) {
      seen.push(name, isAuthError(error) && error.code, request.auth)
    }
    return ''
  }
  await app.register(async (context) => {
    await context.register(tokenward, trust)
    context.get('/public', { config: { tokenward: { public: true } } }, lookUp('public'))
    context.addHook('onSend', async (request) => {
      if (request.url === '/refused') await lookUp('refused')(request)
    })
    context.get('/refused', async () => 'in')
  })
  app.get('/outside', lookUp('outside'))
  const { ask } = await serve(app)

  const token = await issuer.mint()
  for (const path of ['/public', '/outside']) expect((await ask(path, { token })).status).toBe(200)
  expect((await ask('/refused', { token: 'bad' })).status).toBe(401)
  expect(seen).toEqual(['public', 'outside', 'refused'].flatMap((name) => [name, 'NOT_AUTHENTICATED', undefined]))
})

it('answers 500 where a handler lets that error go, and keeps what it says to itself', async () => {
  const { issuer } = await scene()
  const app = fastify()
  app.get('/me', async (request) => accessToken(request))
  const { ask } = await serve(app)

  const { status, body } = await ask('/me', { token: await issuer.mint() })
  expect(status).toBe(500)
  expect(JSON.parse(body)).toMatchObject({ message: 'The API could not decide whether to allow this request' })
  expect(body).not.toContain('registered')
})

it('cannot be changed by a handler, and the next request sees the token as it was', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  app.get<{ Params: { number: string } }>('/attempt/:number', async (request) => {
    claimChanges[Number(request.params.number)]?.(accessToken(request).claims)
    return 'changed'
  })
  app.get('/claims', async (request) => accessToken(request).claims)
  const { ask } = await serve(app)

  const token = await issuer.mint({ roles: ['user'], tenant: { id: 't-1' } })
  const before = (await ask('/claims', { token })).body
  for (const number of claimChanges.keys()) expect((await ask(`/attempt/${number}`, { token })).status).toBe(500)
  expect((await ask('/claims', { token })).body).toBe(before)
  expect(JSON.parse(before)).toMatchObject({ sub: 'user-1', roles: ['user'], tenant: { id: 't-1' } })
})

verifies('MCP-PASS-a', 'RFC6749-10.3-a')('does not show the raw token to JSON, copies, loops and logs', async () => {
  const { issuer, protectedApp, events } = await scene()
  const logged: string[] = []
  const app = await protectedApp(
    {},
    { logger: { level: 'trace', stream: { write: (line) => void logged.push(line) } } },
  )
  app.get('/me', async (request, reply) => {
    const token = accessToken(request)
    request.log.info({ token, req: request, res: reply, auth: request.auth }, 'seen')
    return { token, copy: { ...token }, names: Object.keys(token), auth: request.auth }
  })
  const { ask } = await serve(app)

  const raw = await issuer.mint()
  const { body } = await ask('/me', { token: raw })
  const [, payload = '', signature = ''] = raw.split('.')
  expect(JSON.parse(body)).toMatchObject({ token: { subject: 'user-1' } })
  await ask('/me', { token: `${raw.slice(0, -4)}AAAA` })
  expect(logged.join()).toContain('request completed')
  for (const text of [body, JSON.stringify(events), logged.join()]) {
    expect(text).not.toContain(signature)
    expect(text).not.toContain(payload)
  }
})

verifies('MCP-TOK-a', 'RFC9700-2.3-a')('is looked at anew in every request of a connection', async () => {
  const { issuer, clock, protectedApp } = await scene()
  const app = await protectedApp()
  app.get('/me', async () => 'in')
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

it('is found where request.auth is read-only, the work of another plugin', async () => {
  const { issuer, trust } = await scene()
  const app = fastify()
  app.decorateRequest('auth', { getter: () => undefined })
  await app.register(tokenward, trust)
  app.get('/me', async (request) => [request.auth ?? null, accessToken(request).subject])
  const { ask } = await serve(app)

  expect((await ask('/me', { token: await issuer.mint() })).body).toBe('[null,"user-1"]')
})
