import type { ApolloDriverConfig } from '@nestjs/apollo'
import type { MercuriusDriverConfig } from '@nestjs/mercurius'
import type { DynamicModule } from '@nestjs/common'
import type { AccessToken } from '@tokenward/core'

import { ApolloDriver } from '@nestjs/apollo'
import { Field, GraphQLModule, ObjectType, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql'
import { MercuriusDriver } from '@nestjs/mercurius'
import { refuse, scopes } from '@tokenward/core'
import { Auth, Authorize, Public, TokenwardModule } from '@tokenward/nestjs'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

import type { Served } from './serve.ts'

import { fieldValues } from '../support/raw-request.ts'
import { trustedIssuer } from '../support/trusted-issuer.ts'
import { platforms } from './platforms.ts'
import { serve } from './serve.ts'

const [[, express], [, fastify]] = platforms

@Resolver(() => String)
class Orders {
  @Query(() => String)
  orders(@Auth() token: AccessToken): string {
    return `orders of ${token.subject}`
  }

  @Query(() => String, { nullable: true })
  @Authorize(scopes('orders:write'))
  cancel(): string {
    return 'cancelled'
  }

  @Query(() => String, { nullable: true })
  @Authorize(() => refuse('operators-only: the account is frozen'))
  frozen(): string {
    return 'frozen'
  }

  @Query(() => String)
  @Public()
  health(): string {
    return 'up'
  }

  @Subscription(() => String)
  async *shipped(@Auth() token: AccessToken): AsyncGenerator {
    yield { shipped: `order of ${token.subject}` }
  }
}

const drivers = [
  ['Apollo on Express', express, { driver: ApolloDriver, preserveHttpStatusForExecutionErrors: false }],
  ['Mercurius on Fastify', fastify, { driver: MercuriusDriver }],
] as const

/** A graph behind the guard. */
async function graph(
  platform: (typeof drivers)[number][1],
  driver: ApolloDriverConfig | MercuriusDriverConfig,
  resolver: new () => object = Orders,
) {
  const { issuer, trust, refusals } = await trustedIssuer()
  const imports = [TokenwardModule.forRoot(trust), GraphQLModule.forRoot({ autoSchemaFile: true, ...driver })]
  const served = await serve({ imports, providers: [resolver] }, platform)
  return { issuer, refusals, served, query: (text: string, token?: string) => query(served, text, token) }
}

async function query({ ask }: Served, text: string, token?: string) {
  const response = await ask('/graphql', {
    method: 'POST',
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify({ query: text }),
    token,
  })
  const { data, errors }: { data: unknown; errors?: readonly { message: string; extensions: { code: string } }[] } =
    JSON.parse(response.body)
  return { response, data, errors: errors?.map(({ message, extensions: { code } }) => [code, message]) }
}

describe.each(drivers)('a resolver behind the guard, with %s', (_driver, platform, driver) => {
  it('answers those with a token', async () => {
    const { issuer, query: ask } = await graph(platform, driver)
    const token = await issuer.mint()
    expect(await ask('{ orders }', token)).toMatchObject({ data: { orders: 'orders of user-1' }, errors: undefined })
    expect(await ask('{ health }')).toMatchObject({ data: { health: 'up' } })
  })

  it('refuses those without, and those with a bad one', async () => {
    const { issuer, query: ask } = await graph(platform, driver)
    expect(await ask('{ orders }')).toMatchObject({
      data: null,
      errors: [['UNAUTHENTICATED', 'The request carries no access token']],
    })
    expect(await ask('{ orders }', await issuer.mint({ exp: 1 }))).toMatchObject({
      data: null,
      errors: [['UNAUTHENTICATED', 'The access token expired']],
    })
    expect(await ask('{ orders }', 'a b')).toMatchObject({ errors: [['BAD_REQUEST', expect.anything()]] })
  })

  it('refuses a field that the token may not see, and answers the others', async () => {
    const { issuer, query: ask } = await graph(platform, driver)
    expect(await ask('{ orders cancel }', await issuer.mint())).toMatchObject({
      data: { orders: 'orders of user-1', cancel: null },
      errors: [['FORBIDDEN', 'The access token lacks a scope that this request needs']],
    })
  })

  it('shows nothing of the operator', async () => {
    const { issuer, query: ask, refusals } = await graph(platform, driver)
    const token = await issuer.mint({ sub: 'zqMARKqz' })
    const { response } = await ask('{ frozen }', token)
    expect(refusals().map(({ message }) => message)).toEqual([expect.stringContaining('operators-only')])
    expect(response.body).toContain('FORBIDDEN')
    expect(response.body).not.toMatch(/operators-only|zqMARKqz|POLICY_DENIED/u)
  })

  it('gives each field its own token, however many are asked at once', async () => {
    const { issuer, query: ask } = await graph(platform, driver)
    const names = Array.from({ length: 10 }, (_, at) => `user-${at}`)
    const tokens = await Promise.all(names.map((sub) => issuer.mint({ sub })))
    const answers = await Promise.all(tokens.map((token) => ask('{ a: orders b: orders c: orders }', token)))
    expect(answers.map(({ data }) => data)).toEqual(
      names.map((name) => ({ a: `orders of ${name}`, b: `orders of ${name}`, c: `orders of ${name}` })),
    )
  })
})

describe('with Apollo', () => {
  const [[, platform, driver]] = drivers

  it('the answer has the status and the challenge, where Apollo may set them', async () => {
    const { query: ask } = await graph(platform, driver)
    const { response } = await ask('{ orders }')
    expect(response.status).toBe(401)
    expect(fieldValues(response, 'WWW-Authenticate')).toEqual(['Bearer realm="api"'])
    expect(response.body).not.toContain('"http"')
    const nested = await graph(platform, { driver: ApolloDriver })
    expect((await nested.query('{ orders }')).response.status).toBe(200)
  })

  it('the policy of a field holds where guards of fields are switched on', async () => {
    @ObjectType()
    class Order {
      @Field(() => String, { nullable: true })
      readonly price!: string | null
    }

    @Resolver(() => Order)
    class Prices {
      @Query(() => Order)
      order(): object {
        return {}
      }

      @ResolveField(() => String, { nullable: true })
      @Authorize(scopes('prices'))
      price(@Auth() token: AccessToken): string {
        return `for ${token.subject}`
      }
    }
    const { issuer, query: ask } = await graph(platform, { ...driver, fieldResolverEnhancers: ['guards'] }, Prices)
    expect(await ask('{ order { price } }', await issuer.mint())).toMatchObject({
      data: { order: { price: null } },
      errors: [['FORBIDDEN', expect.anything()]],
    })
    expect(await ask('{ order { price } }', await issuer.mint({ scope: 'prices' }))).toMatchObject({
      data: { order: { price: 'for user-1' } },
    })
  })

  describe('a subscription', () => {
    async function subscribe(port: number, payload: object, token?: string): Promise<unknown> {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
      const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { headers })
      onTestFinished(() => socket.terminate())
      const next = async (): Promise<unknown> => JSON.parse(String((await once(socket, 'message'))[0]))
      await once(socket, 'open')
      socket.send(JSON.stringify({ type: 'connection_init', payload }))
      await next()
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { shipped }' } }))
      return next()
    }
    const withSubscriptions = { ...driver, subscriptions: { 'graphql-ws': true } }
    const refused = {
      type: 'next',
      payload: {
        errors: [{ message: 'The request carries no access token', extensions: { code: 'UNAUTHENTICATED' } }],
      },
    }
    const shipped = { type: 'next', payload: { data: { shipped: 'order of user-1' } } }

    it('needs a token in the request that opened its WebSocket', async () => {
      const { issuer, trust } = await trustedIssuer()
      const imports = [
        TokenwardModule.forRoot(trust),
        GraphQLModule.forRoot({ autoSchemaFile: true, ...withSubscriptions }),
      ]
      const { port } = await listening(imports)
      const token = await issuer.mint()
      expect(await subscribe(port, {}, token)).toMatchObject(shipped)
      expect(await subscribe(port, {})).toMatchObject(refused)
      expect(await subscribe(port, { authorization: `Bearer ${token}` })).toMatchObject(refused)
    })

    it('may find it in the parameters of the connection, where the application says so', async () => {
      const { issuer, trust } = await trustedIssuer()
      const credentials = (context: {
        getArgByIndex(at: 2): { req?: { connectionParams?: { authorization?: string } } }
      }) => context.getArgByIndex(2).req?.connectionParams?.authorization
      const imports = [
        TokenwardModule.forRoot({ ...trust, credentials }),
        GraphQLModule.forRoot({ autoSchemaFile: true, ...withSubscriptions }),
      ]
      const { port } = await listening(imports)
      expect(await subscribe(port, { authorization: `Bearer ${await issuer.mint()}` })).toMatchObject(shipped)
      expect(await subscribe(port, {})).toMatchObject(refused)
    })

    async function listening(imports: DynamicModule[]) {
      const { app } = await serve({ imports, providers: [Orders] }, platform)
      await app.listen(0, '127.0.0.1')
      return { port: Number(new URL(await app.getUrl()).port) }
    }
  })
})

describe('with Mercurius', () => {
  it('the answer is one of GraphQL', async () => {
    const [, [, platform, driver]] = drivers
    const { query: ask } = await graph(platform, driver)
    const { response } = await ask('{ orders }')
    expect(response.status).toBe(200)
    expect(JSON.parse(response.body).errors[0].extensions).toEqual({
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: {} },
    })
  })

  it('nobody is taken for the first caller, where callers share one context', async () => {
    const [, [, platform, driver]] = drivers
    const { issuer, query: ask } = await graph(platform, { ...driver, context: { shared: true } })
    const [one, other] = await Promise.all([issuer.mint({ sub: 'one' }), issuer.mint({ sub: 'other' })])
    expect(await ask('{ orders }', one)).toMatchObject({ data: { orders: 'orders of one' } })
    expect(await ask('{ orders }', other)).toMatchObject({
      data: null,
      errors: [['INTERNAL_SERVER_ERROR', expect.anything()]],
    })
    expect(await ask('{ orders }')).toMatchObject({ data: null })
  })
})
