import { jwtIssuer, logRefusals, scopes } from '@tokenward/core'
import type { System } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import type { Tokenward } from '@tokenward/express'
import express from 'express'
import type { Express } from 'express'

export interface OrdersApiOptions {
  readonly issuer: string
  readonly audience: string
  /** For tests: the clock and the network. */
  readonly system?: Partial<System>
}

/** The protected API, and what protects it. */
export function createOrdersApi({ issuer, audience, system = {} }: OrdersApiOptions): {
  readonly app: Express
  readonly api: Tokenward
} {
  const api = tokenward({
    issuer: jwtIssuer({ issuer, allowLoopbackHttp: true }), // so that an issuer on this machine will do
    audience,
    onEvent: logRefusals(console),
    system,
  })
  const { verifier } = api.resourceServer

  const app = express()

  // #region readiness
  app.get('/ready', (_req, res) => {
    const ready = verifier.status().issuers.every(({ state }) => state !== 'keyless')
    res.sendStatus(ready ? 200 : 503)
  })

  app.use(api.authenticate) // what is registered before this line needs no token
  // #endregion

  app.get('/orders', api.authorize(scopes('orders:read')), (req, res) => {
    res.json({ orderedBy: api.accessToken(req).subject })
  })

  return { app, api }
}
