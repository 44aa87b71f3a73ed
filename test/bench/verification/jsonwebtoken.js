import { load } from '../load.js'

export const jsonwebtoken = {
  name: 'jsonwebtoken',
  title: 'jsonwebtoken',
  package: 'jsonwebtoken',
  algorithms: ['RS256', 'PS256', 'ES256'],
  isSync: true,
  open: async ({ issuer, audience, alg, publicKey }) => {
    const { default: jwt } = await load('jsonwebtoken')
    const checks = { issuer, audience, algorithms: [alg] }
    return { verify: (token) => jwt.verify(token, publicKey, checks) }
  },
}
