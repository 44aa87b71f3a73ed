import type { TestIssuer } from '@tokenward/testing'
import { testIssuer } from '@tokenward/testing'
import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, requestWith } from '../scene.ts'
import type { Endpoint } from './endpoint.ts'
import { active, endpoint, ISSUER, json, text } from './endpoint.ts'

const MEDIA_TYPE = 'application/token-introspection+jwt'
type Members = Readonly<Record<string, unknown>>

interface Signing extends Endpoint {
  readonly tokens: TestIssuer
  /** A signed answer, right but for these. */
  readonly signed: (claims?: Members, header?: Members, by?: TestIssuer) => Promise<string>
  readonly answerWith: (jwt: string, contentType?: string) => void
}

async function signing(algorithm: 'RS256' | 'ES256' = 'RS256'): Promise<Signing> {
  const server = endpoint()
  const tokens = await testIssuer({ issuer: ISSUER, algorithm, clock: server.clock })
  server.publish(async ({ url }) => tokens.fetch(url))
  return {
    ...server,
    tokens,
    signed: (claims = {}, header = {}, by = tokens) => {
      const head = { alg: by.key.algorithm, kid: by.kid, typ: 'token-introspection+jwt', ...header }
      const body = {
        iss: ISSUER,
        aud: 'api',
        iat: server.clock.nowSeconds(),
        token_introspection: active(server.clock),
        ...claims,
      }
      return by.signRaw(JSON.stringify(head), JSON.stringify(body))
    },
    answerWith: (jwt, contentType = MEDIA_TYPE) => {
      server.answer(() => text(jwt, contentType))
    },
  }
}

verifies(
  'RFC9701-4-a',
  'RFC9701-5-a',
  'RFC9701-6-a',
)('a signed answer is asked for, and RS256 is what is expected', async () => {
  const server = await signing()
  server.answerWith(await server.signed())
  const token = await server.verifier({ signedAnswers: true }).verify('opaque')

  expect(server.asked.map(({ headers }) => headers.get('accept'))).toEqual([MEDIA_TYPE])
  expect(token).toMatchObject({ subject: 'user-1', scopes: ['orders:read'], issuer: ISSUER })
})

it('may come with parameters, an audience list and the long form of its type', async () => {
  const server = await signing()
  server.answerWith(
    await server.signed({ aud: ['other', 'api'] }, { typ: 'application/token-introspection+jwt' }),
    `${MEDIA_TYPE}; charset=utf-8`,
  )

  expect(await outcome(server.verifier({ signedAnswers: true }).verify('opaque'))).toBe('accepted')
})

describe('where signed answers are demanded', () => {
  const refused = async (server: Signing, algorithms?: 'ES256'): Promise<void> => {
    const api = server.serving({ signedAnswers: algorithms === undefined ? true : { algorithms: [algorithms] } })
    expect(await api.authenticate(requestWith('Bearer opaque'))).toMatchObject({
      granted: false,
      status: 503,
      error: { code: 'INTROSPECTION_UNAVAILABLE' },
    })
    expect(server.events.find(({ type }) => type === 'introspection-failed')).toMatchObject({ issuer: ISSUER })
  }

  verifies('RFC9701-5-a')('a plain one is no answer', async () => {
    for (const answer of [{ active: true }, { active: false }]) {
      const server = await signing()
      server.answer(() => json({ ...active(server.clock), ...answer }))
      await refused(server)
    }
  })

  verifies('RFC9701-5-a')('nor is one under another media type', async () => {
    for (const contentType of ['application/jwt', 'application/json', 'text/plain', '']) {
      const server = await signing()
      server.answerWith(await server.signed(), contentType)
      await refused(server)
    }
  })

  const wrong: Readonly<Record<string, readonly [Members, Members]>> = {
    'typ JWT': [{}, { typ: 'JWT' }],
    'typ of an access token': [{}, { typ: 'at+jwt' }],
    'no typ': [{}, { typ: undefined }],
    'another iss': [{ iss: 'https://other.example' }, {}],
    'no iss': [{ iss: undefined }, {}],
    'an aud that is not this API': [{ aud: 'other' }, {}],
    'an aud in part': [{ aud: 'api-2' }, {}],
    'no aud': [{ aud: undefined }, {}],
    'no iat': [{ iat: undefined }, {}],
    'an iat that is text': [{ iat: '1800000000' }, {}],
    'its data at the top level': [{ token_introspection: undefined, ...active(endpoint().clock) }, {}],
    'data in a list': [{ token_introspection: [active(endpoint().clock)] }, {}],
    'alg none': [{}, { alg: 'none' }],
    'alg HS256': [{}, { alg: 'HS256' }],
    'another alg than it is signed with': [{}, { alg: 'RS512' }],
    'an unknown key': [{}, { kid: 'unknown' }],
    'a critical extension': [{}, { crit: ['x'], x: 1 }],
  }
  for (const [what, [claims, header]] of Object.entries(wrong)) {
    verifies('RFC9701-5-a', 'RFC9701-5-b')(`nor is one with ${what}`, async () => {
      const server = await signing()
      server.answerWith(await server.signed(claims, header))
      await refused(server)
    })
  }

  verifies('RFC9701-5-b')('nor is one that somebody else signed, or that was changed', async () => {
    const server = await signing()
    const impostor = await testIssuer({ issuer: ISSUER, algorithm: 'RS256', keySeries: 'impostor' })
    const good = await server.signed()
    const [head, , signature] = good.split('.')
    const [, payload] = (await server.signed({ token_introspection: active(server.clock, { scope: 'admin' }) })).split(
      '.',
    )
    for (const jwt of [await server.signed({}, {}, impostor), `${head}.${payload}.${signature}`, '', 'a.b.c', '{}']) {
      server.answerWith(jwt)
      await refused(server)
    }
  })

  verifies('RFC9701-5-e')('nor is an encrypted one, which nobody here can open', async () => {
    const server = await signing()
    server.answerWith('eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00iLCJjdHkiOiJKV1QifQ.AA.AA.AA.AA')
    await refused(server)
  })

  verifies('RFC9701-6-a')('nor is one of an algorithm that was not allowed', async () => {
    const server = await signing('ES256')
    server.answerWith(await server.signed())
    await refused(server)

    expect(await outcome(server.verifier({ signedAnswers: { algorithms: ['ES256'] } }).verify('other'))).toBe(
      'accepted',
    )
  })

  verifies('RFC9701-5-b')('nor is one whose keys cannot be had', async () => {
    const server = await signing()
    server.answerWith(await server.signed())
    server.publish(() => json({}, 500))
    await refused(server)
  })
})

