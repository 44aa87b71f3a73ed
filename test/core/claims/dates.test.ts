import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, scene } from '../scene.ts'

const { issuer, clock, trusting } = await scene()
const now = clock.nowSeconds()
const exact = trusting({ clockToleranceSeconds: 0 })
const usual = trusting()
const generous = trusting({ clockToleranceSeconds: 300 })

/** A good token, but that these members stand in the JSON as they are written here. */
async function tokenWith(members: Readonly<Record<string, string>>): Promise<string> {
  const claims: Readonly<Record<string, string>> = {
    iss: `"${issuer.issuer}"`,
    aud: '"https://api.example"',
    sub: '"user-1"',
    client_id: '"client-1"',
    jti: '"1"',
    iat: String(now),
    exp: String(now + 300),
    ...members,
  }
  const text = Object.entries(claims).map(([name, value]) => `"${name}":${value}`)
  return issuer.signRaw(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: issuer.kid }), `{${text.join(',')}}`)
}

const NO_DATES = ['"1800000100"', '""', 'null', 'true', 'false', '[]', '[1800000100]', '{}', '1e400', '-1e400']

describe('a date', () => {
  verifies('RFC7519-4.1.4-b')('is a finite number: nothing else is taken for one', async () => {
    for (const name of ['exp', 'nbf', 'iat']) {
      for (const text of NO_DATES) {
        const code = await outcome(generous.verify(await tokenWith({ [name]: text })))
        expect([name, text, code]).toEqual([name, text, 'CLAIM_INVALID'])
      }
    }
    expect(
      await outcome(exact.verify(await tokenWith({ exp: `${now}.5`, nbf: `${now}.0`, iat: `${now - 1}.5` }))),
    ).toBe('accepted')
  })

  it('is named with what it was, and not with its value', async () => {
    const { message } = await refusalOf(usual.verify(await tokenWith({ exp: '"1800000100"' })))

    expect(message).toBe('exp must be a number of seconds, but is string')
    expect((await refusalOf(usual.verify(await tokenWith({ exp: '1e400' })))).message).toContain('not finite')
    expect((await refusalOf(usual.verify(await tokenWith({ nbf: 'null' })))).message).toContain('null')
    expect((await refusalOf(usual.verify(await tokenWith({ iat: '[]' })))).message).toContain('an array')
  })
})

describe('exp', () => {
  it.each(['-1', '0', '-0', '1.5', '1e-300', '-1e308', '1'])('%s is long past', async (exp) => {
    expect(await outcome(generous.verify(await tokenWith({ exp })))).toBe('TOKEN_EXPIRED')
  })

  it('far away is accepted', async () => {
    expect((await usual.verify(await tokenWith({ exp: '1e308' }))).expiresAt).toBe(1e308)
  })

  verifies(
    'RFC7519-4.1.4-a',
    'RFC9068-4-g',
    'RFC6750-3.1-d',
  )('is the first moment at which a token is no good', async () => {
    expect(await outcome(exact.verify(await tokenWith({ exp: String(now) })))).toBe('TOKEN_EXPIRED')
    expect(await outcome(exact.verify(await tokenWith({ exp: `${now}.001` })))).toBe('accepted')
    expect(await outcome(exact.verify(await tokenWith({ exp: String(now - 1) })))).toBe('TOKEN_EXPIRED')
  })

  verifies('RFC7519-4.1.4-c')('is stretched by the tolerance: 30 s, or what was set', async () => {
    expect(await outcome(usual.verify(await tokenWith({ exp: String(now - 29) })))).toBe('accepted')
    expect(await outcome(usual.verify(await tokenWith({ exp: String(now - 30) })))).toBe('TOKEN_EXPIRED')
    expect(await outcome(generous.verify(await tokenWith({ exp: String(now - 299) })))).toBe('accepted')
    expect(await outcome(generous.verify(await tokenWith({ exp: String(now - 300) })))).toBe('TOKEN_EXPIRED')
    expect(() => trusting({ clockToleranceSeconds: 301 })).toThrow('clockToleranceSeconds')
  })

  it('is told to the operator in seconds', async () => {
    const { message } = await refusalOf(usual.verify(await tokenWith({ exp: String(now - 90) })))

    expect(message).toBe('the token expired 90 s ago (tolerance 30 s)')
  })

  it('is held against the clock of every call', async () => {
    const { issuer: own, clock: moving, trusting: verifierOf } = await scene()
    const token = await own.mint()
    const verifier = verifierOf()

    expect(await outcome(verifier.verify(token))).toBe('accepted')
    await moving.advance(329)
    expect(await outcome(verifier.verify(token))).toBe('accepted')
    await moving.advance(1)
    expect(await outcome(verifier.verify(token))).toBe('TOKEN_EXPIRED')
  })
})

describe.each(['nbf', 'iat'])('%s', (name) => {
  it('may be now or past, not later than the tolerance', async () => {
    for (const [verifier, tolerance] of [
      [exact, 0],
      [usual, 30],
      [generous, 300],
    ] as const) {
      expect(await outcome(verifier.verify(await tokenWith({ [name]: String(now + tolerance) })))).toBe('accepted')
      expect(await outcome(verifier.verify(await tokenWith({ [name]: `${now + tolerance}.001` })))).toBe(
        'TOKEN_NOT_YET_VALID',
      )
    }
    for (const past of ['0', '-1', '1.5']) {
      expect(await outcome(exact.verify(await tokenWith({ [name]: past })))).toBe('accepted')
    }
  })

  it('is named where it lies ahead', async () => {
    const { message } = await refusalOf(usual.verify(await tokenWith({ [name]: String(now + 90) })))

    expect(message).toBe(`${name} lies 90 s in the future (tolerance 30 s)`)
  })
})

verifies('RFC7519-4.1.5-a')('a token is good from nbf on', async () => {
  expect(await outcome(exact.verify(await tokenWith({ nbf: String(now) })))).toBe('accepted')
  expect(await outcome(exact.verify(await tokenWith({ nbf: String(now + 1) })))).toBe('TOKEN_NOT_YET_VALID')
  expect(await outcome(usual.verify(await tokenWith({ nbf: String(now + 31) })))).toBe('TOKEN_NOT_YET_VALID')
})
