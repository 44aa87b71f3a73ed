import { describe, expect, test } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import { claims } from '../../fixtures/vectors/rfc8705.ts'
import { verifies } from '../../requirements/verifies.ts'
import { compactJws, signer } from './sign.ts'
import { AUDIENCE, outcome, publicHalf, verifierTrusting } from './trust.ts'

const { privateKey } = rfc7515.rs256
const trusting = verifierTrusting([publicHalf(privateKey)], { issuer: claims.iss, nowSeconds: claims.nbf })
const required = { aud: AUDIENCE, client_id: 'client-1', iat: claims.nbf, jti: 'token-1' }
const signed = (payload: Readonly<Record<string, unknown>>): string =>
  compactJws({ alg: 'RS256', typ: 'at+jwt' }, payload, signer('RS256', privateKey))

describe('3.1, Figure 2', () => {
  verifies('RFC8705-3-c')('a token bound to a certificate is never taken for a bearer token', async () => {
    const { cnf, ...unbound } = claims
    expect(await outcome(trusting, signed({ ...unbound, ...required }))).toBe('accepted')
    expect(await outcome(trusting, signed({ ...unbound, ...required, cnf }))).toBe('CONFIRMATION_UNSUPPORTED')
  })

  test('the published claims alone lack what an access token needs', async () => {
    expect(await outcome(trusting, signed(claims))).toBe('CLAIM_MISSING')
  })
})
