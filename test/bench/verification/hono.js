import { load } from '../load.js'

const checksOf = ({ issuer, audience }) => ({ iss: issuer, aud: audience, typ: 'at+jwt' })

export const hono = {
  name: 'hono',
  title: 'hono, verify',
  package: 'hono',
  open: async (issuer) => {
    const [{ verify }, { importJWK }] = await Promise.all([load('hono/jwt'), load('jose')])
    const key = await importJWK(issuer.jwks.keys[0], issuer.alg)
    const checks = { alg: issuer.alg, ...checksOf(issuer) }
    return { verify: (token) => verify(token, key, checks) }
  },
}

export const honoJwks = {
  name: 'hono-jwks',
  title: 'hono, verifyWithJwks',
  package: 'hono',
  open: async (issuer) => {
    const { verifyWithJwks } = await load('hono/jwt')
    const options = { keys: issuer.jwks.keys, allowedAlgorithms: [issuer.alg], verification: checksOf(issuer) }
    return { verify: (token) => verifyWithJwks(token, options) }
  },
}
