// #region app
import { scopes } from '@tokenward/core'
import type { System } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import Fastify from 'fastify'

export async function createApp(system: Partial<System> = {}) {
  const app = Fastify()
  await app.register(tokenward, {
    issuer: 'https://login.example.com',
    audience: 'https://orders.example.com',
    system,
  })
  app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async (request) => ({
    orderedBy: accessToken(request).subject,
  }))
  return app
}
// #endregion

// #region inject
import { testIssuer } from '@tokenward/testing'

const issuer = await testIssuer({ issuer: 'https://login.example.com' })
const app = await createApp({ fetch: issuer.fetch })

async function statusFor(claims: object) {
  const token = await issuer.mint({ aud: 'https://orders.example.com', scope: 'orders:read', ...claims })
  const { statusCode } = await app.inject({ url: '/orders', headers: { authorization: `Bearer ${token}` } })
  return statusCode
}

const good = await statusFor({}) // 200
const expired = await statusFor({ exp: 1 }) // 401
const withoutScope = await statusFor({ scope: 'profile' }) // 403
// #endregion

export const statuses = [good, expired, withoutScope]
