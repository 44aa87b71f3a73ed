import { describe, expect } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7797 from '../../fixtures/vectors/rfc7797.ts'
import { verifies } from '../../requirements/verifies.ts'
import { compactJws, signer } from './sign.ts'
import { goodClaims, outcome, publicHalf, verifierTrusting } from './trust.ts'

const { privateKey } = rfc7515.rs256
const trusting = verifierTrusting([publicHalf(privateKey)])
const header = { alg: 'RS256', typ: 'at+jwt' }

// Under b64:false the middle segment is the payload itself, so the signing input of both readings is the
// same octets and the signature of each twin is valid, whether a verifier knows b64 or overlooks it.
const signed = (changes: Readonly<Record<string, unknown>>): string =>
  compactJws({ ...header, ...changes }, goodClaims(), signer('RS256', privateKey))

describe('published', () => {
  verifies('RFC7797-7-a')('4.1, 4.2: refused, encoded or not, compact or JSON', async () => {
    const { encodedPayload, unencodedPayload } = rfc7797
    for (const { compact, flattened } of [encodedPayload, unencodedPayload]) {
      expect(await outcome(trusting, compact)).toBe('TOKEN_MALFORMED')
      expect(await outcome(trusting, JSON.stringify(flattened))).toBe('TOKEN_MALFORMED')
    }
  })
})

describe('twins that a trusted key signed', () => {
  verifies('RFC7797-7-a')('4.2: "b64":false, listed in "crit", is refused', async () => {
    expect(await outcome(trusting, signed({}))).toBe('accepted')
    expect(await outcome(trusting, signed({ b64: false, crit: ['b64'] }))).toBe('TOKEN_MALFORMED')
    expect(await outcome(trusting, signed({ b64: true, crit: ['b64'] }))).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC7797-7-a')('4.2: the claims themselves in the place of their encoding are refused', async () => {
    const protectedHeader = Buffer.from(JSON.stringify({ ...header, b64: false, crit: ['b64'] })).toString('base64url')
    const claims = JSON.stringify(goodClaims({ iss: undefined, aud: undefined }))
    expect(claims).not.toContain('.')
    const signature = Buffer.from(signer('RS256', privateKey)(`${protectedHeader}.${claims}`)).toString('base64url')
    expect(await outcome(trusting, `${protectedHeader}.${claims}.${signature}`)).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC7797-6-a')('4.2: "b64" outside of "crit" is refused', async () => {
    expect(await outcome(trusting, signed({ b64: false }))).toBe('TOKEN_MALFORMED')
    expect(await outcome(trusting, signed({ b64: false, crit: [] }))).toBe('TOKEN_MALFORMED')
  })
})
