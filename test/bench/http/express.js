import { once } from 'node:events'
import { load } from '../load.js'
import { bearerToken } from './bearer.js'
import { BY_HAND } from './verifiers.js'

const { default: express } = await load('express')

/** Every variant is the same API; `protection` gives the middleware in front of its only route. */
export const EXPRESS = [
  variant('none', 'unprotected', () => []),
  variant('tokenward', '@tokenward/express', async ({ issuer, audience, fetch }) => {
    const { tokenward } = await load('@tokenward/express')
    return [tokenward({ issuer, audience, system: { fetch } }).authenticate]
  }),
  variant('express-oauth2-jwt-bearer', 'express-oauth2-jwt-bearer', async ({ issuer, audience, alg, jwksUrl }) => {
    const { auth } = await load('express-oauth2-jwt-bearer')
    return [auth({ issuer, audience, jwksUri: jwksUrl, tokenSigningAlg: alg })]
  }),
  variant('express-jwt', 'express-jwt with jwks-rsa', async ({ issuer, audience, alg, jwksUrl }) => {
    const [{ expressjwt }, { default: jwksRsa }] = await Promise.all([load('express-jwt'), load('jwks-rsa')])
    const secret = jwksRsa.expressJwtSecret({ jwksUri: jwksUrl, cache: true, rateLimit: true })
    return [expressjwt({ secret, issuer, audience, algorithms: [alg] })]
  }),
  ...BY_HAND.map(({ name, title, open }) =>
    variant(name, title, async (issuer) => [byHand((await open(issuer)).verify)]),
  ),
]

const byHand = (verify) => async (request, response, next) => {
  try {
    request.auth = await verify(bearerToken(request.headers.authorization))
  } catch {
    response.set('WWW-Authenticate', 'Bearer').status(401).end()
    return
  }
  next()
}

function variant(name, title, protection) {
  return {
    name,
    title,
    listen: async (issuer) => {
      const app = express()
      app.get('/orders', ...(await protection(issuer)), (request, response) => {
        response.json({ orders: [] })
      })
      app.use((error, request, response, _next) => {
        response.status(error.status ?? 500).end()
      })
      const server = app.listen(0, '127.0.0.1')
      server.keepAliveTimeout = 0 // an idle connection waits for its next round
      await once(server, 'listening')
      return server.address().port
    },
  }
}
