import { clientSecretBasic, introspectedIssuer, jwtIssuer, scopes } from '@tokenward/core'
import type { EventListener, Issuer, System } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import express from 'express'
import type { Express } from 'express'

/** Access tokens for this API carry it in `aud`. Clients name it when they ask for a token (RFC 8707). */
export const audience = 'https://orders.example'

/** How the API authenticates where it asks about opaque tokens. */
export interface ApiClient {
  readonly id: string
  readonly secret: string
}

export interface OrdersApi {
  readonly app: Express
  readonly close: () => Promise<void>
}

/** Trusts the signed tokens of this authorization server. */
export function signedTokensOf(issuer: string): Issuer {
  return jwtIssuer({ issuer, allowLoopbackHttp: true }) // plain http only ever on the loopback interface
}

/** Asks this authorization server about its opaque tokens. */
export function opaqueTokensOf(issuer: string, { id, secret }: ApiClient): Issuer {
  return introspectedIssuer({
    issuer,
    clientAuthentication: clientSecretBasic(id, secret),
    allowLoopbackHttp: true,
  })
}

/**
 * The protected API. A name stands for the signed tokens of that issuer. `system` is here so that the demo can show what
 * happens later.
 */
export function createOrdersApi(
  issuer: string | readonly Issuer[],
  onEvent: EventListener,
  system: Partial<System> = {},
): OrdersApi {
  const orders = [{ id: 1, item: 'tea' }]

  const api = tokenward({
    issuer: typeof issuer === 'string' ? signedTokensOf(issuer) : issuer,
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

  // whoever orders is asked about again, whatever is remembered of the token
  app.post('/orders', api.authorize(scopes('orders:write'), { fresh: true }), (req, res) => {
    res.status(201).json({ orderedBy: api.accessToken(req).subject })
  })

  return { app, close: api.close }
}
