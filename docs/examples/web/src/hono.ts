// #region middleware
import { createRequestGate, createResourceServer, fromRequest, logRefusals, scopes, toResponse } from '@tokenward/core'
import type { Policy } from '@tokenward/core'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'

const gate = createRequestGate(
  createResourceServer({
    issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
    audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
    onEvent: logRefusals(console),
  }),
)

const authenticate = createMiddleware(async (c, next) => {
  const decision = await gate.authenticate(c, fromRequest(c.req.raw))
  return decision.granted ? next() : toResponse(decision)
})

const authorize = (policy: Policy) =>
  createMiddleware(async (c, next) => {
    const decision = gate.authorize(c, policy)
    return decision.granted ? next() : toResponse(decision)
  })
// #endregion

// #region routes
const app = new Hono()

app.get('/health', (c) => c.json({ ok: true })) // registered before: needs no token
app.use(authenticate)

app.get('/orders', authorize(scopes('orders:read')), (c) => {
  return c.json({ orderedBy: gate.accessToken(c).subject })
})

export default app
// #endregion
