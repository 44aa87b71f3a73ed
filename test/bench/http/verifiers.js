import { awsJwtVerify } from '../verification/aws-jwt-verify.js'
import { fastJwt, fastJwtCache } from '../verification/fast-jwt.js'
import { joseRemote } from '../verification/jose.js'

/** Verifiers that come without middleware, set up as for the verification of single tokens. */
export const BY_HAND = [joseRemote, awsJwtVerify, fastJwt, fastJwtCache].map(({ name, title, open }) => ({
  name,
  title: `${title}, by hand`,
  open,
}))
