import { load } from '../load.js'

export const oauth4webapi = {
  name: 'oauth4webapi',
  title: 'oauth4webapi',
  package: 'oauth4webapi',
  open: async ({ issuer, audience, alg, fetch }) => {
    const { customFetch, validateJwtAccessToken } = await load('oauth4webapi')
    const server = { issuer, jwks_uri: `${issuer}/jwks` }
    const options = { signingAlgorithms: [alg], [customFetch]: fetch }
    return {
      prepare: (token) =>
        new Request('https://orders.example.com/orders', { headers: { authorization: `Bearer ${token}` } }),
      verify: (request) => validateJwtAccessToken(server, request, audience, options),
    }
  },
}
