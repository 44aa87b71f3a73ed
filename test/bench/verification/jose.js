import { load } from '../load.js'

// Each form is handed the same key in another way; all check the same.
const peer = (name, title, keyOf) => ({
  name,
  title,
  package: 'jose',
  open: async (issuer) => {
    const jose = await load('jose')
    const key = await keyOf(jose, issuer)
    const checks = { issuer: issuer.issuer, audience: issuer.audience, algorithms: [issuer.alg] }
    return { verify: (token) => jose.jwtVerify(token, key, checks) }
  },
})

export const joseKey = peer('jose', 'jose, key', ({ importJWK }, { jwks, alg }) => importJWK(jwks.keys[0], alg))

export const joseLocal = peer('jose-local', 'jose, local key set', ({ createLocalJWKSet }, { jwks }) =>
  createLocalJWKSet(jwks),
)

export const joseRemote = peer('jose-remote', 'jose, remote key set', (jose, { issuer, fetch }) =>
  jose.createRemoteJWKSet(new URL(`${issuer}/jwks`), { [jose.customFetch]: fetch }),
)
