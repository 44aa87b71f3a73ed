import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const core = join(import.meta.dirname, '..', 'node_modules', '@tokenward', 'core', 'dist')

/** What an API imports to verify tokens: `specifiers` for the time, `code` for the size of the bundle. */
export function startupEntries() {
  const needed = joseOfCore()
  return [
    {
      name: 'jose-subpaths',
      title: 'the subpaths of jose that core imports',
      specifiers: needed,
      code: needed.map((specifier, at) => `export * as part${at} from '${specifier}'`).join('\n'),
    },
    ours('@tokenward/core', 'createVerifier'),
    ours('@tokenward/express', 'tokenward'),
    ours('@tokenward/fastify', 'tokenward'),
    peer('jose', 'createRemoteJWKSet, jwtVerify'),
    peer('fast-jwt', 'createVerifier'),
    peer('jsonwebtoken', 'verify'),
    peer('aws-jwt-verify', 'JwtVerifier'),
    peer('express-oauth2-jwt-bearer', 'auth'),
    peer('oauth4webapi', 'validateJwtAccessToken'),
    peer('@okta/jwt-verifier', 'default'),
    peer('hono/jwt', 'verifyWithJwks'),
    peer('@fastify/jwt', 'default'),
    {
      name: 'express-jwt',
      title: 'express-jwt, jwks-rsa',
      specifiers: ['express-jwt', 'jwks-rsa'],
      code: `export { expressjwt } from 'express-jwt'\nexport { expressJwtSecret } from 'jwks-rsa'`,
    },
  ]
}

const peer = (specifier, names) => ({
  name: specifier,
  title: specifier,
  specifiers: [specifier],
  code: `export { ${names} } from '${specifier}'`,
})

const ours = (specifier, names) => ({ ...peer(specifier, names), isOurs: true })

/** As they stand in what is published. */
function joseOfCore() {
  const built = readFileSync(join(core, 'index.js'), 'utf8')
  const shared = [...built.matchAll(/from "\.\/(shared-[^"]+)"/gu)].map(([, file]) =>
    readFileSync(join(core, file), 'utf8'),
  )
  const found = [built, ...shared].flatMap((text) => [...text.matchAll(/(?:from |import\()"(jose(?:\/[^"]+)?)"/gu)])
  return [...new Set(found.map(([, specifier]) => specifier))]
}
