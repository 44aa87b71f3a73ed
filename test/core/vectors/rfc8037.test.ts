import { staticKeys } from '@tokenward/core'
import { describe, expect } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc8037 from '../../fixtures/vectors/rfc8037.ts'
import { verifies } from '../../requirements/verifies.ts'
import { verifierFetching } from './remote.ts'
import { compactJws, signer } from './sign.ts'
import { accessToken, goodClaims, outcome, publicHalf, verifierTrusting } from './trust.ts'

const { privateKey, publicKey, thumbprint, x25519PublicKey, x448PublicKey } = rfc8037
const named = { ...publicKey, kid: thumbprint }
const trusting = verifierTrusting([named])

describe('A.1 to A.5: Ed25519', () => {
  verifies('RFC8037-3.1-a')('the key verifies under both names of its algorithm', async () => {
    expect(await outcome(trusting, accessToken('EdDSA', privateKey, { kid: thumbprint }))).toBe('accepted')
    expect(await outcome(trusting, accessToken('Ed25519', privateKey, { kid: thumbprint }))).toBe('accepted')
  })

  verifies('RFC9864-5-a')('a key labelled with one name serves the other', async () => {
    for (const alg of ['EdDSA', 'Ed25519']) {
      const labelled = verifierTrusting([{ ...named, alg }])
      expect(await outcome(labelled, accessToken('EdDSA', privateKey, { kid: thumbprint }))).toBe('accepted')
      expect(await outcome(labelled, accessToken('Ed25519', privateKey, { kid: thumbprint }))).toBe('accepted')
    }
  })

  verifies('RFC7515-5.2-c')('A.4: relabelling a signed token breaks it', async () => {
    const token = accessToken('EdDSA', privateKey, { kid: thumbprint })
    const relabelled = Buffer.from(JSON.stringify({ alg: 'Ed25519', typ: 'at+jwt', kid: thumbprint })).toString(
      'base64url',
    )
    expect(await outcome(trusting, [relabelled, ...token.split('.').slice(1)].join('.'))).toBe('SIGNATURE_INVALID')
  })

  verifies('RFC7519-7.2-a')('A.4: the published signature is over text, so it is no JWT', async () => {
    expect(await outcome(trusting, rfc8037.ed25519.compact)).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC8037-4-a')('the algorithm has to fit the key', async () => {
    const { privateKey: ecPrivateKey } = rfc7515.es256
    const trustingEc = verifierTrusting([publicHalf(ecPrivateKey, { kid: 'A.3' })])
    for (const alg of ['EdDSA', 'Ed25519']) {
      const token = compactJws({ alg, typ: 'at+jwt', kid: 'A.3' }, goodClaims(), signer('ES256', ecPrivateKey))
      expect(await outcome(trustingEc, token)).toBe('KEY_UNKNOWN')
    }
    const crossed = compactJws(
      { alg: 'ES256', typ: 'at+jwt', kid: thumbprint },
      goodClaims(),
      signer('EdDSA', privateKey),
    )
    expect(await outcome(trusting, crossed)).toBe('KEY_UNKNOWN')
  })
})

describe('A.1: members of a key', () => {
  verifies('RFC8037-2-a')(
    'a key without its curve or its point, or with a private member, verifies nothing',
    async () => {
      const { kty, crv, x } = publicKey
      const broken = [
        { kty, x, kid: 'no-crv' },
        { kty, crv, kid: 'no-x' },
        { crv, x, kid: 'no-kty' },
        { ...privateKey, kid: 'private' },
      ]
      const { verifier, skippedKids } = verifierFetching({ keys: [...broken, named] })
      expect(await outcome(verifier, accessToken('EdDSA', privateKey, { kid: thumbprint }))).toBe('accepted')
      expect(skippedKids()).toEqual(broken.map(({ kid }) => kid))
      for (const { kid } of broken) {
        expect(await outcome(verifier, accessToken('EdDSA', privateKey, { kid })), kid).toBe('KEY_UNKNOWN')
      }
      expect(() => staticKeys({ keys: [privateKey] })).toThrow(TypeError)
    },
  )
})

describe('A.6, A.7: keys for key agreement', () => {
  const agreementKeys = [x25519PublicKey, x448PublicKey]

  verifies('RFC8037-3.2-a', 'RFC7517-5-b')('skipped in a set, whose Ed25519 key verifies', async () => {
    const { verifier, skippedKids } = verifierFetching({ keys: [...agreementKeys, named] })
    expect(await outcome(verifier, accessToken('EdDSA', privateKey))).toBe('accepted')
    expect(skippedKids()).toEqual(['Bob', 'Dave'])
    for (const { kid } of agreementKeys) {
      expect(await outcome(verifier, accessToken('EdDSA', privateKey, { kid }))).toBe('KEY_UNKNOWN')
    }
  })

  verifies('RFC8037-3.2-a')('a signature does not verify against the octets of an X25519 key', async () => {
    const disguised = { ...publicKey, crv: 'X25519', kid: 'disguised' }
    const { verifier } = verifierFetching({ keys: [disguised, publicHalf(rfc7515.es256.privateKey)] })
    expect(await outcome(verifier, accessToken('EdDSA', privateKey, { kid: 'disguised' }))).toBe('KEY_UNKNOWN')
    expect(await outcome(verifier, accessToken('Ed25519', privateKey))).toBe('KEY_UNKNOWN')
  })
})
