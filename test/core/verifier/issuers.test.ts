import type { JwtIssuerOptions } from '@tokenward/core'
import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import type { TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf } from '../scene.ts'

const clock = manualClock()
const one = await testIssuer({ algorithm: 'ES256', clock, issuer: 'https://one.example' })
const two = await testIssuer({ algorithm: 'ES256', clock, issuer: 'https://two.example' })

/** The network of both issuers. */
const fetch = (url: string, init: RequestInit): Promise<Response> =>
  (url.startsWith(one.issuer) ? one : two).fetch(url, init)
const system = { ...clock, fetch }

function pinned(issuer: TestIssuer, options: Partial<JwtIssuerOptions<undefined>> = {}) {
  return jwtIssuer({ issuer: issuer.issuer, keys: staticKeys(issuer.jwks()), ...options })
}

describe('several issuers', () => {
  const verifier = createVerifier({ issuer: [one.issuer, two.issuer], audience: AUDIENCE, system })

  verifies('RFC8725-3.8-a')('with equal key ids do not lend each other their keys', async () => {
    expect(one.kid).toBe(two.kid)
    for (let round = 0; round < 2; round += 1) {
      expect((await verifier.verify(await one.mint())).issuer).toBe(one.issuer)
      expect((await verifier.verify(await two.mint())).issuer).toBe(two.issuer)
      expect(await outcome(verifier.verify(await two.mint({ iss: one.issuer })))).toBe('SIGNATURE_INVALID')
      expect(await outcome(verifier.verify(await one.mint({ iss: two.issuer })))).toBe('SIGNATURE_INVALID')
    }
  })

  it('with equal key ids do not lend each other their keys through two verifiers of one program', async () => {
    const first = createVerifier({ issuer: one.issuer, audience: AUDIENCE, system })
    const second = createVerifier({ issuer: two.issuer, audience: AUDIENCE, system })

    expect(await outcome(first.verify(await one.mint()))).toBe('accepted')
    expect(await outcome(second.verify(await one.mint()))).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(second.verify(await one.mint({ iss: two.issuer })))).toBe('SIGNATURE_INVALID')
  })

  it('have subjects of their own', async () => {
    const [mine, theirs] = [await verifier.verify(await one.mint()), await verifier.verify(await two.mint())]

    expect([mine.issuer, mine.subject]).toEqual(['https://one.example', 'user-1'])
    expect([theirs.issuer, theirs.subject]).toEqual(['https://two.example', 'user-1'])
  })

  it('are each in the status, and each warmed up', async () => {
    const warm = createVerifier({ issuer: [one.issuer, two.issuer], audience: AUDIENCE, system })
    expect(warm.status().issuers.map(({ state }) => state)).toEqual(['keyless', 'keyless'])
    await warm.warmUp()

    expect(warm.status().issuers).toMatchObject([
      { issuer: one.issuer, state: 'fresh', keyCount: 1 },
      { issuer: two.issuer, state: 'fresh', keyCount: 1 },
    ])
  })
})

describe('what one issuer brings of its own', () => {
  verifies('8725bis-3.1-d')('algorithms are allowed per issuer', async () => {
    const rsa = await one.addKey('RS256')
    const verifier = createVerifier({
      issuer: [pinned(one, { algorithms: ['ES256'] }), pinned(two)],
      audience: AUDIENCE,
      algorithms: ['RS256'],
      system,
    })

    expect(await outcome(verifier.verify(await one.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await one.mint({}, { key: rsa })))).toBe('ALGORITHM_REJECTED')
    expect(await outcome(verifier.verify(await two.mint()))).toBe('ALGORITHM_REJECTED')
  })

  it('its audience replaces that of the verifier', async () => {
    const verifier = createVerifier({
      issuer: [jwtIssuer({ issuer: one.issuer, audience: 'https://own.example' }), two.issuer],
      audience: AUDIENCE,
      system,
    })

    expect(await outcome(verifier.verify(await one.mint({ aud: 'https://own.example' })))).toBe('accepted')
    expect(await outcome(verifier.verify(await one.mint()))).toBe('AUDIENCE_MISMATCH')
    expect(await outcome(verifier.verify(await two.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await two.mint({ aud: 'https://own.example' })))).toBe('AUDIENCE_MISMATCH')
  })

  it('its audience is enough where every issuer brings one', async () => {
    const verifier = createVerifier({ issuer: jwtIssuer({ issuer: one.issuer, audience: [AUDIENCE] }), system })

    expect(await outcome(verifier.verify(await one.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await one.mint({ aud: 'x' })))).toBe('AUDIENCE_MISMATCH')
  })

  it('its profile concerns its own tokens only', async () => {
    const verifier = createVerifier({
      issuer: [pinned(one, { profile: 'jwt' }), pinned(two)],
      audience: AUDIENCE,
      system,
    })

    expect(await outcome(verifier.verify(await one.mint({}, { header: { typ: 'JWT' } })))).toBe('accepted')
    expect(await outcome(verifier.verify(await two.mint({}, { header: { typ: 'JWT' } })))).toBe('TOKEN_TYPE_REJECTED')
  })
})

describe('the issuer of a token', () => {
  const verifier = createVerifier({ issuer: one.issuer, audience: AUDIENCE, system })

  it.each([
    ['a trailing slash', `${one.issuer}/`],
    ['upper case', 'https://ONE.example'],
    ['the default port', `${one.issuer}:443`],
    ['another scheme', 'http://one.example'],
    ['white space', ` ${one.issuer}`],
    ['a path below', `${one.issuer}/tenant`],
    ['a host that begins alike', `${one.issuer}.attacker.example`],
    ['a zero octet', `${one.issuer}\0`],
    ['nothing', undefined],
    ['an empty text', ''],
    ['null', null],
    ['a number', 1],
    ['a list', [one.issuer]],
    ['an object', { toString: one.issuer }],
    ['the name of a member that every object has', 'constructor'],
    ['__proto__', '__proto__'],
  ])('is compared exactly: %s', async (_what, iss) => {
    const asked = one.requests.length
    const refusal = await refusalOf(verifier.verify(await one.mint({ iss })))

    expect(refusal.code).toBe('ISSUER_UNTRUSTED')
    expect(one.requests).toHaveLength(asked)
  })

  verifies('RFC7515-5.3-a', 'RFC8414-4-a')('is compared without Unicode normalisation', async () => {
    const configured = 'https://one.example/K'
    const alike = 'https://one.example/\u212a' // the sign for kelvin, of which every normal form is the letter
    expect(alike.normalize('NFC')).toBe(configured)
    const named = createVerifier({
      issuer: jwtIssuer({ issuer: configured, keys: staticKeys(one.jwks()) }),
      audience: ['caf\u00e9'],
      system,
    })
    const outcomeOf = async (iss: string, aud: string): Promise<string> =>
      outcome(named.verify(await one.mint({ iss, aud })))

    expect(await outcomeOf(configured, 'caf\u00e9')).toBe('accepted')
    expect(await outcomeOf(alike, 'caf\u00e9')).toBe('ISSUER_UNTRUSTED')
    expect(await outcomeOf(configured, 'cafe\u0301')).toBe('AUDIENCE_MISMATCH')
  })

  it('that is not trusted is told to the operator in printable ASCII, cut to a bearable length', async () => {
    const { message } = await refusalOf(verifier.verify(await one.mint({ iss: `\r\n\u202e${'x'.repeat(9000)}` })))

    expect(message).toMatch(/^[\x20-\x7e]*$/)
    expect(message.length).toBeLessThan(400)
    expect(message).toContain('"https://one.example"')
  })
})
