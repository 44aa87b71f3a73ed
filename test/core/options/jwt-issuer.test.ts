import type { JwtIssuerOptions } from '@tokenward/core'
import { createVerifier, jwtIssuer, remoteKeys, staticKeys, unsafeAnyAudience } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { outcome, scene } from '../scene.ts'
import { GOOD, issuerComplaint, thrownBy } from './complaints.ts'

describe('jwtIssuer', () => {
  it('takes what is good', () => {
    expect(issuerComplaint({})).toBeUndefined()
    expect(
      issuerComplaint({
        audience: ['a'],
        algorithms: ['RS256'],
        profile: 'jwt',
        metadataUrl: 'https://issuer.example/meta?x=1',
        allowLoopbackHttp: false,
      }),
    ).toBeUndefined()
    expect(issuerComplaint({ issuer: 'http://localhost:8080/x', allowLoopbackHttp: true })).toBeUndefined()
    expect(
      issuerComplaint({ audience: unsafeAnyAudience, keys: remoteKeys('https://issuer.example/jwks') }),
    ).toBeUndefined()
  })

  it('names all that is wrong, at once', () => {
    const message = thrownBy(
      () =>
        jwtIssuer({
          issuer: 'http://localhost',
          audience: [],
          algorithms: [],
          profile: 'oidc',
          keys: { keys: [] },
          metadataUrl: 'http://x.example',
          allowLoopbackHttp: 'yes',
          audiance: 'x',
        } as unknown as JwtIssuerOptions), // a cast: each of these is forbidden
    )

    for (const name of [
      'unknown option "audiance"',
      'allowLoopbackHttp must be a boolean',
      'issuer must be an https URL',
      'audience must not be an empty list',
      'algorithms must be a list',
      'profile must be "rfc9068" or "jwt"',
      'keys must come from remoteKeys or staticKeys',
      'metadataUrl must be an https URL',
      'metadataUrl has no use beside keys',
    ]) {
      expect(message).toContain(name)
    }
    expect(message).toMatch(/^jwtIssuer: /)
  })

  it.each([[undefined], [null], ['https://issuer.example'], [[]]])('refuses %j for options', (options) => {
    expect(thrownBy(() => jwtIssuer(options as never))).toContain('options must be an object') // a cast, as above
  })

  it('names a missing issuer', () => {
    expect(thrownBy(() => jwtIssuer({} as JwtIssuerOptions<undefined>))).toBe('jwtIssuer: issuer is required') // a cast, as above
  })

  it('keeps what it was given', async () => {
    const { issuer, system } = await scene()
    const audience = [GOOD.audience]
    const trusted = jwtIssuer({ issuer: issuer.issuer, audience, keys: staticKeys(issuer.jwks()) })
    audience[0] = 'https://attacker.example'
    const verifier = createVerifier({ issuer: trusted, system })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })
})
