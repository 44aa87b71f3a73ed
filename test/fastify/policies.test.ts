import type { Policy } from '@tokenward/core'

import { allOf, anyOf, claim, refuse, scopes } from '@tokenward/core'
import { authorize, tokenward } from '@tokenward/fastify'
import { describe, expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { brokenPolicies, fault } from '../support/broken-policies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { settled } from '../support/event-loop.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { fastify, scene, serve } from './scene.ts'

/** Where a policy may stand. */
const places: readonly [string, (policy: Policy) => object][] = [
  ['onRequest', (policy) => ({ onRequest: authorize(policy) })],
  ['preParsing', (policy) => ({ preParsing: authorize(policy) })],
  ['preValidation', (policy) => ({ preValidation: authorize(policy) })],
  ['preHandler', (policy) => ({ preHandler: authorize(policy) })],
  ['a list of hooks', (policy) => ({ preHandler: [async () => {}, authorize(policy), async () => {}] })],
  ['config', (policy) => ({ config: { tokenward: { policy } } })],
  ['config, fresh', (policy) => ({ config: { tokenward: { policy, fresh: true } } })],
  ['fresh', (policy) => ({ onRequest: authorize(policy, { fresh: true }) })],
]

describe.each(places)('a policy in %s', (_place, at) => {
  it('grants, refuses and fails', async () => {
    const { issuer, protectedApp, refusals } = await scene()
    const app = await protectedApp()
    let entered = 0
    const enter = async () => void (entered += 1)
    app.post('/orders', at(scopes('orders:read')), enter)
    app.post(
      '/broken',
      at(() => {
        throw new Error('secret-of-the-policy')
      }),
      enter,
    )
    const { ask } = await serve(app)
    const body = { method: 'POST', headers: [['Content-Type', 'application/json']], body: '{"a":1}' } as const

    expect((await ask('/orders', { ...body, token: await issuer.mint() })).status).toBe(200)
    expect(entered).toBe(1)
    const refused = await ask('/orders', { ...body, token: await issuer.mint({ scope: 'other' }) })
    expect(refused.status).toBe(403)
    expect(assertLegalChallenge(fieldValues(refused, 'WWW-Authenticate'))[0]?.params['scope']).toBe('orders:read')
    expect(JSON.parse(refused.body)).toMatchObject({ error: 'insufficient_scope' })
    const failed = await ask('/broken', { ...body, token: await issuer.mint() })
    expect(failed.status).toBe(500)
    expect(JSON.parse(failed.body)).toEqual(fault)
    await settled()
    expect(entered).toBe(1)
    expect(refusals().map(({ code }) => code)).toEqual(['SCOPE_INSUFFICIENT', 'POLICY_FAULT'])
  })
})

it.each(brokenPolicies)('answers 500 where a policy returns %s', async (_name, policy) => {
  const unhandled = unhandledRejections()
  const { issuer, protectedApp, refusals } = await scene()
  const app = await protectedApp()
  let entered = 0
  // A cast because a policy written in JavaScript can return anything.
  app.get('/orders', { onRequest: authorize(policy as Policy) }, async () => void (entered += 1))
  const { ask } = await serve(app)

  const response = await ask('/orders', { token: await issuer.mint() })
  expect(response.status).toBe(500)
  expect(JSON.parse(response.body)).toEqual(fault)
  expect(only(response, 'WWW-Authenticate')).toBeUndefined()
  expect(response.headers.flat().join()).not.toContain('secret-of-the-policy')
  expect(refusals()).toMatchObject([{ code: 'POLICY_FAULT', subject: 'user-1', clientId: 'client-1' }])
  expect(entered).toBe(0)
  await settled()
  expect(unhandled).toEqual([])
})

it('answers 500 with a fixed body where authorize comes before authenticate, and reports it', async () => {
  const { issuer, trust, refusals } = await scene()
  const app = fastify()
  app.addHook('onRequest', authorize(scopes('orders:read')))
  await app.register(tokenward, trust)
  app.get('/early', async () => 'in')
  app.get('/public', { config: { tokenward: { public: true } } }, async () => 'in')
  const { ask } = await serve(app)

  const token = await issuer.mint()
  for (const path of ['/early', '/public']) {
    const response = await ask(path, { token })
    expect(response.status).toBe(500)
    expect(JSON.parse(response.body)).toEqual(fault)
    expect(only(response, 'Cache-Control')).toBe('no-store')
  }
  expect(refusals().map(({ code }) => code)).toEqual(['NOT_AUTHENTICATED', 'NOT_AUTHENTICATED'])
})

it('judges every route of a context by a hook of that context', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  await app.register(async (admin) => {
    admin.addHook('onRequest', authorize(scopes('admin')))
    admin.get('/admin', async () => 'in')
  })
  app.get('/orders', async () => 'in')
  const { ask } = await serve(app)

  const status = async (path: string, scope: string) =>
    (await ask(path, { token: await issuer.mint({ scope }) })).status
  expect(await status('/admin', 'orders:read')).toBe(403)
  expect(await status('/admin', 'admin')).toBe(200)
  expect(await status('/orders', 'orders:read')).toBe(200)
})

