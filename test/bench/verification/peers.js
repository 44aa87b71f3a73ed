import { awsJwtVerify } from './aws-jwt-verify.js'
import { expressOauth2JwtBearer } from './express-oauth2-jwt-bearer.js'
import { fastJwt, fastJwtCache } from './fast-jwt.js'
import { hono, honoJwks } from './hono.js'
import { joseKey, joseLocal, joseRemote } from './jose.js'
import { jsonwebtoken } from './jsonwebtoken.js'
import { oauth4webapi } from './oauth4webapi.js'
import { okta } from './okta.js'
import { raw, rawPool } from './raw.js'
import { baseline, tokenward, tokenwardUncached } from './tokenward.js'

/**
 * Who is measured. `open(issuer)` makes a verifier as its documentation says, that checks issuer, audience, algorithm and
 * expiry, and has its keys; `verify` throws or rejects for a bad token. `prepare` makes what `verify` takes of a token
 * where that is no string, and is not measured. `remembers`: it keeps verified tokens. `isExtra`: only if asked for.
 */
export const PEERS = [
  raw,
  rawPool,
  tokenward,
  tokenwardUncached,
  baseline,
  joseKey,
  joseLocal,
  joseRemote,
  fastJwt,
  fastJwtCache,
  jsonwebtoken,
  awsJwtVerify,
  expressOauth2JwtBearer,
  oauth4webapi,
  okta,
  hono,
  honoJwks,
]
