// #region by-hand
import { fromEvent, toResult } from '@tokenward/aws-lambda'
import { createResourceServer, scopes } from '@tokenward/core'
import type { ALBEvent } from 'aws-lambda'

const server = createResourceServer({
  issuer: 'https://login.example.com',
  audience: 'https://orders.example.com',
})

export const handler = async (event: ALBEvent) => {
  if (event.path === '/health') return { statusCode: 200, body: 'ok' }

  const authenticated = await server.authenticate(fromEvent(event))
  if (!authenticated.granted) return toResult(event, authenticated)

  const authorized = server.authorize(authenticated.token, scopes('orders:read'))
  if (!authorized.granted) return toResult(event, authorized)

  return { statusCode: 200, body: JSON.stringify({ orderedBy: authorized.token.subject }) }
}
// #endregion
