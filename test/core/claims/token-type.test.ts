import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, scene } from '../scene.ts'

const { issuer, trusting } = await scene()
const strict = trusting()
const lax = trusting({ issuer: { profile: 'jwt' } })
const typed = (typ: unknown): Promise<string> => issuer.mint({}, { header: { typ } })

const OTHER_KINDS = [
  'dpop+jwt',
  'token-introspection+jwt',
  'statuslist+jwt',
  'logout+jwt',
  'secevent+jwt',
  'client-authentication+jwt',
  'oauth-authz-req+jwt',
  'id_token+jwt',
]

describe('an access token by its type', () => {
  it.each(['at+jwt', 'AT+JWT', 'at+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    '%s is one under both profiles',
    async (typ) => {
      expect(await outcome(strict.verify(await typed(typ)))).toBe('accepted')
      expect(await outcome(lax.verify(await typed(typ)))).toBe('accepted')
    },
  )

  it.each([
    'at-jwt',
    'at+jwt;v=1',
    'at+jwt ',
    ' at+jwt',
    'at+jwt\0',
    'xat+jwt',
    'text/at+jwt',
    'application/application/at+jwt',
    'application/',
    'application/x/at+jwt',
    '',
    'JOSE',
    'application/JOSE',
  ])('%j is none under either profile', async (typ) => {
    expect(await outcome(strict.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
    expect(await outcome(lax.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
  })

  it.each([[null], [1], [true], [['at+jwt']], [{ 0: 'at+jwt' }]])('%j is no type at all', async (typ) => {
    expect(await outcome(strict.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
    expect(await outcome(lax.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
  })

  it.each([['JWT'], ['jwt'], ['application/jwt'], [undefined]])(
    '%j is enough for the profile "jwt" only',
    async (typ) => {
      expect(await outcome(strict.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
      expect(await outcome(lax.verify(await typed(typ)))).toBe('accepted')
    },
  )

  verifies('RFC8725-3.11-a', 'RFC9701-8.1-a')('another kind of JWT is none, under the profile "rfc9068"', async () => {
    for (const typ of OTHER_KINDS) expect(await outcome(strict.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
  })

  verifies('8725bis-3.11-b')('another kind of JWT is none, under the profile "jwt"', async () => {
    for (const typ of OTHER_KINDS) expect(await outcome(lax.verify(await typed(typ)))).toBe('TOKEN_TYPE_REJECTED')
  })
})

describe('the operator', () => {
  const messageFor = async (verifier: typeof strict, token: Promise<string>): Promise<string> =>
    (await refusalOf(verifier.verify(await token))).message

  it('learns which setting to look at where an issuer sends typ JWT, or none', async () => {
    const advice =
      'if this issuer marks its access tokens so, set jwtIssuer({ profile: "jwt" }); first make sure that this is not an ID token'

    expect(await messageFor(strict, typed('JWT'))).toBe(
      `the token has typ "JWT", but profile "rfc9068" asks for at+jwt: ${advice}`,
    )
    expect(await messageFor(strict, typed(undefined))).toBe(
      `the token has no typ, but profile "rfc9068" asks for at+jwt: ${advice}`,
    )
  })

  it('is not told to relax anything for an ID token', async () => {
    const message = await messageFor(strict, issuer.idToken())

    expect(message).toContain('its claims mark it as an ID token or an event; the client must send the access token')
    expect(message).not.toContain('set jwtIssuer')
  })

  it('is not told to relax anything for another kind of token', async () => {
    expect(await messageFor(strict, typed('logout+jwt'))).toBe(
      'the token has typ "logout+jwt", but profile "rfc9068" asks for at+jwt: it is another kind of token',
    )
    expect(await messageFor(lax, typed('logout+jwt'))).toBe(
      'the token has typ "logout+jwt", but profile "jwt" asks for at+jwt, JWT or none: it is another kind of token',
    )
  })
})
