import { createResourceServer, createVerifier } from '@tokenward/core'
import { tokenward } from '@tokenward/fastify'
import { expect, it } from 'vitest'

import { fastify, scene } from './scene.ts'

const authorization = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

it('closes what it made when the application closes, and no sooner', async () => {
  const { issuer, clock, trust } = await scene()
  const app = fastify()
  await app.register(tokenward, trust)
  app.get('/', async () => 'in')
  // the keys of a verifier that is in use are refreshed by a timer
  const use = async (): Promise<void> => {
    for (let request = 0; request < 2; request += 1) {
      expect((await app.inject({ url: '/', ...authorization(await issuer.mint()) })).statusCode).toBe(200)
    }
  }

  await use()
  const asked = issuer.requests.length
  await clock.advance(600)
  expect(issuer.requests.length).toBeGreaterThan(asked)
  await use()
  const askedAgain = issuer.requests.length
  await app.close()
  await clock.advance(600)
  expect(issuer.requests).toHaveLength(askedAgain)
})

it('closes that of each context', async () => {
  const { issuer, clock, trust } = await scene()
  const app = fastify()
  for (const path of ['/one', '/two']) {
    await app.register(async (context) => {
      await context.register(tokenward, trust)
      context.get(path, async () => 'in')
    })
  }
  for (const url of ['/one', '/two', '/one', '/two']) {
    expect((await app.inject({ url, ...authorization(await issuer.mint()) })).statusCode).toBe(200)
  }
  const asked = issuer.requests.length
  await app.close()
  await clock.advance(600)
  expect(issuer.requests).toHaveLength(asked)
})

it.each(['a resource server', 'a resource server with an option', 'a verifier'])(
  'leaves %s of yours open',
  async (of) => {
    const { issuer, trust } = await scene()
    const server = createResourceServer(trust)
    const verifier = createVerifier(trust)
    let closed = 0
    const close = async (): Promise<void> => void (closed += 1)
    const options =
      of === 'a verifier'
        ? { verifier: { ...verifier, close } }
        : { ...server, close, ...(of === 'a resource server with an option' && { refusals: 'forward' as const }) }
    const app = fastify()
    await app.register(tokenward, options)
    app.get('/', async () => 'in')

    expect((await app.inject({ url: '/', ...authorization(await issuer.mint()) })).statusCode).toBe(200)
    await app.close()
    expect(closed).toBe(0)
    await server.close()
    await verifier.close()
  },
)
