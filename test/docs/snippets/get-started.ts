import { tokenward } from '@tokenward/express'
import express from 'express'

const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }
const { issuer, audience } = options

export function someRoutes() {
  const api = tokenward(options)
  const app = express()
  // #region some-routes
  app.get('/health', (_req, res) => {
    res.json({ ok: true })
  })

  app.use('/orders', api.authenticate)
  app.get('/orders', (req, res) => {
    res.json({ orderedBy: api.accessToken(req).subject })
  })
  // #endregion
  return app
}

export function anonymous() {
  const app = express()
  // #region anonymous
  const api = tokenward({ issuer, audience, anonymous: 'pass' })

  app.get('/catalog', api.authenticate, (req, res) => {
    res.json({ pricesFor: req.auth?.subject ?? 'everybody' })
  })
  // #endregion
  return app
}
