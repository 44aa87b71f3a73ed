import type { IntrospectedIssuerOptions, JwtIssuerOptions, Verifier } from '@tokenward/core'
import { jwtIssuer, staticKeys } from '@tokenward/core'
import type { TestIssuer } from '@tokenward/testing'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { outcome } from '../scene.ts'
import type { Endpoint } from './endpoint.ts'
import { active, endpoint, ISSUER, json } from './endpoint.ts'

interface Both extends Endpoint {
  readonly tokens: TestIssuer
  /** Verifies JWTs, and asks about each. */
  readonly both: (options?: Partial<IntrospectedIssuerOptions>, own?: Partial<JwtIssuerOptions<undefined>>) => Verifier
}

async function both(): Promise<Both> {
  const server = endpoint()
  const tokens = await testIssuer({ issuer: ISSUER, algorithm: 'ES256', clock: server.clock })
  return {
    ...server,
    tokens,
    both: (options, own) =>
      server.verifier(
        {},
        {
          issuer: jwtIssuer({
            issuer: ISSUER,
            keys: staticKeys(tokens.jwks()),
            introspection: server.issuer(options),
            ...own,
          }),
        },
      ),
  }
}

describe('a JWT whose issuer is asked too', () => {
  it('is refused once it is revoked: within the life of the cache, or at once with fresh', async () => {
    const server = await both()
    const verifier = server.both()
    const token = await server.tokens.mint()
    expect(await outcome(verifier.verify(token))).toBe('accepted')
    server.answer(() => json({ active: false }))
    expect(await outcome(verifier.verify(token))).toBe('accepted')
    expect(await outcome(verifier.verify(token, { fresh: true }))).toBe('TOKEN_INACTIVE')

    const another = await server.tokens.mint()
    server.answer(() => json(active(server.clock)))
    await verifier.verify(another)
    server.answer(() => json({ active: false }))
    await server.clock.advance(60)
    expect(await outcome(verifier.verify(another))).toBe('TOKEN_INACTIVE')
  })

  it('is not accepted while the server cannot be asked', async () => {
    const server = await both()
    server.answer(() => json({}, 500))

    expect(await outcome(server.both().verify(await server.tokens.mint()))).toBe('INTROSPECTION_UNAVAILABLE')
  })

  it('is shown to nobody where its signature, algorithm or key is wrong', async () => {
    const server = await both()
    const verifier = server.both()
    const impostor = await testIssuer({ issuer: ISSUER, algorithm: 'ES256', keySeries: 'impostor' })

    expect(await outcome(verifier.verify(await impostor.mint()))).toBe('SIGNATURE_INVALID')
    expect(await outcome(verifier.verify(await server.tokens.mint({}, { header: { alg: 'none' } })))).toBe(
      'ALGORITHM_REJECTED',
    )
    expect(await outcome(verifier.verify(await server.tokens.mint({}, { header: { kid: 'x' } })))).toBe('KEY_UNKNOWN')
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_MALFORMED')
    expect(server.asked).toEqual([])
  })
})

describe('the answer about a JWT', () => {
  it('adds what the token lacks', async () => {
    const server = await both()
    server.answer(() => json(active(server.clock, { scope: 'a b', roles: ['x'], sub: 'user-1' })))
    const light = await server.tokens.mint({}, { omit: ['scope', 'sub'] })

    expect(await server.both().verify(light)).toMatchObject({
      subject: 'user-1',
      scopes: ['a', 'b'],
      claims: { roles: ['x'], jti: expect.any(String) },
    })
  })

  it('changes nothing that is signed', async () => {
    const server = await both()
    const forged = { sub: 'other', scope: 'admin', client_id: 'other', exp: 9_999_999_999, jti: 'x', aud: 'y', iat: 1 }
    server.answer(() => json(active(server.clock, forged)))
    const token = await server.both().verify(await server.tokens.mint({ jti: 'signed' }))

    expect(token).toMatchObject({
      subject: 'user-1',
      scopes: ['orders:read'],
      clientId: 'client-1',
      id: 'signed',
      expiresAt: server.clock.nowSeconds() + 300,
    })
    const expired = await server.tokens.mint({ exp: server.clock.nowSeconds() - 60 })
    expect(await outcome(server.both().verify(expired))).toBe('TOKEN_EXPIRED')
    const foreign = await server.tokens.mint({ aud: 'https://other.example' })
    expect(await outcome(server.both().verify(foreign))).toBe('AUDIENCE_MISMATCH')
  })

  it('is not about a token of another issuer', async () => {
    const server = await both()
    server.answer(() => json(active(server.clock, { iss: 'https://other.example' })))

    expect(await outcome(server.both().verify(await server.tokens.mint()))).toBe('ISSUER_UNTRUSTED')
  })

  it('binds a token that does not say itself that it is bound', async () => {
    const server = await both()
    server.answer(() => json(active(server.clock, { cnf: { jkt: 'x' } })))

    expect(await outcome(server.both().verify(await server.tokens.mint()))).toBe('CONFIRMATION_UNSUPPORTED')
  })

  it('has the members that the introspected issuer requires', async () => {
    const server = await both()
    const verifier = server.both({ requires: ['tenant'] })

    expect(await outcome(verifier.verify(await server.tokens.mint()))).toBe('CLAIM_MISSING')
    server.answer(() => json(active(server.clock, { tenant: 't' })))
    expect(await outcome(verifier.verify(await server.tokens.mint()))).toBe('accepted')
  })
})

it('the status of the issuer tells that its endpoint is out of reach', async () => {
  const server = await both()
  const verifier = server.both()
  server.answer(() => json({}, 500))
  for (let index = 0; index < 5; index += 1) await outcome(verifier.verify(await server.tokens.mint()))

  expect(verifier.status().issuers.map(({ state }) => state)).toContain('unreachable')
})

it('introspection is of the same issuer, and an introspected one', async () => {
  const server = await both()
  const stranger = server.issuer({ issuer: 'https://other.example' })

  expect(() => server.both({}, { introspection: stranger })).toThrow(/introspection must be/)
  expect(() => server.both({}, { introspection: jwtIssuer({ issuer: ISSUER }) })).toThrow(/introspection must be/)
})
