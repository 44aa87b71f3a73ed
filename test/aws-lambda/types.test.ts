import type {
  ALBEvent,
  ALBHandler,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyHandlerV2WithLambdaAuthorizer,
  APIGatewayProxyWithLambdaAuthorizerHandler,
  APIGatewayRequestAuthorizerHandler,
  APIGatewayRequestIAMAuthorizerHandlerV2,
  APIGatewayRequestSimpleAuthorizerHandlerV2,
  APIGatewayTokenAuthorizerHandler,
  Context,
  LambdaFunctionURLHandler,
} from 'aws-lambda'

import { authorizer, protect } from '@tokenward/aws-lambda'
import { createResourceServer, scopes } from '@tokenward/core'
import type { AccessToken } from '@tokenward/core'
import { expect, expectTypeOf, it } from 'vitest'

const options = { issuer: 'https://issuer.example', audience: 'https://api.example' }
const server = createResourceServer(options)
const done = { statusCode: 200, body: '' }

it('makes handlers of the types that AWS publishes', () => {
  const handlers = [
    protect(server, (_event: APIGatewayProxyEventV2) => done) satisfies APIGatewayProxyHandlerV2,
    protect(server, (_event: APIGatewayProxyEventV2) => done) satisfies LambdaFunctionURLHandler,
    protect(server, (_event: APIGatewayProxyEvent) => done) satisfies APIGatewayProxyHandler,
    protect(server, (_event: ALBEvent) => done) satisfies ALBHandler,
    protect(server, () => done) satisfies APIGatewayProxyHandlerV2WithLambdaAuthorizer<{ subject: string }>,
    protect(server, () => done) satisfies APIGatewayProxyWithLambdaAuthorizerHandler<{ subject: string }>,
    authorizer(server, { response: 'simple' }) satisfies APIGatewayRequestSimpleAuthorizerHandlerV2,
    authorizer(server, { response: 'iam' }) satisfies APIGatewayRequestIAMAuthorizerHandlerV2,
    authorizer(server, { response: 'iam' }) satisfies APIGatewayRequestAuthorizerHandler,
    authorizer(server, { response: 'iam' }) satisfies APIGatewayTokenAuthorizerHandler,
  ]
  expect(handlers.every((handler) => typeof handler === 'function')).toBe(true)
})

it('types what the function is given', () => {
  protect(
    server,
    (event: APIGatewayProxyEventV2, token, context) => {
      expectTypeOf(event).toEqualTypeOf<APIGatewayProxyEventV2>()
      expectTypeOf(token).toEqualTypeOf<AccessToken>()
      expectTypeOf(context).toEqualTypeOf<Context>()
      return done
    },
    { policy: scopes('orders:read') },
  )
  const handler: APIGatewayProxyHandlerV2 = protect(options, async (event: APIGatewayProxyEventV2, token) => {
    expectTypeOf(token).toEqualTypeOf<AccessToken>()
    return { statusCode: 200, body: event.rawPath }
  })
  protect(createResourceServer({ ...options, anonymous: 'pass' }), (_event: ALBEvent, token) => {
    expectTypeOf(token).toEqualTypeOf<AccessToken | undefined>()
    return done
  })
  expect(typeof handler).toBe('function')
})

it('takes no event that is not one of HTTP', () => {
  // @ts-expect-error a queue is asked by nobody who could be told 401
  protect(server, (_event: { Records: unknown[] }) => done)
  expect(server).toBeDefined()
})
