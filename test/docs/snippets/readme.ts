// #region route
import { logRefusals, scopes } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import express from 'express'

const api = tokenward({
  issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
  audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
  onEvent: logRefusals(console),
})

const app = express()
app.use(api.authenticate)

app.get('/orders', api.authorize(scopes('orders:read')), (req, res) => {
  res.json({ orderedBy: api.accessToken(req).subject })
})
// #endregion

export const listen = () =>
  // #region listen
  app.listen(3000)
// #endregion

export { api, app }
