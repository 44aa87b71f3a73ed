import { sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7520 from '../../fixtures/vectors/rfc7520.ts'
import { verifies } from '../../requirements/verifies.ts'
import type { Signer } from './sign.ts'
import { compactJws, signer } from './sign.ts'
import { accessToken, goodClaims, outcome, publicHalf, verifierTrusting } from './trust.ts'

const { rs256, es256, es512, hs256, unsecured } = rfc7515
const rsaKey = publicHalf(rs256.privateKey, { kid: 'A.2' })
const ecKey = publicHalf(es256.privateKey, { kid: 'A.3' })
const ec521Key = publicHalf(es512.privateKey, { kid: 'A.4' })
const trusting = verifierTrusting([rsaKey, ecKey, ec521Key])
const signRs256 = signer('RS256', rs256.privateKey)

describe('published tokens', () => {
  const justBeforeTheyExpire = verifierTrusting([rsaKey, ecKey, ec521Key], { nowSeconds: 1300819379 })

  test('A.1, A.2, A.3, A.5: issuer "joe" is nobody, even where the key is trusted', async () => {
    for (const { compact } of [hs256, rs256, es256, unsecured]) {
      expect(await outcome(justBeforeTheyExpire, compact)).toBe('ISSUER_UNTRUSTED')
    }
  })

  verifies('RFC7519-7.2-a')('A.4: a signed payload that is no JSON object is no JWT', async () => {
    expect(await outcome(justBeforeTheyExpire, es512.compact)).toBe('TOKEN_MALFORMED')
    const claims = JSON.stringify(goodClaims())
    const payloads = [
      'Payload',
      '[]',
      '"x"',
      'null',
      '',
      `[${claims}]`,
      `${claims}x`,
      `\uFEFF${claims}`,
      Buffer.from(claims, 'utf16le'),
    ]
    const header = { alg: 'ES512', typ: 'at+jwt' }
    const signEs512 = signer('ES512', es512.privateKey)
    for (const payload of payloads) {
      expect(await outcome(trusting, compactJws(header, payload, signEs512)), String(payload)).toBe('TOKEN_MALFORMED')
    }
    expect(await outcome(trusting, compactJws(header, claims, signEs512))).toBe('accepted')
  })
})

describe('published keys', () => {
  verifies(
    'RFC9068-2.1-b',
    'RFC9068-4-e',
    'RFC9068-4-j',
  )('A.2, A.3, A.4 verify what they sign, and nothing else does', async () => {
    const tokens = [
      accessToken('RS256', rs256.privateKey, { kid: 'A.2' }),
      accessToken('ES256', es256.privateKey, { kid: 'A.3' }),
      accessToken('ES512', es512.privateKey, { kid: 'A.4' }),
    ]
    for (const token of tokens) expect(await outcome(trusting, token)).toBe('accepted')
    const stranger = verifierTrusting([publicHalf(rfc7520.rsaPrivateKey), publicHalf(rfc7520.ecPrivateKey)])
    for (const token of tokens) expect(await outcome(stranger, token)).toBe('KEY_UNKNOWN')
    const namesake = verifierTrusting([publicHalf(rfc7520.rsaPrivateKey, { kid: 'A.2' })])
    expect(await outcome(namesake, tokens[0] ?? '')).toBe('SIGNATURE_INVALID')
  })

  verifies('RFC7518-3.4-b')('A.3, A.4: each curve has one algorithm', async () => {
    const signOtherCurve = signer('ES256', es512.privateKey)
    for (const header of [
      { alg: 'ES256', typ: 'at+jwt' },
      { alg: 'ES256', typ: 'at+jwt', kid: 'A.4' },
    ]) {
      const token = compactJws(header, goodClaims(), signOtherCurve)
      expect(await outcome(verifierTrusting([ec521Key]), token)).toBe('KEY_UNKNOWN')
    }
    const crossed = accessToken('ES512', es512.privateKey, { kid: 'A.3' })
    expect(await outcome(trusting, crossed)).toBe('KEY_UNKNOWN')
  })

  verifies('RFC7518-3.4-a')('A.3, A.4: R and S have full length; DER is refused', async () => {
    const cases = [
      { alg: 'ES256', kid: 'A.3', hash: 'sha256', privateKey: es256.privateKey },
      { alg: 'ES512', kid: 'A.4', hash: 'sha512', privateKey: es512.privateKey },
    ] as const
    for (const { alg, kid, hash, privateKey } of cases) {
      const whole = signer(alg, privateKey)
      const wrong: readonly Signer[] = [
        (input) => sign(hash, Buffer.from(input), { key: privateKey, format: 'jwk' }),
        (input) => whole(input).subarray(1),
        (input) => whole(input).subarray(0, -1),
        (input) => Buffer.concat([Buffer.alloc(1), whole(input)]),
      ]
      const tokenWith = (signWith: Signer): string => compactJws({ alg, typ: 'at+jwt', kid }, goodClaims(), signWith)
      for (const signWith of wrong) expect(await outcome(trusting, tokenWith(signWith))).toBe('SIGNATURE_INVALID')
      expect(await outcome(trusting, tokenWith(whole))).toBe('accepted')
    }
  })

  verifies('RFC7515-10.6-a')('A.2: the hash inside the signature has to be the one that the header names', async () => {
    for (const hash of ['sha1', 'sha384', 'sha512']) {
      const signWith: Signer = (input) => sign(hash, Buffer.from(input), { key: rs256.privateKey, format: 'jwk' })
      const token = compactJws({ alg: 'RS256', typ: 'at+jwt', kid: 'A.2' }, goodClaims(), signWith)
      expect(await outcome(trusting, token), hash).toBe('SIGNATURE_INVALID')
    }
  })

  verifies('RFC7515-5.2-c')('A.1 breaks its header into lines: the octets received are what is checked', async () => {
    const asWritten = '{"typ":"at+jwt",\r\n "alg":"RS256"}'
    const token = compactJws(asWritten, goodClaims(), signRs256)
    expect(await outcome(trusting, token)).toBe('accepted')
    const sameMeaning = Buffer.from(JSON.stringify(JSON.parse(asWritten))).toString('base64url')
    expect(await outcome(trusting, [sameMeaning, ...token.split('.').slice(1)].join('.'))).toBe('SIGNATURE_INVALID')
  })
})
