import fc from 'fast-check'
import { createVerifier, isAuthError } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf, scene } from '../scene.ts'

const { issuer, clock, system, trusting, serving } = await scene()
const verifier = trusting()
const CHARACTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ \n\0\u00e9')

/** The code of the refusal; anything but an AuthError, or a failure that was not foreseen, fails the property. */
async function foreseen(token: string): Promise<string> {
  const code = await outcome(verifier.verify(token))
  expect(code).not.toBe('INTERNAL_FAULT')
  return code
}

const edit = fc.record({
  at: fc.nat(10_000),
  remove: fc.nat(3),
  insert: fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 3 }),
})

describe('a token that was changed', () => {
  verifies('RFC6750-5.2-a')('is refused, whatever was changed', async () => {
    const token = await issuer.mint()
    expect(await foreseen(token)).toBe('accepted')
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const changed = edits.reduce((text, { at, remove, insert }) => {
          const start = at % text.length
          return text.slice(0, start) + insert + text.slice(start + remove)
        }, token)
        fc.pre(changed !== token)
        expect(await foreseen(changed)).not.toBe('accepted')
      }),
      { numRuns: 500 },
    )
  })

  verifies('RFC6750-5.2-a')('is refused for every single bit of its payload and signature', async () => {
    const [header = '', payload = '', signature = ''] = (await issuer.mint()).split('.')
    const flipped = (text: string): string[] =>
      [...Buffer.from(text, 'base64url')].flatMap((_octet, at) =>
        [1, 128].map((bit) => {
          const octets = Buffer.from(text, 'base64url')
          octets[at] = (octets[at] ?? 0) ^ bit
          return octets.toString('base64url')
        }),
      )

    for (const text of flipped(payload)) expect(await foreseen(`${header}.${text}.${signature}`)).not.toBe('accepted')
    for (const text of flipped(signature)) {
      expect(await foreseen(`${header}.${payload}.${text}`)).toBe('SIGNATURE_INVALID')
    }
  })

  it('is refused where parts of two good tokens are put together', async () => {
    const [mine = [], theirs = []] = [await issuer.mint(), await issuer.mint({ sub: 'user-2' })].map((token) =>
      token.split('.'),
    )

    expect(await foreseen([mine[0], theirs[1], mine[2]].join('.'))).toBe('SIGNATURE_INVALID')
    expect(await foreseen([mine[0], mine[1], theirs[2]].join('.'))).toBe('SIGNATURE_INVALID')
  })
})

describe('text that was never a token', () => {
  const segment = fc.oneof(
    fc.string({ unit: fc.constantFrom(...CHARACTERS) }),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.uint8Array().map((octets) => Buffer.from(octets).toString('base64url')),
  )

  it.each([
    ['any text', fc.string({ unit: 'binary', maxLength: 200 })],
    ['any segments', fc.array(segment, { maxLength: 6 }).map((segments) => segments.join('.'))],
  ])('is refused as malformed and nothing else is thrown: %s', async (_what, texts) => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await foreseen(text)).toMatch(/^(TOKEN_MALFORMED|ISSUER_UNTRUSTED)$/)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    [undefined],
    [null],
    [0],
    [true],
    [{}],
    [[]],
    [{ split: 1 }],
    [Symbol('token')],
    [12n],
    [new Uint8Array(3)],
  ])('is refused where it is no text: %s', async (value) => {
    // a cast, as callers in JavaScript make none
    expect(await foreseen(value as string)).toBe('TOKEN_MALFORMED')
  })
})

describe('what a trusted key signed, however strange', () => {
  const strange = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(NaN, -0, 1e308, Number.MAX_SAFE_INTEGER, '', ' ', '\ud800', '__proto__'),
  )
  const claimNames = ['iss', 'aud', 'sub', 'client_id', 'iat', 'nbf', 'exp', 'jti', 'scope', 'scp', 'act', 'cnf', 'typ']
  const members = (names: readonly string[]) =>
    fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), strange, { maxKeys: 4 })

  it.each(['rfc9068', 'jwt'] as const)('is judged or refused under %s, never a fault', async (profile) => {
    const judge = trusting({ issuer: { profile } })
    await fc.assert(
      fc.asyncProperty(members(claimNames), members(['typ', 'kid', 'alg', 'crit', 'x']), async (claims, header) => {
        const work = judge.verify(await issuer.mint(claims, { header }))
        expect(await outcome(work)).not.toBe('INTERNAL_FAULT')
      }),
      { numRuns: 300 },
    )
  })

  it('is reported in one line of printable ASCII, and answered with fields that are legal', async () => {
    const server = serving()
    await fc.assert(
      fc.asyncProperty(members(claimNames), members(['typ', 'kid', 'alg']), async (claims, header) => {
        const token = await issuer.mint(claims, { header })
        const decision = await server.authenticate({
          method: 'GET',
          url: AUDIENCE,
          headerValues: () => [`Bearer ${token}`],
        })
        if (decision.granted) return
        expect(decision.error.message).toMatch(/^[\x20-\x7e]{1,600}$/)
        for (const [, value] of decision.headers) expect(value).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: 200 },
    )
  })
})

describe('size', () => {
  it('is refused unread above the limit, and only above it', async () => {
    const token = await issuer.mint({ padding: 'x'.repeat(1000) })
    const exact = trusting({ maxTokenBytes: token.length })
    const under = trusting({ maxTokenBytes: token.length - 1 })

    expect(await outcome(exact.verify(token))).toBe('accepted')
    expect((await refusalOf(under.verify(token))).message).toContain('maxTokenBytes')
  })

  it('is 16384 bytes where nothing was said', async () => {
    const complaint = async (text: string): Promise<string> => (await refusalOf(verifier.verify(text))).message

    expect(await complaint('a'.repeat(16_384))).not.toContain('maxTokenBytes')
    expect(await complaint('a'.repeat(16_385))).toContain('it has 16385 bytes; maxTokenBytes is 16384')
    expect(await outcome(verifier.verify(await issuer.mint({ padding: 'x'.repeat(11_000) })))).toBe('accepted')
    expect(await outcome(verifier.verify('.'.repeat(1_000_000)))).toBe('TOKEN_MALFORMED')
  })
})

describe('surroundings that fail', () => {
  it('are a 503, never a 401', async () => {
    let isBroken = false
    const now = (): number => {
      if (isBroken) throw new Error('no clock')
      return clock.now()
    }
    const broken = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, system: { ...system, now } })
    isBroken = true
    const refusal = await refusalOf(broken.verify(await issuer.mint()))

    expect(refusal).toMatchObject({ code: 'INTERNAL_FAULT', status: 503, cause: new Error('no clock') })
  })

  it.each([NaN, Infinity, -Infinity])('include a clock that says %s: no token is good then', async (now) => {
    const lost = trusting({ system: { ...system, now: () => now } })
    const error: unknown = await lost.verify(await issuer.mint()).catch((reason: unknown) => reason)

    expect(isAuthError(error) && error.code).toMatch(/^TOKEN_(EXPIRED|NOT_YET_VALID)$/)
    expect(clock.nowSeconds()).toBeGreaterThan(0)
  })
})
