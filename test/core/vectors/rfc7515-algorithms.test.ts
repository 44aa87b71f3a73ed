import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import { createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { es256, hs256, rs256 } from '../../fixtures/vectors/rfc7515.ts'
import { verifies } from '../../requirements/verifies.ts'
import { compactJws, hmacSha256, signer } from './sign.ts'
import {
  accessToken,
  AUDIENCE,
  goodClaims,
  ISSUER,
  NOW_SECONDS,
  outcome,
  publicHalf,
  verifierTrusting,
} from './trust.ts'

const rsaKey = publicHalf(rs256.privateKey, { kid: 'A.2' })
const ecKey = publicHalf(es256.privateKey, { kid: 'A.3' })
const trusting = verifierTrusting([rsaKey, ecKey])
const signRs256 = signer('RS256', rs256.privateKey)

describe('algorithms that do not exist here', () => {
  const options = { issuer: ISSUER, audience: AUDIENCE }

  test('A.1: HS256 can neither be allowed nor given a key', async () => {
    // @ts-expect-error HS256 is no algorithm
    expect(() => createVerifier({ ...options, algorithms: ['HS256'] })).toThrow(TypeError)
    expect(() => staticKeys({ keys: [hs256.key] })).toThrow(TypeError)
    const secret = Buffer.from(hs256.key.k, 'base64url')
    const token = compactJws({ alg: 'HS256', typ: 'at+jwt' }, goodClaims(), hmacSha256(secret))
    expect(await outcome(trusting, token)).toBe('ALGORITHM_REJECTED')
  })

  verifies(
    'RFC8725-3.2-a',
    'RFC8725-3.1-a',
    'RFC7515-5.2-d',
    'RFC7515-4.1.1-a',
    'RFC7515-4.1.1-b',
  )('what is outdated or symmetric is in no list, and a list can be shorter', async () => {
    const header = { typ: 'at+jwt', kid: 'A.2' }
    for (const alg of [
      'HS256',
      'HS384',
      'HS512',
      'RS1',
      'ES256K',
      'RSA1_5',
      'rs256',
      'NONE',
      'noNE',
      'constructor',
      '',
      256,
      null,
      undefined,
    ]) {
      // @ts-expect-error none of them is an algorithm
      expect(() => createVerifier({ ...options, algorithms: [alg] }), String(alg)).toThrow(TypeError)
      expect(await outcome(trusting, compactJws({ ...header, alg }, goodClaims(), signRs256)), String(alg)).toBe(
        'ALGORITHM_REJECTED',
      )
    }
    const onlyEs256 = createVerifier({
      issuer: jwtIssuer({ issuer: ISSUER, keys: staticKeys({ keys: [rsaKey, ecKey] }) }),
      audience: AUDIENCE,
      algorithms: ['ES256'],
      system: { now: () => NOW_SECONDS * 1000 },
    })
    expect(await outcome(onlyEs256, accessToken('ES256', es256.privateKey, { kid: 'A.3' }))).toBe('accepted')
    expect(await outcome(onlyEs256, accessToken('RS256', rs256.privateKey, { kid: 'A.2' }))).toBe('ALGORITHM_REJECTED')
  })

  verifies('RFC8725-3.1-b')('A.2: a code made with the RSA public key as the secret is refused', async () => {
    const key = createPublicKey({ key: publicHalf(rs256.privateKey), format: 'jwk' })
    const secrets = [
      key.export({ type: 'spki', format: 'pem' }),
      key.export({ type: 'spki', format: 'der' }),
      key.export({ type: 'pkcs1', format: 'pem' }),
      JSON.stringify(rsaKey),
      rs256.privateKey.n,
    ]
    for (const secret of secrets) {
      const token = compactJws({ alg: 'HS256', typ: 'at+jwt', kid: 'A.2' }, goodClaims(), hmacSha256(secret))
      expect(await outcome(trusting, token)).toBe('ALGORITHM_REJECTED')
      const disguised = compactJws({ alg: 'RS256', typ: 'at+jwt', kid: 'A.2' }, goodClaims(), hmacSha256(secret))
      expect(await outcome(trusting, disguised)).toBe('SIGNATURE_INVALID')
    }
  })

  verifies(
    'RFC7518-3.6-a',
    'RFC9068-2.1-a',
    'RFC9068-4-f',
    'RFC8725-3.2-b',
  )('A.5: none is refused, with a signature or without, and has no switch', async () => {
    // @ts-expect-error none is no algorithm
    expect(() => createVerifier({ ...options, algorithms: ['none'] })).toThrow(TypeError)
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const header = { alg, typ: 'at+jwt', kid: 'A.2' }
      expect(
        await outcome(
          trusting,
          compactJws(header, goodClaims(), () => new Uint8Array()),
        ),
      ).toBe('ALGORITHM_REJECTED')
      expect(await outcome(trusting, compactJws(header, goodClaims(), signRs256))).toBe('ALGORITHM_REJECTED')
    }
  })
})
