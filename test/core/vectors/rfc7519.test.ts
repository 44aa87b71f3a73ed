import { describe, expect, test } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7519 from '../../fixtures/vectors/rfc7519.ts'
import { verifies } from '../../requirements/verifies.ts'
import { compactJws, signer } from './sign.ts'
import { goodClaims, NOW_SECONDS, outcome, publicHalf, verifierTrusting } from './trust.ts'

const { rs256 } = rfc7515
const rsaKey = publicHalf(rs256.privateKey)
const signRs256 = signer('RS256', rs256.privateKey)

describe('published JWTs', () => {
  const inTime = verifierTrusting([rsaKey], { nowSeconds: rfc7519.hs256Jwt.expiresAt - 1 })

  test('3.1, 6.1: the algorithms that RFC 7519 section 8 demands are deliberately absent', async () => {
    expect(await outcome(inTime, rfc7519.hs256Jwt.compact)).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(inTime, rfc7519.unsecuredJwt.compact)).toBe('ISSUER_UNTRUSTED')
    for (const { compact } of [rfc7519.hs256Jwt, rfc7519.unsecuredJwt]) {
      const [header = '', , signature = ''] = compact.split('.')
      const fromOurIssuer = Buffer.from(JSON.stringify(goodClaims())).toString('base64url')
      expect(await outcome(verifierTrusting([rsaKey]), `${header}.${fromOurIssuer}.${signature}`)).toBe(
        'ALGORITHM_REJECTED',
      )
    }
  })

  verifies('RFC7516-9-a')('A.1, A.2: an encrypted JWT is refused, the one around a signed JWT too', async () => {
    expect(await outcome(inTime, rfc7519.encryptedJwt.compact)).toBe('TOKEN_MALFORMED')
    expect(await outcome(inTime, rfc7519.nestedJwt.compact)).toBe('TOKEN_MALFORMED')
  })
})

describe('twins that a trusted key signed', () => {
  const trusting = verifierTrusting([rsaKey])

  verifies('RFC7516-9-a')('A.1: three segments whose header says "enc" are refused', async () => {
    const header = { alg: 'RS256', typ: 'at+jwt' }
    expect(await outcome(trusting, compactJws(header, goodClaims(), signRs256))).toBe('accepted')
    expect(await outcome(trusting, compactJws({ ...header, enc: 'A128CBC-HS256' }, goodClaims(), signRs256))).toBe(
      'TOKEN_MALFORMED',
    )
  })

  verifies('RFC7519-4.1.4-a', 'RFC6750-3.1-d')(
    '3.1: the expiry is the first second that is too late, tolerance aside',
    async () => {
      const { expiresAt } = rfc7519.hs256Jwt
      const claims = goodClaims({ iat: expiresAt - 60, exp: expiresAt })
      const token = compactJws({ alg: 'RS256', typ: 'at+jwt' }, claims, signRs256)
      const defaultTolerance = 30
      const at = (nowSeconds: number): Promise<string> => outcome(verifierTrusting([rsaKey], { nowSeconds }), token)
      expect(await at(expiresAt + defaultTolerance - 1)).toBe('accepted')
      expect(await at(expiresAt + defaultTolerance)).toBe('TOKEN_EXPIRED')
      expect(await at(NOW_SECONDS)).toBe('TOKEN_EXPIRED')
    },
  )

  verifies('RFC7519-4-b')('3.1: a claim that nobody knows is ignored', async () => {
    const claims = goodClaims({ 'http://example.com/is_root': true })
    expect(await outcome(trusting, compactJws({ alg: 'RS256', typ: 'at+jwt' }, claims, signRs256))).toBe('accepted')
  })
})
