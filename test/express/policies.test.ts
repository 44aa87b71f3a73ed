import type { Policy } from '@tokenward/core'

import { allOf, anyOf, claim, refuse, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { brokenPolicies, fault } from '../support/broken-policies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { settled } from '../support/event-loop.ts'
import { fieldValues } from '../support/raw-request.ts'
import { only } from '../support/single-field.ts'
import { unhandledRejections } from '../support/unhandled-rejections.ts'
import { scene, serve } from './scene.ts'
import { expressVersions } from './versions.ts'

describe.each(expressVersions)('%s', (_version, express) => {
  it.each(brokenPolicies)('answers 500 where a policy returns %s', async (_name, policy) => {
    const unhandled = unhandledRejections()
    const { issuer, tokenward, refusals } = await scene()
    const api = tokenward()
    const app = express()
    let entered = 0
    // A cast because a policy written in JavaScript can return anything.
    app.get('/orders', api.authenticate, api.authorize(policy as Policy), (_request, response) => {
      entered += 1
      response.end()
    })
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

  it('answers 500 with a fixed body where authorize comes without authenticate, and reports it', async () => {
    const { issuer, tokenward, refusals } = await scene()
    const api = tokenward()
    const other = tokenward()
    const app = express()
    app.get('/forgotten', api.authorize(scopes('orders:read')))
    app.get('/other', other.authenticate, api.authorize(scopes('orders:read')))
    const { ask } = await serve(app)

    const token = await issuer.mint()
    for (const path of ['/forgotten', '/other']) {
      const response = await ask(path, { token })
      expect(response.status).toBe(500)
      expect(JSON.parse(response.body)).toEqual(fault)
    }
    expect(refusals().map(({ code }) => code)).toEqual(['NOT_AUTHENTICATED', 'NOT_AUTHENTICATED'])
  })

  verifies(
    'RFC9110-11.4-b',
    'RFC6750-3.1-g',
    'MCP-ERR-a',
  )('answers 403 to a good token that a policy refuses, and keeps the reason', async () => {
    const { issuer, tokenward, refusals } = await scene()
    const api = tokenward()
    const app = express()
    app.get(
      '/frozen',
      api.authenticate,
      api.authorize(() => refuse('the account is frozen')),
    )
    const { ask } = await serve(app)

    const response = await ask('/frozen', { token: await issuer.mint() })
    expect(response.status).toBe(403)
    expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))[0]?.params['error']).toBe(
      'insufficient_scope',
    )
    expect(JSON.stringify(response)).not.toContain('frozen')
    expect(refusals()).toMatchObject([{ code: 'POLICY_DENIED', message: 'the account is frozen' }])
  })

  verifies(
    'RFC6750-3.1-h',
    'MCP2607-403-b',
    'RFC6749-7-a',
    'OAUTH21-5-a',
  )('names every scope that the request needs in one challenge', async () => {
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    const policy = allOf(scopes('orders:read', 'orders:write'), scopes('stock:read'))
    app.get('/orders', api.authenticate, api.authorize(policy), (_request, response) => void response.send('in'))
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
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    const policy = anyOf(scopes('admin'), claim('roles', 'auditor'))
    app.get('/audit', api.authenticate, api.authorize(policy), (_request, response) => void response.send('in'))
    const { ask } = await serve(app)

    const statusOf = async (claims: object): Promise<number> =>
      (await ask('/audit', { token: await issuer.mint({ ...claims }) })).status
    expect(await statusOf({ roles: ['auditor', 'user'] })).toBe(200)
    expect(await statusOf({ scope: 'admin' })).toBe(200)
    expect(await statusOf({ roles: ['auditors'] })).toBe(403)
    expect(await statusOf({})).toBe(403)
  })

  it('judges by several policies in a row, each on its own', async () => {
    const { issuer, tokenward } = await scene()
    const api = tokenward()
    const app = express()
    app.use('/orders', api.authenticate, api.authorize(scopes('orders:read')))
    app.post('/orders', api.authorize(scopes('orders:write')), (_request, response) => void response.send('in'))
    const { ask } = await serve(app)

    const token = await issuer.mint()
    expect((await ask('/orders', { method: 'POST', token })).status).toBe(403)
    const writer = await issuer.mint({ scope: 'orders:read orders:write' })
    expect((await ask('/orders', { method: 'POST', token: writer })).status).toBe(200)
  })
})

it('throws, when the route is registered, a TypeError that names every problem of a policy', async () => {
  const api = (await scene()).tokenward()

  expect(() => api.authorize(undefined as never)).toThrow('authorize: a policy is required')
  expect(() => api.authorize(scopes('a'), { fresh: 1, frsh: true } as never)).toThrow(
    new TypeError('authorize: unknown option frsh; fresh must be a boolean'),
  )
})
