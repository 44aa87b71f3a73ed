import { isRefusalError, scopes } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import cors from '@fastify/cors'
import Fastify from 'fastify'

const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }
const { issuer, audience } = options

export async function routes() {
  const app = Fastify()
  await app.register(tokenward, options)
  // #region config
  app.get('/health', { config: { tokenward: { public: true } } }, async () => ({ ok: true }))

  app.delete('/orders/:id', { config: { tokenward: { policy: scopes('orders:write') } } }, async (request) => ({
    deletedBy: accessToken(request).subject,
  }))
  // #endregion
  // #region hooks
  app.post('/orders', { preHandler: [authorize(scopes('orders:write'))] }, async () => ({ ordered: true }))

  await app.register(async (admin) => {
    admin.addHook('onRequest', authorize(scopes('admin'))) // for every route in here
    admin.get('/admin/orders', async () => [])
  })
  // #endregion
  return app
}

export async function contexts() {
  const app = Fastify()
  // #region contexts
  app.get('/health', async () => ({ ok: true })) // outside

  await app.register(
    async (api) => {
      await api.register(tokenward, { issuer, audience })
      api.get('/orders', async (request) => ({ orderedBy: accessToken(request).subject }))
    },
    { prefix: '/api' },
  )

  await app.register(
    async (partners) => {
      await partners.register(tokenward, { issuer: 'https://partners.example.com', audience })
      partners.get('/orders', async (request) => ({ orderedBy: accessToken(request).subject }))
    },
    { prefix: '/partners' },
  )
  // #endregion
  return app
}

export async function notFound() {
  const app = Fastify()
  await app.register(
    async (api) => {
      await api.register(tokenward, options)
      // #region not-found
      api.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'not_found' }))
      // #endregion
    },
    { prefix: '/api' },
  )
  return app
}

export async function anonymous() {
  const app = Fastify()
  // #region anonymous
  await app.register(tokenward, { issuer, audience, anonymous: 'pass' })

  app.get('/catalog', async (request) => ({ pricesFor: request.auth?.subject ?? 'everybody' }))
  // #endregion
  return app
}

export async function forward() {
  const app = Fastify()
  // #region forward
  await app.register(tokenward, { issuer, audience, refusals: 'forward' })

  app.setErrorHandler((error, _request, reply) => {
    if (!isRefusalError(error)) return reply.send(error)
    const { status, headers, body } = error
    for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    const title = body?.error_description ?? 'No access token'
    return reply.code(status).type('application/problem+json').send(JSON.stringify({ status, title }))
  })
  // #endregion
  app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async () => [])
  return app
}

export async function crossOrigin() {
  const app = Fastify()
  // #region cors
  await app.register(cors, {
    origin: 'https://app.example.com',
    allowedHeaders: ['Authorization', 'Content-Type'],
    exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
  })
  await app.register(tokenward, { issuer, audience })
  // #endregion
  app.get('/orders', async () => [])
  return app
}
