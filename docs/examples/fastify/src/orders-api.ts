import { createResourceServer, jwtIssuer, logRefusals, scopes } from '@tokenward/core'
import type { System } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'

export interface OrdersApiOptions {
  readonly issuer: string
  readonly audience: string
  /** For tests: the clock and the network. */
  readonly system?: Partial<System>
}

/** The protected API. */
export async function createOrdersApi({ issuer, audience, system = {} }: OrdersApiOptions): Promise<FastifyInstance> {
  const resourceServer = createResourceServer({
    issuer: jwtIssuer({ issuer, allowLoopbackHttp: true }), // so that an issuer on this machine will do
    audience,
    onEvent: logRefusals(console),
    system,
  })
  const { verifier } = resourceServer

  const app = Fastify()

  // #region resource-server
  await app.register(tokenward, resourceServer)
  app.addHook('onClose', () => resourceServer.close()) // what you made is yours to close
  // #endregion

  // #region readiness
  app.addHook('onListen', () => {
    verifier.warmUp().catch(() => {}) // the log says why, and the next attempts start by themselves
  })

  app.get('/ready', { config: { tokenward: { public: true } } }, async (_request, reply) => {
    const ready = verifier.status().issuers.every(({ state }) => state !== 'keyless')
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  // #endregion

  app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async (request) => ({
    orderedBy: accessToken(request).subject,
  }))

  return app
}
