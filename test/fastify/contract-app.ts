import type { ContractApp, ContractParts, Transport } from '@tokenward/testing/contract'
import type { FastifyInstance } from 'fastify'

import cors from '@fastify/cors'
import { authorize, tokenward } from '@tokenward/fastify'
import { contractApi, serve } from '@tokenward/testing/contract'
import Fastify from 'fastify'

/** The API of the contract on Fastify. */
export function contractApp(transport: Transport = {}) {
  return async ({ servers, policies }: ContractParts): Promise<ContractApp> => {
    const guard = { onRequest: authorize(policies.orders) }
    const orders = (path: string) => async (context: FastifyInstance) => {
      await context.register(tokenward, servers.orders)
      context.all(path, guard, pass)
    }
    const app = Fastify()
    app.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume().once('end', () => done(null))
    })
    await app.register(async (context) => {
      await context.register(tokenward, servers.orders)
      context.all(contractApi.orders, guard, pass)
      context.all(contractApi.brokenPolicy, { config: { tokenward: { policy: policies.broken } } }, pass)
      context.all(contractApi.unauthenticated, { ...guard, config: { tokenward: { public: true } } }, pass)
    })
    await app.register(orders('/orders'), { prefix: '/mounted' })
    await app.register(async (context) => {
      await context.register(cors, { origin: contractApi.origin, exposedHeaders: ['WWW-Authenticate'] })
      await context.register(orders(contractApi.cors))
    })
    await app.register(async (context) => {
      await context.register(tokenward, servers.twoChallenges)
      context.all(contractApi.twoChallenges, guard, pass)
    })
    await app.register(async (outer) => {
      await outer.register(tokenward, servers.outer)
      await outer.register(async (inner) => {
        await inner.register(tokenward, servers.inner)
        inner.all(contractApi.nested, { config: { tokenward: { policy: policies.orders } } }, pass)
      })
    })
    await app.register(async (context) => {
      await context.register(tokenward, servers.anonymous)
      context.all(contractApi.anonymous, async (request) => ({ subject: request.auth?.subject ?? null }))
    })
    await app.ready()
    const served = await serve(app.routing, transport)
    return {
      ...served,
      close: async () => {
        await served.close()
        await app.close()
      },
    }
  }
}

async function pass(): Promise<unknown> {
  return JSON.parse(contractApi.passed)
}