describe('only what is inside of token_introspection counts', () => {
  verifies('RFC9701-5-b', 'RFC9701-5-d')('not what stands beside it', async () => {
    const server = await signing()
    const beside = { active: true, sub: 'beside', exp: 1, scope: 'admin' }
    server.answerWith(await server.signed(beside))
    const verifier = server.verifier({ signedAnswers: true })
    expect(await verifier.verify('one')).toMatchObject({ subject: 'user-1', scopes: ['orders:read'] })

    server.answerWith(await server.signed({ ...beside, token_introspection: { active: false } }))
    expect(await outcome(verifier.verify('two'))).toBe('TOKEN_INACTIVE')
    server.answerWith(await server.signed({ ...beside, token_introspection: { active: 'true' } }))
    expect(await outcome(verifier.verify('three'))).toBe('INTROSPECTION_UNAVAILABLE')
  })

  verifies('RFC9701-5-c')('and of an inactive answer nothing else', async () => {
    const server = await signing()
    server.answerWith(await server.signed({ token_introspection: active(server.clock, { active: false }) }))

    expect(await outcome(server.verifier({ signedAnswers: true }).verify('one'))).toBe('TOKEN_INACTIVE')
  })
})

it('a signed answer that nobody asked for is no answer', async () => {
  const server = await signing()
  server.answerWith(await server.signed())

  expect(await outcome(server.verifier().verify('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
})

verifies('RFC9701-8.1-a')('a signed answer is no access token', async () => {
  const server = await signing()
  const claims = { aud: AUDIENCE, client_id: 'c', sub: 's', jti: 'j', exp: server.clock.nowSeconds() + 300, scope: 'a' }
  const jwt = await server.signed(claims)
  for (const profile of ['rfc9068', 'jwt'] as const) {
    const issuer = jwtIssuer({ issuer: ISSUER, keys: staticKeys(server.tokens.jwks()), profile })
    const verifier = createVerifier({ issuer, audience: AUDIENCE, system: server.system })
    expect(await outcome(verifier.verify(jwt))).toBe('TOKEN_TYPE_REJECTED')
  }
  server.answerWith(await server.signed({ token_introspection: { active: false } }))
  const asking = server.serving({ signedAnswers: true })
  expect(await asking.authenticate(requestWith(`Bearer ${jwt}`))).toMatchObject({ granted: false, status: 401 })
})

verifies('RFC9701-8.1-b')(
  'a signed answer about a token for another API, or one bound to a key, is refused',
  async () => {
    const server = await signing()
    const verifier = server.verifier({ signedAnswers: true })
    for (const [members, code] of [
      [{ aud: 'https://other.example' }, 'AUDIENCE_MISMATCH'],
      [{ cnf: { jkt: 'x' } }, 'CONFIRMATION_UNSUPPORTED'],
    ] as const) {
      server.answerWith(await server.signed({ token_introspection: active(server.clock, members) }))
      expect(await outcome(verifier.verify(code))).toBe(code)
    }
  },
)
