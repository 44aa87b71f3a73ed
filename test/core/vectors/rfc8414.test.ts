import { describe, expect } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import { metadata } from '../../fixtures/vectors/rfc8414.ts'
import { verifies } from '../../requirements/verifies.ts'
import { verifierWithAnswers } from './remote.ts'
import { compactJws, signer } from './sign.ts'
import { goodClaims, outcome, publicHalf } from './trust.ts'

const { privateKey } = rfc7515.rs256
const location = `${metadata.issuer}/.well-known/oauth-authorization-server`
const jwks = { keys: [publicHalf(privateKey, { kid: 'A.2' })] }
const tokenOf = (iss: string): string =>
  compactJws({ alg: 'RS256', typ: 'at+jwt', kid: 'A.2' }, goodClaims({ iss }), signer('RS256', privateKey))

describe('3.2: the published metadata', () => {
  const answers = new Map<string, unknown>([
    [location, metadata],
    [metadata.jwks_uri, jwks],
  ])

  verifies('RFC8414-3.2-a')('leads to the keys of its issuer, if it is answered as JSON', async () => {
    const { verifier, requests } = verifierWithAnswers(metadata.issuer, answers)
    expect(await outcome(verifier, tokenOf(metadata.issuer))).toBe('accepted')
    expect(requests.slice(-2)).toEqual([location, metadata.jwks_uri])

    const html = verifierWithAnswers(metadata.issuer, answers, 'text/html')
    expect(await outcome(html.verifier, tokenOf(metadata.issuer))).toBe('KEYS_UNAVAILABLE')
    const array = verifierWithAnswers(metadata.issuer, new Map([...answers, [location, [metadata]]]))
    expect(await outcome(array.verifier, tokenOf(metadata.issuer))).toBe('KEYS_UNAVAILABLE')
  })

  verifies('RFC8414-3.3-a')('is of no use to an issuer that spells itself otherwise', async () => {
    const issuer = `${metadata.issuer}/`
    const { verifier, requests } = verifierWithAnswers(issuer, answers)
    expect(await outcome(verifier, tokenOf(issuer))).toBe('KEYS_UNAVAILABLE')
    expect(requests).toContain(location)
    expect(requests).not.toContain(metadata.jwks_uri)
  })

  verifies('RFC8414-2-b')('is of no use with keys that are not behind https', async () => {
    const insecure = 'http://server.example.com/jwks.json'
    const { verifier, requests } = verifierWithAnswers(
      metadata.issuer,
      new Map<string, unknown>([
        [location, { ...metadata, jwks_uri: insecure }],
        [insecure, jwks],
      ]),
    )
    expect(await outcome(verifier, tokenOf(metadata.issuer))).toBe('KEYS_UNAVAILABLE')
    expect(requests).not.toContain(insecure)
  })
})
