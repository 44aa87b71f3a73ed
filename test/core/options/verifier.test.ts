import type { VerifierOptions } from '@tokenward/core'
import { createVerifier, jwtIssuer, unsafeAnyAudience } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { outcome, scene } from '../scene.ts'
import { complaint, GOOD, thrownBy } from './complaints.ts'

describe('createVerifier', () => {
  it('takes issuer and audience, and everything else where it is good', () => {
    expect(complaint({})).toBeUndefined()
    expect(
      complaint({
        issuer: ['https://a.example', jwtIssuer({ issuer: 'https://b.example' })],
        audience: ['a', 'urn:b'],
        algorithms: ['ES256', 'Ed25519'],
        claims: z.object({}),
        clockToleranceSeconds: 0,
        maxTokenBytes: 256,
        onEvent: () => {},
        system: { now: () => 0, fetch, schedule: () => () => {}, random: () => 0 },
      }),
    ).toBeUndefined()
    expect(complaint({ clockToleranceSeconds: 300, maxTokenBytes: 1024 * 1024, system: {} })).toBeUndefined()
    expect(complaint({ audience: unsafeAnyAudience })).toBeUndefined()
  })

  it('takes undefined for what was left out', () => {
    expect(
      complaint({
        algorithms: undefined,
        claims: undefined,
        clockToleranceSeconds: undefined,
        maxTokenBytes: undefined,
        onEvent: undefined,
        system: undefined,
      }),
    ).toBeUndefined()
  })

  it('names issuer and audience where both are missing', () => {
    for (const options of [{}, { issuer: undefined, audience: undefined }, { issuer: [] }]) {
      const message = thrownBy(() => createVerifier(options as VerifierOptions)) // a cast: this is what the types forbid
      expect(message).toMatch(/^createVerifier: .*issuer is required.*audience is required/)
    }
  })

  it('names all that is wrong, at once', () => {
    const message = complaint({
      issuer: 'http://issuer.example',
      audience: '',
      algorithms: ['HS256', 'none'],
      claims: {},
      clockToleranceSeconds: 301,
      maxTokenBytes: 1,
      onEvent: 'log',
      system: { now: 1, fetch: 1, schedule: 1, random: 1 },
      audiance: 'x',
    })

    for (const name of [
      'issuer must be an https URL',
      'audience must be a non-empty string',
      'algorithms has "HS256"',
      'algorithms has "none"',
      'claims must be a Standard Schema',
      'clockToleranceSeconds must be a number from 0 to 300',
      'maxTokenBytes must be a number from 256 to 1048576',
      'onEvent must be a function',
      'system.now must be a function',
      'system.fetch must be a function',
      'system.schedule must be a function',
      'system.random must be a function',
      'unknown option "audiance"',
    ]) {
      expect(message).toContain(name)
    }
  })

  it.each([[undefined], [null], ['https://issuer.example'], [[GOOD]], [7]])('refuses %j for options', (options) => {
    expect(thrownBy(() => createVerifier(options as never))).toContain('options must be an object') // a cast, as above
  })

  it('names an option that it does not know, and those that it does', () => {
    for (const name of ['audiences', 'Issuer', 'jwksUri', 'clockTolerance', 'realm', 'secret', '__proto__x']) {
      const message = complaint({ [name]: 'x' })
      expect(message).toContain(`unknown option "${name}"`)
      expect(message).toContain('clockToleranceSeconds')
    }
    expect(complaint({ 'x\n': 1 })).toMatch(/^[\x20-\x7e]*$/)
  })

  it('does not lose options that are inherited', async () => {
    // a verifier that forgot them would fall back to its defaults without a word
    const { issuer, system } = await scene()
    const own = { issuer: issuer.issuer, audience: GOOD.audience, system }
    const options: VerifierOptions = Object.assign(Object.create({ algorithms: ['RS256'] }), own)
    const token = await issuer.mint()
    const result = await outcome(Promise.resolve().then(() => createVerifier(options).verify(token))).catch(
      (error: unknown) => error instanceof TypeError && 'TypeError',
    )

    expect(result).toMatch(/^(ALGORITHM_REJECTED|TypeError)$/)
  })

  it('keeps what it was given, whatever becomes of the object', async () => {
    const { issuer, system } = await scene()
    const audience = ['https://api.example']
    const algorithms: ('ES256' | 'RS256')[] = ['ES256']
    const options = { issuer: issuer.issuer, audience, algorithms, system }
    const verifier = createVerifier(options)
    audience[0] = 'https://attacker.example'
    algorithms[0] = 'RS256'
    Object.assign(options, { audience: unsafeAnyAudience })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({ aud: 'https://attacker.example' })))).toBe(
      'AUDIENCE_MISMATCH',
    )
    expect(() => Object.assign(verifier, { verify: () => {} })).toThrow(TypeError)
  })

  it('takes a system whose members are methods of a class', async () => {
    const { issuer, system } = await scene()
    class Surroundings {
      readonly #ms = system.now()
      readonly #fetch = issuer.fetch
      now(): number {
        return this.#ms
      }
      fetch(url: string, init: RequestInit): Promise<Response> {
        return this.#fetch(url, init)
      }
    }
    const verifier = createVerifier({ ...GOOD, system: new Surroundings() })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })
})

describe('limits', () => {
  it.each([[-1], [300.1], [301], [Infinity], [NaN], ['30'], [null], [true]])(
    'clockToleranceSeconds is no %s',
    (value) => {
      expect(complaint({ clockToleranceSeconds: value })).toContain('clockToleranceSeconds must be a number')
    },
  )

  it.each([[0], [255], [1024 * 1024 + 1], [Infinity], [NaN], ['16384'], [null]])('maxTokenBytes is no %s', (value) => {
    expect(complaint({ maxTokenBytes: value })).toContain('maxTokenBytes must be a number')
  })

  it.each([
    [null],
    [{}],
    ['zod'],
    [() => {}],
    [{ '~standard': null }],
    [{ '~standard': { version: 2, validate() {} } }],
  ])('claims is no %j', (claims) => {
    expect(complaint({ claims })).toContain('claims must be a Standard Schema')
  })

  it.each([[null], [7], ['system'], [[]]])('system is no %j', (system) => {
    expect(complaint({ system })).toContain('system must be an object')
  })
})
