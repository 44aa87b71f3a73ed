import type { APIGatewayProxyEventV2 } from 'aws-lambda'

import { fromEvent, protect } from '@tokenward/aws-lambda'
import { describe, expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import {
  authorizerEventV2,
  connectEvent,
  httpApiEvent,
  lambdaContext,
  requestAuthorizerEvent,
  restEvent,
} from './events.ts'
import { sources } from './gateway.ts'
import { scene } from './scene.ts'

describe('the field sent twice', () => {
  const outcome = async (name: keyof typeof sources): Promise<unknown> => {
    const { issuer, server } = await scene()
    const event = sources[name].eventOf({
      fields: [
        ['Authorization', 'Bearer x'],
        ['authorization', `Bearer ${await issuer.mint()}`],
      ],
    })
    return protect(server, () => 'entered')(event, lambdaContext)
  }

  verifies('RFC9110-5.3-a')('is malformed wherever the event tells of both lines', async () => {
    for (const name of [
      'HTTP API',
      'HTTP API, payload 1.0',
      'REST API',
      'function URL',
      'load balancer, multi-value headers',
    ] as const) {
      expect([name, await outcome(name)]).toMatchObject([name, { statusCode: 400 }])
    }
  })

  it('is its last line behind a load balancer without multi-value headers, which tells of no other', async () => {
    expect(await outcome('load balancer')).toBe('entered')
  })
})

describe('an event', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'GET /orders'],
    ['a queue message', { Records: [{ eventSource: 'aws:sqs', body: 'Bearer x' }] }],
    ['a schedule', { source: 'aws.events', 'detail-type': 'Scheduled Event' }],
    ['a WebSocket message', { requestContext: { eventType: 'MESSAGE', routeKey: 'send' }, body: 'x' }],
    ['payload 2.0 without a request', { version: '2.0', rawPath: '/', headers: {}, requestContext: {} }],
    ['a request without a context', { httpMethod: 'GET', path: '/orders', headers: {} }],
    ['a context that is null', { httpMethod: 'GET', path: '/orders', headers: {}, requestContext: null }],
  ])('that is %s is refused, and the function not run', async (_name, event) => {
    const { server } = await scene()
    let entered = 0
    const handler = protect(server, () => (entered += 1))
    // a cast because Lambda hands over whatever invoked the function
    await expect(handler(event as unknown as APIGatewayProxyEventV2, lambdaContext)).rejects.toThrow(TypeError)
    expect(entered).toBe(0)
  })

  it('of the test in the console of REST APIs has null in place of fields', async () => {
    const { server } = await scene()
    const event = { ...restEvent(), headers: null, multiValueHeaders: null }
    // a cast because the types know nothing of it
    const result = await protect(server, () => 'entered')(
      event as unknown as ReturnType<typeof restEvent>,
      lambdaContext,
    )
    expect(result).toMatchObject({ statusCode: 401, headers: { 'WWW-Authenticate': 'Bearer realm="api"' } })
  })

  it('with lists counts by them, since single values hide lines', async () => {
    const { issuer, server } = await scene()
    const good = `Bearer ${await issuer.mint()}`
    const event = {
      ...restEvent(),
      headers: { Authorization: good },
      multiValueHeaders: { authorization: [good, good] },
    }
    expect(await protect(server, () => 'entered')(event, lambdaContext)).toMatchObject({ statusCode: 400 })
  })

  it('with the field under two spellings has it twice', async () => {
    const { issuer, server } = await scene()
    const good = `Bearer ${await issuer.mint()}`
    const event = { ...httpApiEvent(), headers: { authorization: good, Authorization: good } }
    expect(await protect(server, () => 'entered')(event, lambdaContext)).toMatchObject({ statusCode: 400 })
  })
})

describe('fromEvent', () => {
  it('tells the method, and the URL as far as the event does', () => {
    const asked = { method: 'DELETE', path: '/orders/1', query: 'a=b' }
    const told = Object.entries(sources).map(([name, { eventOf }]) => {
      const { method, url } = fromEvent(eventOf(asked))
      return [name, `${method} ${url}`]
    })
    const gatewayHost = 'https://abcdef1234.execute-api.eu-central-1.amazonaws.com'
    expect(Object.fromEntries(told)).toEqual({
      'HTTP API': `DELETE ${gatewayHost}/orders/1`,
      'HTTP API, payload 1.0': `DELETE ${gatewayHost}/orders/1`,
      'REST API': `DELETE ${gatewayHost}/prod/orders/1`,
      'function URL': 'DELETE https://abcdef1234.lambda-url.eu-central-1.on.aws/orders/1',
      'load balancer': 'DELETE https://orders.example.com/orders/1',
      'load balancer, multi-value headers': 'DELETE https://orders.example.com/orders/1',
    })
  })

  it('reads the events of authorizers as well', () => {
    const asked = { method: 'POST', path: '/orders' }
    const told = [requestAuthorizerEvent(asked), authorizerEventV2(asked), connectEvent()].map((event) =>
      fromEvent(event),
    )
    expect(told.map(({ method, url }) => [method, new URL(url).pathname])).toEqual([
      ['POST', '/prod/orders'],
      ['POST', '/orders'],
      ['GET', '/'],
    ])
  })
})
