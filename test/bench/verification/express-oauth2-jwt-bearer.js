import { load } from '../load.js'

/** Its verifier is only in its middleware, so that gets a request with what it reads of one, and no application around. */
export const expressOauth2JwtBearer = {
  name: 'express-oauth2-jwt-bearer',
  title: 'express-oauth2-jwt-bearer',
  package: 'express-oauth2-jwt-bearer',
  open: async ({ issuer, audience, alg, jwksUrl }) => {
    const { auth } = await load('express-oauth2-jwt-bearer')
    const middleware = auth({ issuer, audience, jwksUri: jwksUrl, tokenSigningAlg: alg })
    return {
      prepare: requestWith,
      verify: (request) =>
        new Promise((resolve, reject) => {
          middleware(request, {}, (error) => (error === undefined ? resolve() : reject(error)))
        }),
    }
  },
}

function requestWith(token) {
  const headers = { host: 'orders.example.com', authorization: `Bearer ${token}` }
  return {
    method: 'GET',
    protocol: 'https',
    url: '/orders',
    originalUrl: '/orders',
    headers,
    query: {},
    body: undefined,
    get: (name) => headers[name.toLowerCase()],
    is: () => false,
  }
}
