// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 hears of their rejections
import { allOf, anyOf, claim, granted, refuse, scopes } from '@tokenward/core'
import type { AccessToken, Policy } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import type { RequestHandler } from 'express'
import express from 'express'
import { z } from 'zod'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'
const done: RequestHandler = (_req, res) => {
  res.json({ done: true })
}

export interface Order {
  readonly owner: Pick<AccessToken, 'issuer' | 'subject'>
}

/** Routes behind policies. */
export function policed(findOrder: (id: string) => Promise<Order | undefined>) {
  const api = tokenward({ issuer, audience })
  const app = express()
  app.use(api.authenticate)
  const [listOrders, createOrder] = [done, done]

  // #region scopes
  app.get('/orders', api.authorize(scopes('orders:read')), listOrders)
  app.post('/orders', api.authorize(scopes('orders:read', 'orders:write')), createOrder)
  // #endregion

  // #region owned
  app.get('/orders/:id', api.authorize(scopes('orders:read')), async (req, res) => {
    const { issuer: by, subject } = api.accessToken(req)
    const order = await findOrder(req.params.id)
    if (order?.owner.issuer === by && order.owner.subject === subject) res.json(order)
    else res.sendStatus(404)
  })
  // #endregion
  return app
}

export const onClaims = [
  // #region claim
  claim('department', 'sales'), // equal
  claim('roles', 'auditor'), // an array that contains it
  claim('level', (level) => typeof level === 'number' && level >= 3), // anything else
  // #endregion
]

// #region combine
const mayRefund = allOf(scopes('refunds:write'), anyOf(claim('roles', 'support'), claim('roles', 'admin')))
// #endregion

// #region own
const freshToken: Policy = ({ issuedAt = 0 }, nowSeconds) =>
  nowSeconds - issuedAt < 300 ? granted : refuse('the token is older than five minutes')
// #endregion

export { freshToken, mayRefund }

/** A route that uses typed claims. */
export function typed() {
  const app = express()
  // #region typed
  const claims = z.looseObject({
    tenant: z.string(),
    roles: z.array(z.string()).default([]),
  })
  const api = tokenward({ issuer, audience, claims })

  const admins: Policy<z.infer<typeof claims>> = ({ claims: { roles } }) =>
    roles.includes('admin') ? granted : refuse('the caller is no admin')

  app.get('/report', api.authenticate, api.authorize(admins), (req, res) => {
    const { tenant } = api.accessToken(req).claims // a string, since the schema said so
    res.json({ tenant })
  })
  // #endregion
  return app
}
