import { staticKeys } from '@tokenward/core'
import { constants, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import * as rfc7520 from '../../fixtures/vectors/rfc7520.ts'
import { verifies } from '../../requirements/verifies.ts'
import type { Signer } from './sign.ts'
import { compactJws, signer } from './sign.ts'
import { accessToken, goodClaims, outcome, publicHalf, verifierTrusting } from './trust.ts'

const { rsaPrivateKey, ecPrivateKey, nested } = rfc7520
const { kid } = rsaPrivateKey
const publicKeys = [publicHalf(rsaPrivateKey), publicHalf(ecPrivateKey), publicHalf(nested.privateKey)]
const trusting = verifierTrusting(publicKeys)

describe('keys of section 3 and 6', () => {
  verifies('RFC7517-4.5-a')('an RSA and an EC key share one kid: the algorithm tells them apart', async () => {
    expect(ecPrivateKey.kid).toBe(kid)
    for (const token of [
      accessToken('RS256', rsaPrivateKey, { kid }),
      accessToken('PS384', rsaPrivateKey, { kid }),
      accessToken('ES512', ecPrivateKey, { kid }),
      accessToken('PS256', nested.privateKey, { kid: nested.privateKey.kid }),
    ]) {
      expect(await outcome(trusting, token)).toBe('accepted')
    }
    expect(await outcome(trusting, accessToken('PS384', nested.privateKey, { kid }))).toBe('SIGNATURE_INVALID')
  })

  verifies('RFC7518-3.5-a')('4.2: the salt of a PSS signature is as long as its hash', async () => {
    const header = { alg: 'PS384', typ: 'at+jwt', kid }
    for (const saltLength of [0, 20, 32, 47, 64]) {
      const signWith: Signer = (input) =>
        sign('sha384', Buffer.from(input), {
          key: rsaPrivateKey,
          format: 'jwk',
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength,
        })
      expect(await outcome(trusting, compactJws(header, goodClaims(), signWith)), String(saltLength)).toBe(
        'SIGNATURE_INVALID',
      )
    }
    expect(await outcome(trusting, compactJws(header, goodClaims(), signer('PS384', rsaPrivateKey)))).toBe('accepted')
  })

  test('3.5: a key for HS256 is a programming error', () => {
    expect(() => staticKeys({ keys: [rfc7520.macKey] })).toThrow(TypeError)
  })
})

describe('published signatures', () => {
  verifies('RFC7519-7.2-a')('4.1 to 4.5, compact: text is no claims set, whatever signs it', async () => {
    for (const { compact } of [rfc7520.rs256, rfc7520.ps384, rfc7520.es512, rfc7520.hs256, rfc7520.detached]) {
      expect(await outcome(trusting, compact)).toBe('TOKEN_MALFORMED')
    }
  })

  verifies('RFC7515-7.2-a')('4.1 to 4.8, JSON serializations are refused', async () => {
    const { rs256, ps384, es512, hs256, detached, partlyProtectedHeader, unprotectedHeader, multipleSignatures } =
      rfc7520
    const both = [rs256, ps384, es512, hs256, detached, partlyProtectedHeader, unprotectedHeader]
    for (const json of [
      ...both.flatMap(({ general, flattened }) => [general, flattened]),
      multipleSignatures.general,
    ]) {
      expect(await outcome(trusting, JSON.stringify(json))).toBe('TOKEN_MALFORMED')
    }
  })

  verifies('RFC7516-9-a')('6: encrypted, it is refused', async () => {
    expect(await outcome(trusting, nested.compact)).toBe('TOKEN_MALFORMED')
  })

  test('6: signed, it comes from an issuer that nobody trusts', async () => {
    expect(await outcome(verifierTrusting(publicKeys, { nowSeconds: 1300819379 }), nested.signed)).toBe(
      'ISSUER_UNTRUSTED',
    )
  })
})
