import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome } from '../scene.ts'
import type { Endpoint } from './endpoint.ts'
import { active, endpoint, ENDPOINT, ISSUER, json } from './endpoint.ts'

const OTHER = 'https://other.example'
const OTHER_ENDPOINT = 'https://other.example/introspect'
const hex = (length: number): string => 'a1b2c3d4'.repeat(length / 8)

const signer = async (issuer: string): ReturnType<typeof testIssuer> => testIssuer({ issuer, algorithm: 'ES256' })

/** How often each of the two servers was asked. */
const askedBy = ({ asked }: Endpoint): readonly [number, number] => [
  asked.filter(({ url }) => url === ENDPOINT).length,
  asked.filter(({ url }) => url === OTHER_ENDPOINT).length,
]

describe('an opaque token', () => {
  it.each([
    ['plain text', 'opaque'],
    ['two parts', 'abc.def'],
    ['three parts of hex that begin with a number', `1000.${hex(32)}.${hex(32)}`],
    ['three parts that hold no JSON', 'abc.def.ghi'],
    ['five parts', 'a.b.c.d.e'],
    ['a header of JSON that is no object', `${btoa('[]').replaceAll('=', '')}.e30.x`],
    ['every character that a token may have', 'AZaz09-._~+/=='],
  ])('may look like %s', async (_, token) => {
    const server = endpoint()
    const verifier = server.verifier()

    expect(await outcome(verifier.verify(token))).toBe('accepted')
    expect(server.asked.map(({ parameters }) => parameters.get('token'))).toEqual([token])
  })

  it('is malformed where nobody is introspected, and where it is empty or too long', async () => {
    const server = endpoint()
    const jwtOnly = createVerifier({ issuer: ISSUER, audience: AUDIENCE, system: server.system })
    const verifier = server.verifier({}, { maxTokenBytes: 256 })

    expect(await outcome(jwtOnly.verify('opaque'))).toBe('TOKEN_MALFORMED')
    expect(await outcome(verifier.verify(''))).toBe('TOKEN_MALFORMED')
    expect(await outcome(verifier.verify('x'.repeat(257)))).toBe('TOKEN_MALFORMED')
    expect(await outcome(Reflect.apply(verifier.verify, verifier, [undefined]))).toBe('TOKEN_MALFORMED')
    expect(server.asked).toEqual([])
  })
})

describe('a JWT', () => {
  it('of an issuer that nobody trusts is sent nowhere', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    const stranger = await signer('https://stranger.example')

    expect(await outcome(verifier.verify(await stranger.mint()))).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(verifier.verify(await stranger.mint({ iss: undefined })))).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(verifier.verify(await stranger.mint({ iss: [ISSUER] })))).toBe('ISSUER_UNTRUSTED')
    expect([server.asked, server.fetched]).toEqual([[], []])
  })

  it('that is broken is no opaque token', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    const { signRaw } = await signer(ISSUER)
    const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt' })
    for (const token of [
      await signRaw(header, 'no JSON'),
      await signRaw(header, '[]'),
      await signRaw(JSON.stringify({ alg: 'ES256', crit: ['x'], x: 1 }), JSON.stringify({ iss: ISSUER })),
      await signRaw(JSON.stringify({ alg: 'ES256', kid: 7 }), JSON.stringify({ iss: ISSUER })),
      `${await signRaw(header, JSON.stringify({ iss: ISSUER }))}!`,
    ]) {
      expect(await outcome(verifier.verify(token))).toBe('TOKEN_MALFORMED')
    }
    expect(server.asked).toEqual([])
  })

  it('of an issuer that is only introspected is asked about there', async () => {
    const server = endpoint()
    const issuer = await signer(ISSUER)
    const token = await issuer.mint()

    expect(await outcome(server.verifier().verify(token))).toBe('accepted')
    expect(server.asked.map(({ parameters }) => parameters.get('token'))).toEqual([token])
    expect(server.fetched).toEqual([])
  })

  it('is believed for nothing that it says of itself: the answer counts', async () => {
    const server = endpoint()
    server.answer(() => json(active(server.clock, { scope: 'a', sub: 'the-answer' })))
    const issuer = await signer(ISSUER)
    const token = await server.verifier().verify(await issuer.mint({ scope: 'admin', sub: 'the-token', extra: 1 }))

    expect(token).toMatchObject({ subject: 'the-answer', scopes: ['a'] })
    expect(token.claims).not.toHaveProperty('extra')
  })
})

describe('one issuer of both kinds', () => {
  it('has its JWTs verified here and its opaque tokens introspected', async () => {
    const server = endpoint()
    const issuer = await testIssuer({ issuer: ISSUER, algorithm: 'ES256', clock: server.clock })
    const impostor = await testIssuer({ issuer: ISSUER, algorithm: 'ES256', clock: server.clock, keySeries: 'other' })
    const keys = staticKeys(issuer.jwks())
    const verifier = server.verifier({}, { issuer: [jwtIssuer({ issuer: ISSUER, keys }), server.issuer()] })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(server.asked).toHaveLength(0)
    expect(await outcome(verifier.verify('opaque'))).toBe('accepted')
    expect(server.asked).toHaveLength(1)
    for (const [token, code] of [
      [await impostor.mint(), 'SIGNATURE_INVALID'],
      [await issuer.mint({ exp: 1 }), 'TOKEN_EXPIRED'],
      [await issuer.mint({ aud: 'x' }), 'AUDIENCE_MISMATCH'],
      [await issuer.mint({}, { header: { typ: 'JWT' } }), 'TOKEN_TYPE_REJECTED'],
      [await issuer.mint({}, { header: { alg: 'none' } }), 'ALGORITHM_REJECTED'],
      [await issuer.mint({}, { header: { kid: 'unknown' } }), 'KEY_UNKNOWN'],
    ] as const) {
      expect(await outcome(verifier.verify(token))).toBe(code)
    }
    expect(server.asked).toHaveLength(1)
  })
})

