import { load } from '../load.js'

export const okta = {
  name: 'okta',
  title: '@okta/jwt-verifier',
  package: '@okta/jwt-verifier',
  algorithms: ['RS256'],
  open: async ({ issuer, audience, jwksUrl }) => {
    const { default: OktaJwtVerifier } = await load('@okta/jwt-verifier')
    const verifier = new OktaJwtVerifier({ issuer, jwksUri: jwksUrl })
    return { verify: (token) => verifier.verifyAccessToken(token, audience) }
  },
}
