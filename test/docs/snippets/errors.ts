import { isAuthError, isRefusalError, scopes } from '@tokenward/core'
import type { AccessToken, Verifier } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import type { ErrorRequestHandler } from 'express'
import express from 'express'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'
const app = express()

// #region forward
const api = tokenward({ issuer, audience, refusals: 'forward' })
app.use(api.authenticate)
app.get('/orders', api.authorize(scopes('orders:read')), (req, res) => {
  res.json({ orderedBy: api.accessToken(req).subject })
})

const answerProblem: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!isRefusalError(error)) {
    next(error)
    return
  }
  const { status, headers, body } = error
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.status(status).type('application/problem+json')
  res.send(JSON.stringify({ status, title: body?.error_description ?? 'No access token' }))
}
app.use(answerProblem)
// #endregion

export { app }

export async function subjectOf(verifier: Verifier, token: string): Promise<AccessToken | undefined> {
  // #region catch
  try {
    return await verifier.verify(token)
  } catch (error) {
    if (!isAuthError(error)) throw error
    if (error.status === 503) throw error // the token may be good: try again after error.retryAfterSeconds
    return undefined // the token is no good, and error.code says why
  }
  // #endregion
}
