import { describe, expect } from 'vitest'

import * as rfc7520 from '../../fixtures/vectors/rfc7520.ts'
import { claims, header } from '../../fixtures/vectors/rfc9068.ts'
import { verifies } from '../../requirements/verifies.ts'
import { compactJws, signer } from './sign.ts'
import { outcome, publicHalf, verifierTrusting } from './trust.ts'

// Figure 2 shows a decoded token and no key, so a key of RFC 7520 signs it here under the figure's kid.
const { rsaPrivateKey } = rfc7520
const keys = [publicHalf(rsaPrivateKey, { kid: header.kid })]
const trust = { issuer: claims.iss, audience: claims.aud }
const trusting = verifierTrusting(keys, { ...trust, nowSeconds: claims.iat + 1 })
const signed = (changedHeader: object = {}, changedClaims: object = {}): string =>
  compactJws({ ...header, ...changedHeader }, { ...claims, ...changedClaims }, signer('RS256', rsaPrivateKey))

describe('3, Figure 2', () => {
  verifies('RFC9068-2.1-b', 'RFC9068-4-a')('is accepted while it is valid, as what it says', async () => {
    expect(await trusting.verify(signed())).toMatchObject({
      issuer: 'https://authorization-server.example.com/',
      subject: '5ba552d67',
      clientId: 's6BhdRkqt3',
      audience: ['https://rs.example.com/'],
      scopes: ['openid', 'profile', 'reademail'],
      issuedAt: 1618354090,
      expiresAt: 1639528912,
      id: 'dbe39bf3a3ba4238a513f51d6e1691c4',
      confirmation: undefined,
    })
  })

  verifies('RFC9068-4-a', 'RFC7515-4.1.9-a')('its "at+JWT" is one of several spellings of one media type', async () => {
    for (const typ of ['at+JWT', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+JWT']) {
      expect(await outcome(trusting, signed({ typ })), typ).toBe('accepted')
    }
    for (const typ of [
      undefined,
      'JWT',
      'at-jwt',
      'at+jwt;v=1',
      'text/at+jwt',
      ' at+jwt',
      '',
      'dpop+jwt',
      null,
      ['at+jwt'],
    ]) {
      expect(await outcome(trusting, signed({ typ })), String(typ)).toBe('TOKEN_TYPE_REJECTED')
    }
  })

  verifies('RFC9068-4-c')('its issuer ends in a slash, which counts', async () => {
    const bySpelling: readonly (readonly [string, string])[] = [
      [claims.iss, 'accepted'],
      ['https://authorization-server.example.com', 'ISSUER_UNTRUSTED'],
      ['https://Authorization-Server.example.com/', 'ISSUER_UNTRUSTED'],
      ['https://authorization-server.example.com:443/', 'ISSUER_UNTRUSTED'],
    ]
    for (const [iss, expected] of bySpelling) expect(await outcome(trusting, signed({}, { iss })), iss).toBe(expected)
  })

  verifies('RFC9068-4-d', 'RFC7519-4.1.3-a')('its audience has to be this API', async () => {
    const other = verifierTrusting(keys, { ...trust, audience: 'https://rs.example.com', nowSeconds: claims.iat + 1 })
    expect(await outcome(other, signed())).toBe('AUDIENCE_MISMATCH')
    expect(await outcome(other, signed({}, { aud: ['https://RS.example.com', claims.aud] }))).toBe('AUDIENCE_MISMATCH')
    expect(await outcome(other, signed({}, { aud: [claims.aud, 'https://rs.example.com'] }))).toBe('accepted')
  })

  verifies('RFC9068-4-g', 'RFC7519-4.1.4-a')('it is valid up to its expiry and the clock tolerance', async () => {
    const at = (nowSeconds: number): Promise<string> =>
      outcome(verifierTrusting(keys, { ...trust, nowSeconds }), signed())
    expect(await at(claims.exp - 1)).toBe('accepted')
    expect(await at(claims.exp + 29)).toBe('accepted')
    expect(await at(claims.exp + 30)).toBe('TOKEN_EXPIRED')
    expect(await at(claims.iat - 30)).toBe('accepted')
    expect(await at(claims.iat - 31)).toBe('TOKEN_NOT_YET_VALID')
  })

  verifies('RFC9068-2.2-a')('without any one of the required claims it is refused', async () => {
    const expected = {
      iss: 'ISSUER_UNTRUSTED',
      aud: 'CLAIM_MISSING',
      exp: 'CLAIM_MISSING',
      sub: 'CLAIM_MISSING',
      client_id: 'CLAIM_MISSING',
      iat: 'CLAIM_MISSING',
      jti: 'CLAIM_MISSING',
    }
    for (const [name, code] of Object.entries(expected)) {
      expect(await outcome(trusting, signed({}, { [name]: undefined })), name).toBe(code)
    }
    expect(await outcome(trusting, signed({}, { scope: undefined }))).toBe('accepted')
  })
})
