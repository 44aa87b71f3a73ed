import { describe, expect } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7517 from '../../fixtures/vectors/rfc7517.ts'
import * as rfc7520 from '../../fixtures/vectors/rfc7520.ts'
import { verifies } from '../../requirements/verifies.ts'
import { accessToken, outcome, publicHalf, verifierTrusting } from './trust.ts'

/** Self-signed, for the public key of RFC 7515 Appendix A.3, whose private key the RFC gives to everyone. */
const FORGED_CERTIFICATE =
  'MIIBejCCAR+gAwIBAgIUa9Hu25hd35Npzp8LFbVZ0+ner3kwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGZm9yZ2VkMCAXDTI2MTEyMTAzMTc1NFoYDzIxMjYxMDI4MDMxNzU0WjARMQ8wDQYDVQQDDAZmb3JnZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWto1MwUTAdBgNVHQ4EFgQUzo0Wsckzjrf+OXmZrkW+7j+1hoYwHwYDVR0jBBgwFoAUzo0Wsckzjrf+OXmZrkW+7j+1hoYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA3qoR7O1DJfA0rmmdZ57Xp2GHO2uJwYHgeH6N9snosdYCIQC6Mpc/41dxxyUojN5ZU0Jmsg2N5byTpMMXC2bt5QsuBA=='

const { rs256, es256, certificateChain } = rfc7515
const forger = es256.privateKey

describe('certificates in a token header', () => {
  verifies('RFC7515-4.1.6-a')('RFC 7515 B: a chain brings no key with it, however it was signed', async () => {
    const ownKey = publicHalf(rfc7520.ecPrivateKey, { kid: 'known' })
    const trusting = verifierTrusting([ownKey, publicHalf(rs256.privateKey, { kid: 'A.2' })])
    for (const x5c of [[FORGED_CERTIFICATE], [FORGED_CERTIFICATE, ...certificateChain]]) {
      for (const kid of [undefined, 'A.3']) {
        expect(await outcome(trusting, accessToken('ES256', forger, { kid, x5c }))).toBe('KEY_UNKNOWN')
      }
    }
    const trustingAnotherEcKey = verifierTrusting([{ ...rfc7517.publicKeys.keys[0], use: 'sig' }])
    expect(
      await outcome(trustingAnotherEcKey, accessToken('ES256', forger, { kid: '1', x5c: [FORGED_CERTIFICATE] })),
    ).toBe('SIGNATURE_INVALID')
  })

  verifies('RFC7515-4.1.3-a')('an embedded key brings no trust with it', async () => {
    const trusting = verifierTrusting([publicHalf(rs256.privateKey, { kid: 'A.2' })])
    const token = accessToken('ES256', forger, { kid: 'A.3', jwk: publicHalf(forger) })
    expect(await outcome(trusting, token)).toBe('KEY_UNKNOWN')
    expect(await outcome(verifierTrusting([publicHalf(forger, { kid: 'A.3' })]), token)).toBe('accepted')
  })

  verifies('RFC7515-4.1.6-a')('RFC 7515 B: a chain for another key does no harm either', async () => {
    const trusting = verifierTrusting([publicHalf(rs256.privateKey, { kid: 'A.2' })])
    const token = accessToken('RS256', rs256.privateKey, { kid: 'A.2', x5c: certificateChain })
    expect(await outcome(trusting, token)).toBe('accepted')
  })
})

describe('certificates in a key', () => {
  verifies('RFC7517-4.7-a')('RFC 7517 B: the members of the key count, its certificate is ignored', async () => {
    const { x5c } = rfc7517.keyWithCertificate
    const withOtherCertificate = publicHalf(rs256.privateKey, { kid: 'A.2', x5c })
    expect(
      await outcome(verifierTrusting([withOtherCertificate]), accessToken('RS256', rs256.privateKey, { kid: 'A.2' })),
    ).toBe('accepted')
    const withForgedCertificate = { ...rfc7517.keyWithCertificate, x5c: [FORGED_CERTIFICATE] }
    expect(
      await outcome(verifierTrusting([withForgedCertificate]), accessToken('ES256', forger, { kid: '1b94c' })),
    ).toBe('KEY_UNKNOWN')
  })
})
