import { NestFactory } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { testIssuer } from '@tokenward/testing'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

import { OrdersApi } from '../../docs/examples/nestjs/src/orders-api.ts'
import { audience, withIssuers } from '../docs/outputs/host.ts'
import { asked } from '../docs/snippets/nestjs-testing.ts'
import { asking } from '../support/asking.ts'
import { listen } from '../support/listen.ts'
import { fieldValues } from '../support/raw-request.ts'
import { trustedIssuer } from '../support/trusted-issuer.ts'
import { TokenwardModule } from '@tokenward/nestjs'
import { Controller } from '@nestjs/common'
import { MessagePattern, Transport } from '@nestjs/microservices'

/** The example, listening, and an issuer that it trusts. */
async function example() {
  const issuer = await testIssuer()
  const { result: app } = await withIssuers([], () =>
    NestFactory.create(OrdersApi.with({ issuer: issuer.issuer, audience, system: { fetch: issuer.fetch } }), {
      logger: false,
      abortOnError: false,
    }),
  )
  onTestFinished(() => app.close())
  await app.init()
  const server = await listen(app.getHttpAdapter().getInstance())
  onTestFinished(() => server[Symbol.asyncDispose]())
  const ask = async (path: string, token?: string) =>
    (await withIssuers([], () => asking(server.port).ask(path, { token }))).result
  return { issuer, ask }
}

describe('the example for NestJS', () => {
  it('answers whoever has a token with the scope, and nobody else', async () => {
    const { issuer, ask } = await example()
    const token = await issuer.mint({ aud: audience })
    const answer = await ask('/orders', token)
    expect([answer.status, answer.body]).toEqual([200, '{"orderedBy":"user-1"}'])
    expect((await ask('/orders', await issuer.mint({ aud: audience, scope: 'profile' }))).status).toBe(403)
    const refused = await ask('/orders')
    expect([refused.status, fieldValues(refused, 'WWW-Authenticate')]).toEqual([401, ['Bearer realm="api"']])
  })

  it('is ready once it has the keys, and says so to anybody', async () => {
    const { ask, issuer } = await example()
    await ask('/orders', await issuer.mint({ aud: audience }))
    const answer = await ask('/ready')
    expect([answer.status, answer.body]).toEqual([200, '{"ready":true}'])
  })
})

describe('the page about NestJS', () => {
  afterAll(() => asked.app.close())

  it('shows how to test with an issuer in memory', async () => {
    const port = Number(new URL(await asked.app.getUrl()).port)
    const statusFor = async (token: string): Promise<number> => (await asking(port).ask('/orders', { token })).status
    expect(await statusFor(asked.good)).toBe(200)
    expect(await statusFor(asked.expired)).toBe(401)
  })
})

describe('a testing module', () => {
  it('does not become a hybrid application whose message handlers nobody guards', async () => {
    const { trust } = await trustedIssuer()

    @Controller()
    class Orders {
      @MessagePattern('list')
      list(): void {}
    }
    const module = await Test.createTestingModule({
      imports: [TokenwardModule.forRoot(trust)],
      controllers: [Orders],
    }).compile()
    const app = module.createNestApplication()
    onTestFinished(() => app.close())
    app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } })
    await expect(app.init()).rejects.toThrow('a global guard may not reach Orders.list')
  })
})
