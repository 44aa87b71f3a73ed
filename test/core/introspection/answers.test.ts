import type { ErrorCode } from '@tokenward/core'
import { scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf, requestWith } from '../scene.ts'
import { active, endpoint, ISSUER, json } from './endpoint.ts'

type Members = Readonly<Record<string, unknown>>
type Options = Parameters<ReturnType<typeof endpoint>['verifier']>[0]

/** What becomes of a token about which the server says this. */
async function judged(members: Members, options?: Options): Promise<ErrorCode | 'accepted'> {
  const server = endpoint()
  server.answer(() => json(active(server.clock, members)))
  return outcome(server.verifier(options).verify('opaque'))
}

const NOW = endpoint().clock.nowSeconds()

it('a good answer becomes an access token', async () => {
  const server = endpoint()
  const members = { iss: ISSUER, jti: 'id-1', iat: NOW, scope: 'orders:read orders:write', act: { sub: 'service' } }
  server.answer(() => json(active(server.clock, members)))

  const token = await server.verifier().verify('opaque')
  expect(token).toMatchObject({
    issuer: ISSUER,
    subject: 'user-1',
    clientId: 'client-1',
    audience: [AUDIENCE],
    scopes: ['orders:read', 'orders:write'],
    issuedAt: NOW,
    expiresAt: NOW + 300,
    id: 'id-1',
    actor: { subject: 'service' },
  })
  expect(token.raw).toBe('opaque')
  expect(JSON.stringify(token)).not.toContain('opaque')
})

