import { staticKeys } from '@tokenward/core'
import { describe, expect } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7517 from '../../fixtures/vectors/rfc7517.ts'
import { verifies } from '../../requirements/verifies.ts'
import { verifierFetching } from './remote.ts'
import { compactJws, hmacSha256 } from './sign.ts'
import { accessToken, goodClaims, outcome, publicHalf, verifierTrusting } from './trust.ts'

const [ecPrivateKey, rsaPrivateKey] = rfc7517.privateKeys.keys
const { rs256 } = rfc7515
const goodKey = publicHalf(rs256.privateKey, { kid: 'A.2' })
const goodToken = accessToken('RS256', rs256.privateKey, { kid: 'A.2' })

describe('A.1: public keys', () => {
  const sources = [
    ['static', () => verifierTrusting(rfc7517.publicKeys.keys)],
    ['remote', () => verifierFetching(rfc7517.publicKeys).verifier],
  ] as const

  for (const [source, verifier] of sources) {
    verifies('RFC9068-4-e')(`${source}: the RSA key verifies what it signed, and nothing else`, async () => {
      expect(await outcome(verifier(), accessToken('RS256', rsaPrivateKey, { kid: '2011-04-29' }))).toBe('accepted')
      expect(await outcome(verifier(), accessToken('RS256', rsaPrivateKey))).toBe('accepted')
      expect(await outcome(verifier(), accessToken('RS256', rs256.privateKey, { kid: '2011-04-29' }))).toBe(
        'SIGNATURE_INVALID',
      )
      expect(await outcome(verifier(), accessToken('RS256', rs256.privateKey, { kid: 'A.2' }))).toBe('KEY_UNKNOWN')
    })

    verifies('RFC7517-4.2-a')(`${source}: the key for encryption verifies nothing`, async () => {
      expect(await outcome(verifier(), accessToken('ES256', ecPrivateKey, { kid: '1' }))).toBe('KEY_UNKNOWN')
      expect(await outcome(verifier(), accessToken('ES256', ecPrivateKey))).toBe('KEY_UNKNOWN')
    })

    verifies('RFC7517-4.4-a')(`${source}: a key for RS256 does not verify PS256`, async () => {
      expect(await outcome(verifier(), accessToken('PS256', rsaPrivateKey, { kid: '2011-04-29' }))).toBe('KEY_UNKNOWN')
    })
  }

  verifies('RFC7517-4.2-a')('the key for encryption would verify, were it for signatures', async () => {
    const { use: _, ...ecKey } = rfc7517.publicKeys.keys[0]
    expect(await outcome(verifierTrusting([ecKey]), accessToken('ES256', ecPrivateKey, { kid: '1' }))).toBe('accepted')
  })
})

describe('A.2: private keys', () => {
  verifies('RFC7517-9.2-a')('static: a programming error', () => {
    expect(() => staticKeys(rfc7517.privateKeys)).toThrow(TypeError)
    for (const privateKey of [rsaPrivateKey, rfc7515.es256.privateKey]) {
      expect(() => staticKeys({ keys: [goodKey, privateKey] })).toThrow(TypeError)
    }
  })

  verifies('RFC7517-9.2-a', 'RFC7517-5-b')('remote: skipped, the rest of the set verifies', async () => {
    const { verifier, skippedKids } = verifierFetching({ keys: [...rfc7517.privateKeys.keys, goodKey] })
    expect(await outcome(verifier, goodToken)).toBe('accepted')
    expect(skippedKids()).toEqual(['1', '2011-04-29'])
    expect(await outcome(verifier, accessToken('RS256', rsaPrivateKey, { kid: '2011-04-29' }))).toBe('KEY_UNKNOWN')
  })

  verifies('RFC7517-9.2-a')('remote: a set of nothing else is no key set', async () => {
    const { verifier } = verifierFetching(rfc7517.privateKeys)
    expect(await outcome(verifier, accessToken('RS256', rsaPrivateKey, { kid: '2011-04-29' }))).toBe('KEYS_UNAVAILABLE')
  })
})

describe('A.3: symmetric keys', () => {
  const { kid, k } = rfc7517.symmetricKeys.keys[1]
  const secret = Buffer.from(k, 'base64url')

  verifies('RFC7517-9.2-a')('static: a programming error', () => {
    expect(() => staticKeys(rfc7517.symmetricKeys)).toThrow(TypeError)
    expect(() => staticKeys({ keys: [goodKey, rfc7517.symmetricKeys.keys[1]] })).toThrow(TypeError)
  })

  verifies('RFC7517-9.2-a', 'RFC7517-5-b')('remote: skipped, and no token can name them', async () => {
    const { verifier, skippedKids } = verifierFetching({ keys: [...rfc7517.symmetricKeys.keys, goodKey] })
    expect(await outcome(verifier, goodToken)).toBe('accepted')
    expect(skippedKids()).toEqual([undefined, kid])
    const header = { typ: 'at+jwt', kid }
    expect(await outcome(verifier, compactJws({ ...header, alg: 'HS256' }, goodClaims(), hmacSha256(secret)))).toBe(
      'ALGORITHM_REJECTED',
    )
    expect(await outcome(verifier, compactJws({ ...header, alg: 'RS256' }, goodClaims(), hmacSha256(secret)))).toBe(
      'KEY_UNKNOWN',
    )
    expect(await outcome(verifier, accessToken('RS256', rs256.privateKey, { kid }))).toBe('KEY_UNKNOWN')
  })
})
