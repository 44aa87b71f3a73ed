import type { Decision, RefusedDecision } from '@tokenward/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

import { protect, toResult } from '@tokenward/aws-lambda'
import { isRefusalError, refuse, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

import type { Asked } from './events.ts'
import type { Result } from './gateway.ts'

import { endpoint, json } from '../core/introspection/endpoint.ts'
import { verifies } from '../requirements/verifies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { bearer, httpApiEvent, lambdaContext } from './events.ts'
import { overJson, sources } from './gateway.ts'
import { scene, unreachable } from './scene.ts'

const everySource = Object.entries(sources)

/** All lines of a field, wherever the result has them. */
function lines({ headers = {}, multiValueHeaders = {} }: Result, name: string): string[] {
  return [headers, multiValueHeaders].flatMap((fields) =>
    Object.entries(fields).flatMap(([given, value]) => (given === name ? [value].flat().map(String) : [])),
  )
}

function refused(decision: Decision<unknown>): RefusedDecision {
  if (decision.granted) throw new Error('granted')
  return decision
}

describe.each(everySource)('behind %s', (_name, { eventOf, reads }) => {
  it('hands event, token and context to the function', async () => {
    const { issuer, server } = await scene()
    const seen: unknown[] = []
    const handler = protect(server, async (...given) => {
      seen.push(...given)
      return { statusCode: 204 }
    })
    const event = eventOf(bearer(await issuer.mint()))

    expect(await handler(event, lambdaContext)).toEqual({ statusCode: 204 })
    expect(seen).toEqual([event, expect.objectContaining({ subject: 'user-1' }), lambdaContext])
  })

  verifies(
    'RFC6750-3-a',
    'RFC6750-3-b',
    'RFC6750-3-d',
  )('writes refusals in the shape of the source', async () => {
    const { issuer, server } = await scene()
    let entered = 0
    const handler = protect(server, () => (entered += 1), { policy: scopes('orders:write') })
    const ask = async (asked: Asked): Promise<Result> =>
      overJson(await handler(eventOf(asked), lambdaContext)) as Result // the function never answers

    const results = [await ask({}), await ask(bearer('x.y.z')), await ask(bearer(await issuer.mint()))]
    expect(results.map(({ statusCode }) => statusCode)).toEqual([401, 401, 403])
    expect(results.map(({ body }) => body === '' || JSON.parse(String(body)).error)).toEqual([
      true,
      'invalid_token',
      'insufficient_scope',
    ])
    for (const result of results) {
      expect(result.isBase64Encoded).toBe(false)
      expect(Object.keys(result).filter((member) => /headers$/iu.test(member))).toEqual([reads.at(-1)])
      expect(assertLegalChallenge(lines(result, 'WWW-Authenticate'))).toMatchObject([{ scheme: 'Bearer' }])
      expect(lines(result, 'Cache-Control')).toEqual(['no-store'])
    }
    expect(entered).toBe(0)
  })

  it('keeps two challenges apart, on two lines where there is room for them', async () => {
    const { server } = await scene()
    const decision = refused(server.refuseUnauthenticated())
    const headers = [
      ['WWW-Authenticate', 'Bearer realm="a"'],
      ['WWW-Authenticate', 'DPoP algs="ES256"'],
    ] as const
    const result = toResult(eventOf({}), { ...decision, headers })

    const found = lines(result, 'WWW-Authenticate')
    expect(found).toHaveLength(reads.length === 1 && reads[0] === 'headers' ? 1 : 2)
    expect(assertLegalChallenge(found).map(({ scheme }) => scheme)).toEqual(['Bearer', 'DPoP'])
  })

  verifies('RFC9110-9.3.2-a')('answers HEAD without content', async () => {
    const { server } = await scene()
    const handler = protect(server, () => 'entered')
    const get = await handler(eventOf(bearer('x')), lambdaContext)
    const head = await handler(eventOf({ ...bearer('x'), method: 'HEAD' }), lambdaContext)

    expect(get).toMatchObject({ body: expect.stringContaining('invalid_token') })
    expect(head).toEqual({ ...Object(get), body: '' })
  })

  it('finds the field whatever the case of its name', async () => {
    const { issuer, server } = await scene()
    const handler = protect(server, () => 'entered')
    for (const field of ['authorization', 'AUTHORIZATION', 'aUTHORIZATION']) {
      const event = eventOf({ fields: [[field, `Bearer ${await issuer.mint()}`]] })
      expect(await handler(event, lambdaContext)).toBe('entered')
    }
  })

  it('sees no token anywhere else', async () => {
    const { issuer, server } = await scene()
    const token = await issuer.mint()
    const handler = protect(server, () => 'entered')
    const event = eventOf({
      query: `access_token=${token}`,
      body: `access_token=${token}`,
      fields: [
        ['Cookie', `access_token=${token}`],
        ['X-Amzn-Remapped-Authorization', `Bearer ${token}`],
      ],
    })
    expect(await handler(event, lambdaContext)).toMatchObject({ statusCode: 401 })
  })
})

describe('protect', () => {
  it('serves several sources with one function, each in its shape', async () => {
    const { server } = await scene()
    const handler = protect(server, () => 'entered')
    const shapes = await Promise.all(
      everySource.map(async ([name, { eventOf }]) => [
        name,
        Object.keys(Object(await handler(eventOf({}), lambdaContext)))[1],
      ]),
    )
    expect(Object.fromEntries(shapes)).toEqual({
      'HTTP API': 'headers',
      'HTTP API, payload 1.0': 'multiValueHeaders',
      'REST API': 'multiValueHeaders',
      'function URL': 'headers',
      'load balancer': 'headers',
      'load balancer, multi-value headers': 'multiValueHeaders',
    })
  })

  it('does no I/O before an event needs it', async () => {
    const { issuer, trust } = await scene()
    const handler = protect(trust, (_event: APIGatewayProxyEventV2) => 'entered')
    expect(await handler(httpApiEvent(), lambdaContext)).toMatchObject({ statusCode: 401 })
    expect(issuer.requests).toEqual([])

    expect(await handler(httpApiEvent(bearer(await issuer.mint())), lambdaContext)).toBe('entered')
    await handler(httpApiEvent(bearer(await issuer.mint({ jti: 'another' }))), lambdaContext)
    expect(issuer.requests).toHaveLength(2)
  })

  it('lets anonymous requests pass where the resource server does, but not past a policy', async () => {
    const { issuer, open } = await scene()
    const server = open()
    const plain = protect(server, (_event: APIGatewayProxyEventV2, token) => token?.subject ?? 'nobody')
    const guarded = protect(server, (_event: APIGatewayProxyEventV2) => 'entered', { policy: scopes('orders:read') })

    expect(await plain(httpApiEvent(), lambdaContext)).toBe('nobody')
    expect(await plain(httpApiEvent(bearer(await issuer.mint())), lambdaContext)).toBe('user-1')
    expect(await plain(httpApiEvent(bearer('x')), lambdaContext)).toMatchObject({ statusCode: 401 })
    expect(await guarded(httpApiEvent(), lambdaContext)).toMatchObject({ statusCode: 401, body: '' })
  })

  it('asks an introspected issuer again where the answer must be fresh', async () => {
    const server = endpoint()
    const api = server.serving()
    const policy = scopes('orders:read')
    const remembered = protect(api, (_event: APIGatewayProxyEventV2) => 'entered', { policy })
    const fresh = protect(api, (_event: APIGatewayProxyEventV2) => 'entered', { policy, fresh: true })
    const event = httpApiEvent(bearer('opaque'))
    expect(await remembered(event, lambdaContext)).toBe('entered')

    server.answer(() => json({ active: false }))
    expect(await remembered(event, lambdaContext)).toBe('entered')
    expect(await fresh(event, lambdaContext)).toMatchObject({ statusCode: 401 })
  })

  it('answers an outage with 503 and never with 401', async () => {
    const known = await scene()
    const handler = protect(unreachable(known), (_event: APIGatewayProxyEventV2) => 'entered')
    const result = await handler(httpApiEvent(bearer(await known.issuer.mint())), lambdaContext)
    expect(result).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '1', 'Cache-Control': 'no-store' } })
    expect(JSON.stringify(result)).not.toContain('WWW-Authenticate')
  })

  it('never shows why a policy refused', async () => {
    const { issuer, server, refusals } = await scene()
    const handler = protect(server, (_event: APIGatewayProxyEventV2) => 'entered', {
      policy: () => refuse('tenant 7 did not pay'),
    })
    const result = await handler(httpApiEvent(bearer(await issuer.mint())), lambdaContext)
    expect(result).toMatchObject({ statusCode: 403 })
    expect(JSON.stringify(result)).not.toContain('tenant 7')
    expect(refusals()).toMatchObject([{ code: 'POLICY_DENIED', message: expect.stringContaining('tenant 7') }])
  })

  it('leaves failures of the function to Lambda', async () => {
    const { issuer, server } = await scene()
    const handler = protect(server, (_event: APIGatewayProxyEventV2): string => {
      throw new Error('of the function')
    })
    await expect(handler(httpApiEvent(bearer(await issuer.mint())), lambdaContext)).rejects.toThrow('of the function')
  })

  it('throws refusals where a middleware writes them', async () => {
    const { server } = await scene()
    const handler = protect(server, (_event: APIGatewayProxyEventV2) => 'entered', { refusals: 'forward' })
    const thrown: unknown = await handler(httpApiEvent(), lambdaContext).catch((error: unknown) => error)
    expect(isRefusalError(thrown)).toBe(true)
    expect(thrown).toMatchObject({ statusCode: 401, headers: { 'WWW-Authenticate': 'Bearer realm="api"' } })
  })

  it('refuses, at once, options that are wrong', async () => {
    const { server, trust } = await scene()
    // casts, as callers in JavaScript make none
    expect(() => protect(server, undefined as never, { policy: 'a', fresh: true } as never)).toThrow(
      new TypeError('protect: the handler must be a function; policy must be a function'),
    )
    const options = { fresh: 1, scopes: ['a'] } as never
    expect(() => protect({ ...trust, audience: '' }, undefined as never, options)).toThrow(
      /^protect: (?=.*handler must)(?=.*fresh must be a boolean)(?=.*"scopes")(?=.*audience)/u,
    )
    expect(() => protect(server, () => 'entered', { fresh: true })).toThrow('protect: fresh needs a policy')
    expect(() => protect(server, () => 'entered', { scopes: ['a'] } as never)).toThrow(
      /protect: unknown option "scopes"/u,
    )
    expect(() => protect({ ...trust, audience: '' }, () => 'entered')).toThrow(/^protect: audience/u)
  })
})
