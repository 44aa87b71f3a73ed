import {
  clientSecretBasic,
  introspectedIssuer,
  jwtIssuer,
  logRefusals,
  mutualTls,
  privateKeyJwt,
  scopes,
} from '@tokenward/core'
import type { SharedCache } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import express from 'express'
import type { CryptoKey } from 'jose'

const audience = 'https://orders.example.com'

export function setUp(clientSecret: string) {
  // #region set-up
  const api = tokenward({
    issuer: introspectedIssuer({
      issuer: 'https://login.example.com',
      clientAuthentication: clientSecretBasic('orders-api', clientSecret),
    }),
    audience: 'https://orders.example.com',
    onEvent: logRefusals(console),
  })
  // #endregion
  // #region fresh
  const app = express()
  app.use(api.authenticate)

  app.get('/orders', api.authorize(scopes('orders:read')), (req, res) => {
    res.json({ orderedBy: api.accessToken(req).subject })
  })

  app.post('/refunds', api.authorize(scopes('refunds:write'), { fresh: true }), (_req, res) => {
    res.sendStatus(201)
  })
  // #endregion
  return app
}

export function both(clientSecret: string) {
  const issuer = 'https://login.example.com'
  const clientAuthentication = clientSecretBasic('orders-api', clientSecret)
  // #region both
  const api = tokenward({
    issuer: [jwtIssuer({ issuer }), introspectedIssuer({ issuer, clientAuthentication })],
    audience,
  })
  // #endregion
  return api
}

export function signedAndAsked(clientSecret: string) {
  const issuer = 'https://login.example.com'
  const clientAuthentication = clientSecretBasic('orders-api', clientSecret)
  // #region signed-and-asked
  const api = tokenward({
    issuer: jwtIssuer({ issuer, introspection: introspectedIssuer({ issuer, clientAuthentication }) }),
    audience,
  })
  // #endregion
  return api
}

export function otherMethods(
  key: CryptoKey,
  fetchWithCertificate: (url: string, init: RequestInit) => Promise<Response>,
) {
  // #region other-methods
  const signing = privateKeyJwt('orders-api', key, { kid: 'key-1' })
  const presenting = mutualTls('orders-api', fetchWithCertificate)
  // #endregion
  return [signing, presenting]
}

export function demanding(clientSecret: string) {
  const issuer = 'https://login.example.com'
  const clientAuthentication = clientSecretBasic('orders-api', clientSecret)
  // #region requires
  const asked = introspectedIssuer({ issuer, clientAuthentication, requires: ['token_type'] })
  // #endregion
  return tokenward({ issuer: asked, audience })
}

export function trusting(clientSecret: string) {
  const issuer = 'https://login.example.com'
  const clientAuthentication = clientSecretBasic('orders-api', clientSecret)
  // #region audience-from
  const asked = introspectedIssuer({
    issuer,
    clientAuthentication,
    audienceFrom: 'server',
    requires: ['token_type'],
  })
  // #endregion
  return tokenward({ issuer: asked, audience })
}

export function toldApart(clientSecret: string, partnerSecret: string) {
  // #region prefixes
  const api = tokenward({
    issuer: [
      introspectedIssuer({
        issuer: 'https://login.example.com',
        clientAuthentication: clientSecretBasic('orders-api', clientSecret),
        accepts: (token) => !token.startsWith('partner_'),
      }),
      introspectedIssuer({
        issuer: 'https://partners.example.net',
        clientAuthentication: clientSecretBasic('orders', partnerSecret),
        tokenPrefix: 'partner_',
      }),
    ],
    audience: 'https://orders.example.com',
  })
  // #endregion
  return api
}

export function signed(clientSecret: string) {
  const issuer = 'https://login.example.com'
  const clientAuthentication = clientSecretBasic('orders-api', clientSecret)
  // #region signed-answers
  const asked = introspectedIssuer({ issuer, clientAuthentication, signedAnswers: { algorithms: ['ES256'] } })
  // #endregion
  return tokenward({ issuer: asked, audience })
}

export function remembering(clientSecret: string, shared: SharedCache) {
  const issuer = 'https://login.example.com'
  const clientAuthentication = clientSecretBasic('orders-api', clientSecret)
  // #region cache
  const asked = introspectedIssuer({
    issuer,
    clientAuthentication,
    cache: { maxAgeSeconds: 15, shared },
  })
  // #endregion
  return tokenward({ issuer: asked, audience })
}
