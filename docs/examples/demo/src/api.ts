import { jwtIssuer, scopes } from '@tokenward/core'
import type { EventListener, System } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import express from 'express'
import type { Express } from 'express'

/** Access tokens for this API carry it in `aud`. Clients name it when they ask for a token (RFC 8707). */
export const audience = 'https://orders.example'

export interface OrdersApi {
  readonly app: Express
  readonly close: () => Promise<void>
}

/** The protected API. `system` is here so that the demo can show what happens an hour from now. */
export function createOrdersApi(issuer: string, onEvent: EventListener, system: Partial<System> = {}): OrdersApi {
  const orders = [{ id: 1, item: 'tea' }]

  const api = tokenward({
    issuer: jwtIssuer({ issuer, allowLoopbackHttp: true }), // plain http only ever on the loopback interface
    audience,
    realm: 'orders',
    onEvent,
    system,
  })

  const app = express()
  app.use(api.authenticate)

  app.get('/whoami', (req, res) => {
    const { subject, clientId } = api.accessToken(req)
    res.json({ subject, clientId })
  })

  app.get('/orders', api.authorize(scopes('orders:read')), (_req, res) => {
    res.json(orders)
  })

  app.post('/orders', api.authorize(scopes('orders:write')), (req, res) => {
    res.status(201).json({ orderedBy: api.accessToken(req).subject })
  })

  return { app, close: api.close }
}
