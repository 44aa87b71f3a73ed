import { load } from '../load.js'

export const awsJwtVerify = {
  name: 'aws-jwt-verify',
  title: 'aws-jwt-verify',
  package: 'aws-jwt-verify',
  algorithms: ['RS256', 'ES256', 'Ed25519'],
  open: async ({ issuer, audience, jwks, jwksUrl }) => {
    const { JwtVerifier } = await load('aws-jwt-verify')
    const verifier = JwtVerifier.create({ issuer, audience, jwksUri: jwksUrl })
    verifier.cacheJwks(jwks)
    return { verify: (token) => verifier.verify(token) }
  },
}
