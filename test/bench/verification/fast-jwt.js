import { load } from '../load.js'

const peer = (name, title, options) => ({
  name,
  title,
  package: 'fast-jwt',
  isSync: true,
  remembers: 'cache' in options,
  open: async ({ issuer, audience, alg, pem }) => {
    const { createVerifier } = await load('fast-jwt')
    const verify = createVerifier({
      key: pem,
      algorithms: [alg],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['iss', 'aud', 'exp'],
      ...options,
    })
    return { verify }
  },
})

export const fastJwt = peer('fast-jwt', 'fast-jwt', {})

/** More entries than there are tokens, so that none is forgotten. */
export const fastJwtCache = peer('fast-jwt-cache', 'fast-jwt, cache', { cache: 10_000 })
