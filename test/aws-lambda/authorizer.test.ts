import type { APIGatewayRequestAuthorizerEventV2, APIGatewayTokenAuthorizerEvent } from 'aws-lambda'

import { authorizer } from '@tokenward/aws-lambda'
import { refuse, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

import { endpoint, json } from '../core/introspection/endpoint.ts'
import {
  authorizerEventV1,
  authorizerEventV2,
  bearer,
  connectEvent,
  requestAuthorizerEvent,
  tokenAuthorizerEvent,
} from './events.ts'
import { overJson } from './gateway.ts'
import { scene, unreachable } from './scene.ts'

const api = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234'

/** Each kind of event that a policy answers, and the stage that it is about. */
const kinds = [
  ['TOKEN of a REST API', (token: string) => tokenAuthorizerEvent(`Bearer ${token}`), `${api}/prod/*`],
  ['REQUEST of a REST API', (token: string) => requestAuthorizerEvent(bearer(token)), `${api}/prod/*`],
  ['REQUEST of a WebSocket API', (token: string) => connectEvent(bearer(token)), `${api}/prod/*`],
  ['REQUEST of an HTTP API, payload 1.0', (token: string) => authorizerEventV1(bearer(token)), `${api}/prod/*`],
  ['REQUEST of an HTTP API', (token: string) => authorizerEventV2(bearer(token)), `${api}/$default/*`],
] as const

/** What became of it, as API Gateway sees it: the text of an error is all that it gets. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(overJson, (error: unknown) => (error instanceof Error ? error.message : error))
}

describe.each(kinds)('%s', (_name, eventOf, resource) => {
  it('is allowed on the whole stage, with facts that are plain values', async () => {
    const { issuer, server } = await scene()
    const handler = authorizer(server, { response: 'iam', policy: scopes('orders:read') })
    const token = await issuer.mint({ scope: 'orders:read profile' })

    const result = await outcome(handler(eventOf(token)))
    expect(result).toEqual({
      principalId: 'user-1',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: resource }],
      },
      context: {
        issuer: issuer.issuer,
        subject: 'user-1',
        clientId: 'client-1',
        scopes: 'orders:read profile',
        expiresAt: expect.any(Number),
      },
    })
    expect(JSON.stringify(result)).not.toContain(token)
  })

  it('is denied where the policy refuses, without a reason', async () => {
    const { issuer, server } = await scene()
    const handler = authorizer(server, { response: 'iam', policy: () => refuse('tenant 7 did not pay') })

    expect(await outcome(handler(eventOf(await issuer.mint())))).toEqual({
      principalId: 'unknown',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: resource }],
      },
      context: {},
    })
  })

  it('is 401 by the one text that means it, for no good token', async () => {
    const { issuer, server, refusals } = await scene()
    const handler = authorizer(server, { response: 'iam' })
    const tokens = ['', 'x.y.z', await issuer.mint({ exp: 1 }), await issuer.mint({ aud: 'https://other.example' })]

    for (const token of tokens) expect(await outcome(handler(eventOf(token)))).toBe('Unauthorized')
    expect(refusals().map(({ code }) => code)).toEqual([
      'REQUEST_MALFORMED',
      'TOKEN_MALFORMED',
      'TOKEN_EXPIRED',
      'AUDIENCE_MISMATCH',
    ])
  })

  it('is 500 and never remembered where nobody can tell', async () => {
    const known = await scene()
    const token = await known.issuer.mint()
    const down = authorizer(unreachable(known), { response: 'iam' })
    // a cast because a policy written in JavaScript can return anything
    const faulty = authorizer(known.server, { response: 'iam', policy: () => undefined as never })

    expect(await outcome(down(eventOf(token)))).toBe('KEYS_UNAVAILABLE')
    expect(await outcome(faulty(eventOf(token)))).toBe('POLICY_FAULT')
  })
})

describe('simple responses', () => {
  it('say yes with the facts', async () => {
    const { issuer, server } = await scene()
    const handler = authorizer(server, {
      response: 'simple',
      context: ({ claims }) => ({ tenant: String(claims['tenant']) }),
    })
    const event = authorizerEventV2(bearer(await issuer.mint({ tenant: 'acme' })))

    expect(await outcome(handler(event))).toMatchObject({
      isAuthorized: true,
      context: { subject: 'user-1', scopes: 'orders:read', tenant: 'acme' },
    })
  })

  it('say no where the policy refuses, which is 403', async () => {
    const { issuer, server } = await scene()
    const handler = authorizer(server, { response: 'simple', policy: scopes('orders:write') })
    const event = authorizerEventV2(bearer(await issuer.mint()))
    expect(await outcome(handler(event))).toEqual({ isAuthorized: false, context: {} })
  })

  it('are none for no good token, which is 401, nor in an outage, which is 500', async () => {
    const known = await scene()
    const handler = authorizer(known.server, { response: 'simple' })
    const down = authorizer(unreachable(known), { response: 'simple' })

    expect(await outcome(handler(authorizerEventV2()))).toBe('Unauthorized')
    expect(await outcome(handler(authorizerEventV2(bearer('x'))))).toBe('Unauthorized')
    expect(await outcome(down(authorizerEventV2(bearer(await known.issuer.mint()))))).toBe('KEYS_UNAVAILABLE')
  })
})

describe('the cache of API Gateway', () => {
  it('serves other routes, so no answer is about a route', async () => {
    const { issuer, server } = await scene()
    const handler = authorizer(server, { response: 'iam' })
    const token = await issuer.mint()
    const paths = ['/orders', '/orders/1', '/*', '/', '/prod/GET']

    const answers = await Promise.all(
      paths.map(async (path) => outcome(handler(requestAuthorizerEvent({ ...bearer(token), path })))),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('is never given an answer under a key without the token', async () => {
    const { issuer, server } = await scene()
    const token = await issuer.mint()
    const simple = authorizer(server, { response: 'simple', policy: scopes('orders:read') })
    const denying = authorizer(server, { response: 'simple', policy: scopes('orders:write') })
    const iam = authorizer(server, { response: 'iam' })
    const elsewhere = authorizerEventV2(bearer(token), ['GET /orders', '192.0.2.1'])
    const fault = 'the identity sources of the authorizer lack Authorization'

    expect(await outcome(simple(elsewhere))).toBe(fault)
    expect(await outcome(denying(elsewhere))).toBe(fault)
    expect(await outcome(iam(elsewhere))).toBe(fault)
    expect(await outcome(iam(authorizerEventV1(bearer(token), '192.0.2.1')))).toBe(fault)
    const complete = authorizerEventV2(bearer(token), ['GET /orders', `Bearer ${token}`])
    expect(await outcome(simple(complete))).toMatchObject({ isAuthorized: true })
    expect(await outcome(iam(authorizerEventV1(bearer(token), `192.0.2.1,Bearer ${token}`)))).toHaveProperty(
      'principalId',
    )
  })

  it.each([
    ['an empty list', []],
    ['null', null],
    ['undefined', undefined],
  ])('is off where the identity sources are %s', async (_name, identitySource) => {
    const { issuer, server } = await scene()
    const event = { ...authorizerEventV2(bearer(await issuer.mint())), identitySource }
    // a cast because the types promise a list
    const answer = authorizer(server, { response: 'simple' })(event as unknown as APIGatewayRequestAuthorizerEventV2)
    expect(await outcome(answer)).toMatchObject({ isAuthorized: true })
  })
})

describe('an authorizer', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an HTTP request', { httpMethod: 'GET', path: '/', headers: { authorization: 'Bearer x' }, requestContext: {} }],
    ['an ARN without a stage', { type: 'TOKEN', authorizationToken: 'Bearer x', methodArn: api }],
    ['an ARN that is none', { type: 'TOKEN', authorizationToken: 'Bearer x', methodArn: '*' }],
    ['an ARN that is no text', { type: 'TOKEN', authorizationToken: 'Bearer x', methodArn: {} }],
  ])('refuses %s', async (_name, event) => {
    const { server } = await scene()
    // a cast because Lambda hands over whatever invoked the function
    const answer = authorizer(server, { response: 'iam' })(event as unknown as APIGatewayTokenAuthorizerEvent)
    await expect(answer).rejects.toThrow(TypeError)
  })

  it('refuses two lines of the field', async () => {
    const { issuer, server } = await scene()
    const good = `Bearer ${await issuer.mint()}`
    const fields = [
      ['Authorization', good],
      ['authorization', good],
    ] as const
    const handler = authorizer(server, { response: 'iam' })
    for (const event of [requestAuthorizerEvent({ fields }), connectEvent({ fields }), authorizerEventV2({ fields })]) {
      expect(await outcome(handler(event))).toBe('Unauthorized')
    }
  })

  it('lets nobody anonymous pass, whatever the resource server does', async () => {
    const { open } = await scene()
    const handler = authorizer(open(), { response: 'simple' })
    expect(await outcome(handler(authorizerEventV2()))).toBe('Unauthorized')
  })

  it('names the client where there is no subject, and leaves out what there is not', async () => {
    const server = endpoint()
    server.answer(() => json({ active: true, aud: 'https://api.example', client_id: 'client-1' }))
    const handler = authorizer(server.serving(), { response: 'iam' })
    expect(await outcome(handler(tokenAuthorizerEvent('Bearer opaque')))).toMatchObject({
      principalId: 'client-1',
      context: { clientId: 'client-1', scopes: '' },
    })
    expect(await outcome(handler(tokenAuthorizerEvent('Bearer opaque')))).not.toHaveProperty('context.subject')
  })

  it('asks an introspected issuer again where the answer must be fresh', async () => {
    const server = endpoint()
    const demands = { response: 'simple', policy: scopes('orders:read') } as const
    const resourceServer = server.serving()
    const remembered = authorizer(resourceServer, demands)
    const fresh = authorizer(resourceServer, { ...demands, fresh: true })
    const event = authorizerEventV2(bearer('opaque'))
    expect(await outcome(remembered(event))).toMatchObject({ isAuthorized: true })

    server.answer(() => json({ active: false }))
    expect(await outcome(remembered(event))).toMatchObject({ isAuthorized: true })
    expect(await outcome(fresh(event))).toBe('Unauthorized')
  })

  it('refuses, at once, options that are wrong', async () => {
    const { server, trust } = await scene()
    // casts, as callers in JavaScript make none
    expect(() => authorizer(server, { policy: 1, context: 'a' } as never)).toThrow(
      new TypeError(
        'authorizer: response must be "simple" or "iam"; policy must be a function; context must be a function',
      ),
    )
    expect(() => authorizer(undefined as never, { response: 'x', fresh: 'yes', resources: '*' } as never)).toThrow(
      /^authorizer: (?=.*response must)(?=.*fresh must be a boolean)(?=.*"resources")(?=.*a resource server are required)/u,
    )
    expect(() => authorizer(server, { response: 'iam', resources: '*' } as never)).toThrow(
      /unknown option "resources"/u,
    )
    for (const wrong of [
      () => authorizer(server, { response: 'iam', refusals: 'forward' } as never),
      () => authorizer({ ...trust, refusals: 'forward' } as never, { response: 'iam' }),
    ]) {
      expect(wrong).toThrow('authorizer: refusals cannot be forwarded')
    }
    expect(() => authorizer({ ...trust, audience: '' }, { response: 'iam' })).toThrow(/^authorizer: audience/u)
  })
})