describe('two introspected issuers', () => {
  const two = (server: Endpoint, one: object, other: object): ReturnType<Endpoint['verifier']> => {
    server.answer(({ url }) => json(active(server.clock, { sub: url === ENDPOINT ? 'of-one' : 'of-other' })))
    const second = server.issuer({ issuer: OTHER, endpoint: OTHER_ENDPOINT, ...other })
    return server.verifier({}, { issuer: [server.issuer(one), second] })
  }

  it('are told apart by how their tokens begin', async () => {
    const server = endpoint()
    const verifier = two(server, { tokenPrefix: 'one_' }, { tokenPrefix: 'other_' })

    expect(await verifier.verify('one_x')).toMatchObject({ issuer: ISSUER, subject: 'of-one' })
    expect(askedBy(server)).toEqual([1, 0])
    expect(await verifier.verify('other_x')).toMatchObject({ issuer: OTHER, subject: 'of-other' })
    expect(askedBy(server)).toEqual([1, 1])
  })

  it('are told apart by a function', async () => {
    const server = endpoint()
    const accepts = (token: string): boolean => /^1000\.[\da-f]+\.[\da-f]+$/.test(token)
    const verifier = two(server, { accepts }, { accepts: (token: string) => !accepts(token) })
    await verifier.verify(`1000.${hex(16)}.${hex(16)}`)
    expect(askedBy(server)).toEqual([1, 0])
    await verifier.verify('x')
    expect(askedBy(server)).toEqual([1, 1])
  })

  it('are never asked one after the other, whatever the first one says', async () => {
    for (const reply of [() => json({ active: false }), () => json({}, 500), () => json({}, 401)]) {
      const server = endpoint()
      const verifier = two(server, { tokenPrefix: 'one_' }, { tokenPrefix: 'other_' })
      server.answer(reply)
      expect(await outcome(verifier.verify('one_x'))).toMatch(/^TOKEN_INACTIVE$|^INTROSPECTION_UNAVAILABLE$/)
      expect(askedBy(server)).toEqual([1, 0])
    }
  })

  it('do not get to see a token that none of them, or each of them, takes for its own', async () => {
    const server = endpoint()
    const verifier = two(server, { tokenPrefix: 't' }, { tokenPrefix: 'to' })

    expect(await outcome(verifier.verify('x'))).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(verifier.verify('token'))).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(verifier.verify('txt'))).toBe('accepted')
    expect(askedBy(server)).toEqual([1, 0])
  })

  it('get a JWT by its iss, whatever it begins with', async () => {
    const server = endpoint()
    const verifier = two(server, { tokenPrefix: 'one_' }, { tokenPrefix: 'other_' })
    const other = await signer(OTHER)
    await verifier.verify(await other.mint())

    expect(askedBy(server)).toEqual([0, 1])
  })

  it('must be tellable apart', () => {
    const server = endpoint()

    expect(() => two(server, {}, {})).toThrow(/tokenPrefix or accepts/)
    expect(() => two(server, { tokenPrefix: 'x' }, {})).toThrow(/tokenPrefix or accepts/)
    expect(() => two(server, { tokenPrefix: 'x' }, { issuer: ISSUER, tokenPrefix: 'y' })).toThrow(/stands twice/)
  })

  it('say yes with true alone, and a function that throws refuses', async () => {
    const server = endpoint()
    const accepts = (answer: unknown) => Object.assign(() => answer, {}) as () => boolean // what JavaScript could give
    const asynchronous = two(server, { accepts: accepts(Promise.resolve(true)) }, { accepts: accepts(1) })
    expect(await outcome(asynchronous.verify('opaque'))).toBe('ISSUER_UNTRUSTED')

    const throwing = server.verifier({
      accepts: () => {
        throw new Error('x')
      },
    })
    expect(await outcome(throwing.verify('opaque'))).toBe('INTERNAL_FAULT')
    expect(server.asked).toEqual([])
  })
})

it('a single issuer with a prefix is not shown other tokens', async () => {
  const server = endpoint()
  const verifier = server.verifier({ tokenPrefix: 'mine_' })

  expect(await outcome(verifier.verify('yours_x'))).toBe('ISSUER_UNTRUSTED')
  expect(await outcome(verifier.verify('mine_x'))).toBe('accepted')
  expect(server.asked).toHaveLength(1)
})

it('the answers of one issuer are no answers of another, warm cache and shared store included', async () => {
  const server = endpoint()
  const store = new Map<string, string>()
  const shared = {
    get: async (key: string) => store.get(key),
    set: async (key: string, value: string) => void store.set(key, value),
  }
  server.answer(({ url }) => json(url === ENDPOINT ? active(server.clock) : { active: false }))
  const resourceOfOne = server.verifier({ cache: { shared } })
  const resourceOfOther = server.verifier({ issuer: OTHER, endpoint: OTHER_ENDPOINT, cache: { shared } })

  expect(await outcome(resourceOfOne.verify('opaque'))).toBe('accepted')
  expect(await outcome(resourceOfOther.verify('opaque'))).toBe('TOKEN_INACTIVE')
  expect(askedBy(server)).toEqual([1, 1])
})

it('nobody is asked until a token comes', async () => {
  const server = endpoint()
  const verifier = server.verifier({ endpoint: undefined })
  expect(verifier.status().issuers).toHaveLength(1)
  await server.clock.advance(3600)

  expect([server.asked, server.fetched]).toEqual([[], []])
})