describe('active', () => {
  verifies('RFC7662-2.2-a')('is the boolean true or the boolean false, or there was no answer', async () => {
    for (const answer of [{}, [], { active: 'true' }, { active: 1 }, { active: null }, { active: [true] }, 'x', null]) {
      const server = endpoint()
      server.answer(() => json(answer))
      const refusal = await refusalOf(server.verifier().verify('opaque'))
      expect([answer, refusal.code, refusal.status]).toEqual([answer, 'INTROSPECTION_UNAVAILABLE', 503])
      expect(server.events[0]).toMatchObject({ type: 'introspection-failed', issuer: ISSUER })
    }
  })

  verifies('RFC7662-2.2-a')('does not count where it is inherited or under another name', async () => {
    for (const body of ['{"__proto__":{"active":true}}', '{"Active":true}', '{"data":{"active":true}}']) {
      const server = endpoint()
      server.answer(() => new Response(body, { headers: { 'content-type': 'application/json' } }))
      expect(await outcome(server.verifier().verify('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    }
  })

  verifies('RFC7662-2.2-b', 'RFC6750-3.1-e')('false refuses, whatever else is said', async () => {
    const server = endpoint()
    const api = server.serving()
    for (const answer of [{ active: false }, active(server.clock, { active: false })]) {
      server.answer(() => json(answer))
      const decision = await api.authenticate(requestWith(`Bearer opaque-${Object.keys(answer).length}`))
      if (decision.granted) throw new Error('granted')
      expect(decision).toMatchObject({
        status: 401,
        error: { code: 'TOKEN_INACTIVE' },
        body: { error: 'invalid_token' },
      })
      const challenge = decision.headers.find(([name]) => name.toLowerCase() === 'www-authenticate')?.[1]
      expect(challenge).toMatch(/^Bearer .*error="invalid_token"/)
    }
  })
})

describe('scope', () => {
  verifies('RFC7662-2.2-c')('is a string of scopes', async () => {
    const server = endpoint()
    server.answer(() => json(active(server.clock, { scope: 'a b  c a' })))
    const api = server.serving()
    const token = await api.verifier.verify('opaque')

    expect(token.scopes).toEqual(['a', 'b', 'c'])
    expect(api.authorize(token, scopes('c')).granted).toBe(true)
    expect(api.authorize(token, scopes('d'))).toMatchObject({ granted: false, status: 403 })
  })

  verifies('RFC7662-2.2-c')('is no list, number or null', async () => {
    for (const scope of [['orders:read'], 7, null, {}, true]) expect(await judged({ scope })).toBe('CLAIM_INVALID')
  })

  it('that is missing grants nothing', async () => {
    const server = endpoint()
    server.answer(() => json(active(server.clock, { scope: undefined })))

    expect((await server.verifier().verify('opaque')).scopes).toEqual([])
  })
})

describe('what the answer says is checked here too', () => {
  const table: readonly (readonly [string, Members, ErrorCode | 'accepted'])[] = [
    ['iss of the issuer', { iss: ISSUER }, 'accepted'],
    ['iss missing', { iss: undefined }, 'accepted'],
    ['iss of another', { iss: 'https://other.example' }, 'ISSUER_UNTRUSTED'],
    ['iss with a slash', { iss: `${ISSUER}/` }, 'ISSUER_UNTRUSTED'],
    ['iss null', { iss: null }, 'ISSUER_UNTRUSTED'],
    ['iss in a list', { iss: [ISSUER] }, 'ISSUER_UNTRUSTED'],
    ['aud in a list', { aud: ['https://other.example', AUDIENCE] }, 'accepted'],
    ['aud missing', { aud: undefined }, 'CLAIM_MISSING'],
    ['aud of another', { aud: 'https://other.example' }, 'AUDIENCE_MISMATCH'],
    ['aud in part', { aud: `${AUDIENCE}/orders` }, 'AUDIENCE_MISMATCH'],
    ['aud empty', { aud: [] }, 'AUDIENCE_MISMATCH'],
    ['aud null', { aud: null }, 'CLAIM_INVALID'],
    ['exp past', { exp: NOW - 31 }, 'TOKEN_EXPIRED'],
    ['exp within the tolerance', { exp: NOW - 29 }, 'accepted'],
    ['exp zero', { exp: 0 }, 'TOKEN_EXPIRED'],
    ['exp negative', { exp: -1 }, 'TOKEN_EXPIRED'],
    ['exp as text', { exp: String(NOW + 300) }, 'CLAIM_INVALID'],
    ['exp null', { exp: null }, 'CLAIM_INVALID'],
    ['exp false', { exp: false }, 'CLAIM_INVALID'],
    ['exp missing', { exp: undefined }, 'accepted'],
    ['nbf ahead', { nbf: NOW + 31 }, 'TOKEN_NOT_YET_VALID'],
    ['nbf past', { nbf: NOW - 1 }, 'accepted'],
    ['nbf as text', { nbf: String(NOW) }, 'CLAIM_INVALID'],
    ['iat ahead', { iat: NOW + 31 }, 'TOKEN_NOT_YET_VALID'],
    ['sub null', { sub: null }, 'CLAIM_INVALID'],
    ['sub missing', { sub: undefined }, 'accepted'],
    ['sub a number', { sub: 1 }, 'CLAIM_INVALID'],
    ['client_id null', { client_id: null }, 'CLAIM_INVALID'],
    ['client_id missing', { client_id: undefined }, 'accepted'],
    ['jti null', { jti: null }, 'CLAIM_INVALID'],
    ['act a string', { act: 'service' }, 'CLAIM_INVALID'],
    ['act null', { act: null }, 'CLAIM_INVALID'],
    ['username null', { username: null, user_id: null, email: null }, 'accepted'],
  ]
  for (const [what, members, expected] of table) {
    verifies('RFC7662-2.2-f')(`${what}: ${expected}`, async () => {
      expect(await judged(members)).toBe(expected)
    })
  }

  verifies('RFC7662-2.2-f', 'RFC9701-8.1-b')('also when it is remembered: a token expires meanwhile', async () => {
    const server = endpoint()
    server.answer(() => json(active(server.clock, { exp: NOW + 5 })))
    const verifier = server.verifier({}, { clockToleranceSeconds: 0 })

    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    await server.clock.advance(6)
    expect(await outcome(verifier.verify('opaque'))).toBe('TOKEN_EXPIRED')
  })
})

describe('a token that may be meant for any API', () => {
  it('is taken where the server is said to check the audience, but never with a foreign one', async () => {
    const options = { audienceFrom: 'server' } as const

    expect(await judged({ aud: undefined }, options)).toBe('accepted')
    expect(await judged({ aud: 'https://other.example' }, options)).toBe('AUDIENCE_MISMATCH')
    expect(await judged({ aud: null }, options)).toBe('CLAIM_INVALID')
    expect(await judged({ aud: undefined }, { audienceFrom: 'response' })).toBe('CLAIM_MISSING')
  })

  it('is judged by the audience of its issuer where that has one', async () => {
    expect(await judged({ aud: 'https://own.example' }, { audience: 'https://own.example' })).toBe('accepted')
    expect(await judged({}, { audience: 'https://own.example' })).toBe('AUDIENCE_MISMATCH')
  })
})

describe('a token that is bound to a key', () => {
  verifies('RFC8705-3.2-a')('is never taken as a bearer token', async () => {
    for (const cnf of [{ 'x5t#S256': 'abc' }, { jkt: 'abc' }, {}, null, [], { jkt: 'abc', other: 1 }]) {
      expect(await judged({ cnf })).toBe('CONFIRMATION_UNSUPPORTED')
    }
    expect(await judged({ cnf: { jkt: 'abc' }, token_type: 'DPoP' })).toBe('CONFIRMATION_UNSUPPORTED')
  })
})

describe('a token of another kind', () => {
  it.each(['refresh_token', 'refresh', 'id_token', 'mac', '', 7, null, ['Bearer']])(
    'is refused: token_type %j',
    async (type) => {
      expect(await judged({ token_type: type })).toBe('TOKEN_TYPE_REJECTED')
    },
  )

  it.each(['Bearer', 'bearer', 'BEARER', 'access_token'])('is not what token_type %s says', async (type) => {
    expect(await judged({ token_type: type })).toBe('accepted')
  })

  it.each([
    { token_use: 'refresh' },
    { token_use: 'id' },
    { typ: 'Refresh' },
    { typ: 'ID' },
    { nonce: 'x' },
    { at_hash: 'x' },
    { events: {} },
  ])('is refused: %j', async (members) => {
    expect(await judged(members)).toBe('TOKEN_TYPE_REJECTED')
  })

  it('is refused by members that it lacks, where those are required', async () => {
    expect(await judged({}, { requires: ['username'] })).toBe('CLAIM_MISSING')
    expect(await judged({ username: 'u' }, { requires: ['username', 'sub'] })).toBe('accepted')
    expect(await judged({}, { requires: ['toString'] })).toBe('CLAIM_MISSING')
  })
})

describe('other members', () => {
  verifies('RFC7662-2.2-d')('are there for the handler', async () => {
    const server = endpoint()
    const more = { username: 'jo', roles: ['a'], 'https://ns.example/x': { deep: [1, null] }, user_id: null }
    server.answer(() => json(active(server.clock, more)))

    expect((await server.verifier().verify('opaque')).claims).toMatchObject(more)
  })

  it('cannot be changed, for this request or for later ones', async () => {
    const server = endpoint()
    server.answer(() => json(active(server.clock, { realm: { roles: ['reader'] } })))
    const verifier = server.verifier({}, { claims: z.looseObject({ realm: z.unknown() }) })
    const plain = server.verifier()
    for (const one of [verifier, plain]) {
      const { claims } = await one.verify('opaque')
      const roles: unknown = Reflect.get(Object(claims['realm']), 'roles')
      if (!Array.isArray(roles)) throw new Error('no roles')
      expect(() => roles.push('admin')).toThrow(TypeError)
      expect((await one.verify('opaque')).claims).toMatchObject({ realm: { roles: ['reader'] } })
    }
  })

  it('pass the schema of the claims, on every call', async () => {
    const server = endpoint()
    const verifier = server.verifier({}, { claims: z.object({ tenant: z.string() }) })
    expect(await outcome(verifier.verify('opaque'))).toBe('CLAIM_INVALID')
    expect(await outcome(verifier.verify('opaque'))).toBe('CLAIM_INVALID')

    server.answer(() => json(active(server.clock, { tenant: 't' })))
    expect((await verifier.verify('another')).claims).toEqual({ tenant: 't' })
  })

  verifies('RFC7662-5-a')('are disclosed to nobody by a refusal', async () => {
    const secrets = { username: 'jo-secret', email: 'jo@secret.example', phone: '+49-secret', sub: 'sub-secret' }
    for (const wrong of [{ exp: 0 }, { aud: 'aud-secret' }, { scope: ['scope-secret'] }, { iss: 'iss-secret' }]) {
      const server = endpoint()
      server.answer(() => json(active(server.clock, { ...secrets, ...wrong })))
      const decision = await server.serving().authenticate(requestWith('Bearer opaque-secret'))
      if (decision.granted) throw new Error('granted')

      expect(decision.status).toBe(401)
      expect(JSON.stringify([decision.headers, decision.body])).not.toContain('secret')
      const told = server.events.map((event) => ('message' in event ? event.message : '')).join()
      expect(told).not.toMatch(/jo-secret|jo@secret|49-secret|opaque-secret|scope-secret/)
    }
  })
})