verifies(
  'RFC9110-11.4-b',
  'RFC6750-3.1-g',
  'MCP-ERR-a',
)('answers 403 to a good token that a policy refuses, and keeps the reason', async () => {
  const { issuer, protectedApp, refusals } = await scene()
  const app = await protectedApp()
  app.get('/frozen', { onRequest: authorize(() => refuse('the account is frozen')) }, async () => 'in')
  const { ask } = await serve(app)

  const response = await ask('/frozen', { token: await issuer.mint() })
  expect(response.status).toBe(403)
  expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['error']).toBe('insufficient_scope')
  expect(JSON.stringify(response)).not.toContain('frozen')
  expect(refusals()).toMatchObject([{ code: 'POLICY_DENIED', message: 'the account is frozen' }])
})

verifies(
  'RFC6750-3.1-h',
  'MCP2607-403-b',
  'RFC6749-7-a',
  'OAUTH21-5-a',
)('names every scope that the request needs in one challenge', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  const policy = allOf(scopes('orders:read', 'orders:write'), scopes('stock:read'))
  app.get('/orders', { onRequest: authorize(policy) }, async () => 'in')
  const { ask } = await serve(app)

  const response = await ask('/orders', { token: await issuer.mint() })
  expect(response.status).toBe(403)
  expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['scope']).toBe(
    'orders:read orders:write stock:read',
  )
  const enough = await issuer.mint({ scope: 'stock:read orders:write orders:read' })
  expect((await ask('/orders', { token: enough })).status).toBe(200)
  expect((await ask('/orders', { token: await issuer.mint({ exp: 1 }) })).status).toBe(401)
})

verifies('RFC9068-4-i')('judges by roles and other claims as well', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  const policy = anyOf(scopes('admin'), claim('roles', 'auditor'))
  app.get('/audit', { onRequest: authorize(policy) }, async () => 'in')
  const { ask } = await serve(app)

  const statusOf = async (claims: object): Promise<number> =>
    (await ask('/audit', { token: await issuer.mint({ ...claims }) })).status
  expect(await statusOf({ roles: ['auditor', 'user'] })).toBe(200)
  expect(await statusOf({ scope: 'admin' })).toBe(200)
  expect(await statusOf({ roles: ['auditors'] })).toBe(403)
  expect(await statusOf({})).toBe(403)
})

it('judges by several policies in a row, each on its own', async () => {
  const { issuer, protectedApp } = await scene()
  const app = await protectedApp()
  app.post(
    '/orders',
    {
      config: { tokenward: { policy: scopes('orders:read') } },
      onRequest: authorize(scopes('orders:write')),
      preHandler: authorize(scopes('orders:delete')),
    },
    async () => 'in',
  )
  const { ask } = await serve(app)

  const status = async (scope: string) =>
    (await ask('/orders', { method: 'POST', token: await issuer.mint({ scope }) })).status
  for (const scope of ['orders:read orders:write', 'orders:read orders:delete', 'orders:write orders:delete', '']) {
    expect([scope, await status(scope)]).toEqual([scope, 403])
  }
  expect(await status('orders:read orders:write orders:delete')).toBe(200)
})
