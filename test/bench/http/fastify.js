import { load } from '../load.js'
import { bearerToken } from './bearer.js'
import { BY_HAND } from './verifiers.js'

const { default: fastify } = await load('fastify')

/** Every variant is the same API; `protect` puts the check in front of its only route. */
export const FASTIFY = [
  variant('none', 'unprotected', () => {}),
  variant('tokenward', '@tokenward/fastify', async (app, { issuer, audience, fetch }) => {
    const { tokenward } = await load('@tokenward/fastify')
    await app.register(tokenward, { issuer, audience, system: { fetch } })
  }),
  fastifyJwt('fastify-jwt', '@fastify/jwt', {}),
  fastifyJwt('fastify-jwt-cache', '@fastify/jwt, cache', { cache: 10_000 }),
  variant('fastify-jwt-jwks', 'fastify-jwt-jwks', async (app, { issuer, audience, jwksUrl }) => {
    const { default: plugin } = await load('fastify-jwt-jwks')
    await app.register(plugin, { jwksUrl, issuer, audience })
    app.addHook('onRequest', app.authenticate)
  }),
  ...BY_HAND.map(({ name, title, open }) =>
    variant(name, title, async (app, issuer) => {
      const { verify } = await open(issuer)
      app.addHook('onRequest', byHand(verify))
    }),
  ),
]

function fastifyJwt(name, title, options) {
  return variant(name, title, async (app, { issuer, audience, alg, pem }) => {
    const { default: plugin } = await load('@fastify/jwt')
    const verify = {
      algorithms: [alg],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['iss', 'aud', 'exp'],
      ...options,
    }
    await app.register(plugin, { secret: { public: pem }, verify })
    app.addHook('onRequest', (request) => request.jwtVerify())
  })
}

const byHand = (verify) => async (request, reply) => {
  try {
    request.auth = await verify(bearerToken(request.headers.authorization))
  } catch {
    await reply.code(401).header('www-authenticate', 'Bearer').send()
  }
}

function variant(name, title, protect) {
  return {
    name,
    title,
    listen: async (issuer) => {
      const app = fastify({ keepAliveTimeout: 0 }) // an idle connection waits for its next round
      await protect(app, issuer)
      app.get('/orders', () => ({ orders: [] }))
      await app.listen({ port: 0, host: '127.0.0.1' })
      return app.server.address().port
    },
  }
}
