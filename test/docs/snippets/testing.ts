// #region app
import { scopes } from '@tokenward/core'
import type { System } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import express from 'express'

export function createApp(system: Partial<System> = {}) {
  const api = tokenward({ issuer: 'https://login.example.com', audience: 'https://orders.example.com', system })
  const app = express()
  app.use(api.authenticate)
  app.get('/orders', api.authorize(scopes('orders:read')), (req, res) => {
    res.json({ orderedBy: api.accessToken(req).subject })
  })
  return app
}
// #endregion

// #region import
import { testIssuer } from '@tokenward/testing'
// #endregion

// #region mint
const issuer = await testIssuer({ issuer: 'https://login.example.com' })
const app = createApp({ fetch: issuer.fetch })
const audience = 'https://orders.example.com'

const good = await issuer.mint({ aud: audience, scope: 'orders:read' })
const expired = await issuer.mint({ aud: audience, exp: 1 })
const forAnotherApi = await issuer.mint({ aud: 'https://billing.example.com' })
const withoutSubject = await issuer.mint({ aud: audience }, { omit: ['sub'] })
const idToken = await issuer.idToken({ aud: audience })
// #endregion

export const tokens = { good, expired, forAnotherApi, withoutSubject, idToken }
export { app }
