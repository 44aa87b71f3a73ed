import { createVerifier, jwtIssuer, remoteKeys, staticKeys } from '@tokenward/core'
import type { JsonWebKeySet } from '@tokenward/core'

// #region profile
const verifier = createVerifier({
  issuer: jwtIssuer({ issuer: 'https://login.example.com', profile: 'jwt' }),
  audience: 'https://orders.example.com',
})
// #endregion

export { verifier }

export function elsewhere(jwks: JsonWebKeySet) {
  return [
    // #region elsewhere
    jwtIssuer({ issuer: 'https://a.example.com', metadataUrl: 'https://a.example.com/tenant/metadata.json' }),
    jwtIssuer({ issuer: 'https://b.example.com', keys: remoteKeys('https://b.example.com/keys.json') }),
    jwtIssuer({ issuer: 'https://c.example.com', keys: staticKeys(jwks) }),
    // #endregion
  ]
}
