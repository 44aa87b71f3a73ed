import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda'

import { testIssuer } from '@tokenward/testing'
import type { TestIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'

import { handler as authorize } from '../../docs/examples/aws-lambda/src/authorizer.ts'
import { handler as authorizeByPolicy } from '../../docs/examples/aws-lambda/src/authorizer-iam.ts'
import { handler as behind } from '../../docs/examples/aws-lambda/src/behind-authorizer.ts'
import { handler as byHand } from '../../docs/examples/aws-lambda/src/by-hand.ts'
import { handler as withCors } from '../../docs/examples/aws-lambda/src/cors.ts'
import { handler as orders } from '../../docs/examples/aws-lambda/src/orders.ts'
import { audience, issuerName, withIssuers } from '../docs/outputs/host.ts'
import {
  albEvent,
  authorizerEventV2,
  bearer,
  functionUrlEvent,
  httpApiEvent,
  lambdaContext,
  restEvent,
  tokenAuthorizerEvent,
} from './events.ts'
import { overJson } from './gateway.ts'

const issuer = await testIssuer({ issuer: issuerName })
const mint: TestIssuer['mint'] = (claims = {}) => issuer.mint({ aud: audience, ...claims })

/** While the issuer of the examples is the network, and through JSON as Lambda does. */
async function run<T>(call: () => Promise<T>): Promise<T> {
  return overJson((await withIssuers([issuer], call)).result)
}

describe('the examples for AWS Lambda', () => {
  it('answer whoever has a token with the scope, and nobody else', async () => {
    const good = bearer(await mint())
    const poor = bearer(await mint({ scope: 'profile' }))
    const done = { statusCode: 200, body: '{"orderedBy":"user-1"}' }

    for (const event of [httpApiEvent, functionUrlEvent]) {
      expect(await run(() => orders(event(), lambdaContext))).toMatchObject({ statusCode: 401 })
      expect(await run(() => orders(event(poor), lambdaContext))).toMatchObject({ statusCode: 403 })
      expect(await run(() => orders(event(good), lambdaContext))).toMatchObject(done)
    }
    for (const mode of ['single', 'multi'] as const) {
      expect(await run(() => byHand(albEvent(mode)))).toMatchObject({ statusCode: 401 })
      expect(await run(() => byHand(albEvent(mode, poor)))).toMatchObject({ statusCode: 403 })
      expect(await run(() => byHand(albEvent(mode, good)))).toEqual(done)
      expect(await run(() => byHand(albEvent(mode, { path: '/health' })))).toEqual({ statusCode: 200, body: 'ok' })
    }
  })

  it('answer browsers, with the fields that they want on refusals too', async () => {
    const allowed = { 'Access-Control-Allow-Origin': 'https://app.example.com' }
    expect(await run(() => withCors(restEvent({ method: 'OPTIONS' }), lambdaContext))).toMatchObject({
      statusCode: 204,
      headers: allowed,
    })
    expect(await run(() => withCors(restEvent(), lambdaContext))).toMatchObject({
      statusCode: 401,
      headers: allowed,
      multiValueHeaders: { 'WWW-Authenticate': ['Bearer realm="api"'] },
    })
    const good = restEvent(bearer(await mint()))
    expect(await run(() => withCors(good, lambdaContext))).toMatchObject({ statusCode: 200, headers: allowed })
  })

  it('tell the function behind an authorizer who calls', async () => {
    const { isAuthorized, context } = await run(async () => authorize(authorizerEventV2(bearer(await mint()))))
    expect(isAuthorized).toBe(true)
    const { requestContext, ...event } = httpApiEvent()
    // a cast because what one function says is not known as what the other reads
    const passedOn = { ...event, requestContext: { ...requestContext, authorizer: { lambda: context } } } as unknown
    const answer = await behind(passedOn as APIGatewayProxyEventV2WithLambdaAuthorizer<never>)
    expect(answer).toEqual({ statusCode: 200, body: JSON.stringify({ orderedBy: [issuerName, 'user-1'] }) })
  })

  it('pass a claim of their own on', async () => {
    const token = await mint({ tenant: 'acme' })
    const answer = await run(() => authorizeByPolicy(tokenAuthorizerEvent(`Bearer ${token}`)))
    expect(answer).toMatchObject({ principalId: 'user-1', context: { tenant: 'acme' } })
  })
})
