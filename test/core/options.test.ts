import type { JwtIssuerOptions, VerifierOptions } from '@tokenward/core'
import {
  createResourceServer,
  createVerifier,
  jwtIssuer,
  remoteKeys,
  staticKeys,
  unsafeAnyAudience,
} from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verifies } from '../requirements/verifies.ts'
import { outcome, requestWith, scene } from './scene.ts'

const GOOD = { issuer: 'https://issuer.example', audience: 'https://api.example' }

// Options come in as `unknown`, as they do from JavaScript and from configuration files.

/** What createVerifier says to these changes of good options; undefined where it says nothing. */
function complaint(changes: unknown): string | undefined {
  return thrownBy(() => createVerifier({ ...GOOD, ...Object(changes) }))
}

function issuerComplaint(changes: unknown): string | undefined {
  return thrownBy(() => jwtIssuer({ issuer: GOOD.issuer, ...Object(changes) }))
}

function thrownBy(make: () => unknown): string | undefined {
  try {
    make()
    return undefined
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
}

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

describe('issuer', () => {
  verifies('RFC8414-2-a')('is an https URL without query and fragment', () => {
    for (const [issuer, problem] of [
      ['http://issuer.example', 'https'],
      ['http://localhost:8080', 'allowLoopbackHttp'],
      ['ftp://issuer.example', 'https'],
      ['issuer.example', 'absolute URL'],
      ['', 'absolute URL'],
      ['https://', 'absolute URL'],
      ['https://issuer.example?x', 'no query'],
      ['https://issuer.example/?', 'no query'],
      ['https://issuer.example#x', 'no fragment'],
      ['https://issuer.example/#', 'no fragment'],
      ['https://user@issuer.example', 'credentials'],
      ['https://:secret@issuer.example', 'credentials'],
      ['https://issuer.example ', 'absolute URL'],
      [' https://issuer.example', 'absolute URL'],
      ['https://issuer.\nexample', 'absolute URL'],
    ] as const) {
      expect([issuer, complaint({ issuer })]).toEqual([issuer, expect.stringContaining(problem)])
      expect([issuer, issuerComplaint({ issuer })]).toEqual([issuer, expect.stringContaining(problem)])
      expect([issuer, complaint({ issuer: ['https://a.example', issuer] })]).toEqual([
        issuer,
        expect.stringContaining(problem),
      ])
    }
  })

  it.each([[null], [7], [true], [{}], [{ issuer: 'https://a.example' }], [new URL('https://a.example')], [() => {}]])(
    'is a string or an issuer, not %j',
    (issuer) => {
      expect(complaint({ issuer })).toContain('issuer')
      expect(complaint({ issuer: [issuer] })).toContain('issuer')
      expect(issuerComplaint({ issuer })).toContain('issuer')
    },
  )

  it('stands once', () => {
    const twice = ['https://a.example', jwtIssuer({ issuer: 'https://a.example' })]

    expect(complaint({ issuer: twice })).toContain('issuer "https://a.example" stands twice')
    expect(complaint({ issuer: ['https://a.example', 'https://a.example/'] })).toBeUndefined()
  })
})

describe('audience', () => {
  verifies('RFC8707-2-a')('has no fragment where it is a URI', () => {
    expect(complaint({ audience: 'https://api.example/#part' })).toContain('must not have a fragment')
    expect(complaint({ audience: ['https://api.example', 'urn:x#y'] })).toContain('must not have a fragment')
    expect(issuerComplaint({ audience: 'https://api.example#' })).toContain('must not have a fragment')
    expect(complaint({ audience: 'orders#1' })).toBeUndefined()
  })

  it.each([[''], [[]], [['']], [['a', '']], [7], [null], [true], [{}], [['a', 7]], [Symbol('any')]])(
    'is a non-empty string, or a list of them, not %s',
    (audience) => {
      expect(complaint({ audience })).toContain('audience')
      expect(issuerComplaint({ audience })).toContain('audience')
    },
  )

  verifies('RFC8725-3.9-a')('is required, but where every issuer brings its own', () => {
    const own = jwtIssuer({ issuer: 'https://a.example', audience: 'a' })
    const none = jwtIssuer({ issuer: 'https://b.example' })

    expect(complaint({ audience: undefined })).toContain('audience is required')
    expect(complaint({ issuer: own, audience: undefined })).toBeUndefined()
    expect(complaint({ issuer: [own], audience: undefined })).toBeUndefined()
    expect(complaint({ issuer: none, audience: undefined })).toContain('audience is required')
    expect(complaint({ issuer: [own, none], audience: undefined })).toContain('audience is required')
    expect(complaint({ issuer: [own, 'https://c.example'], audience: undefined })).toContain('audience is required')
  })

  it('can only be waived by the symbol itself', () => {
    for (const audience of [false, [unsafeAnyAudience], Symbol('tokenward.unsafeAnyAudience')]) {
      expect(complaint({ audience })).toContain('audience')
    }
    expect(unsafeAnyAudience).toBe(Symbol.for('tokenward.unsafeAnyAudience'))
  })
})

describe('algorithms', () => {
  verifies(
    '8725bis-3.1-e',
    'RFC8725-3.2-b',
    'RFC7518-3.6-a',
  )('are a list of allowed ones: none and secrets are not possible', () => {
    for (const name of [
      'none',
      'None',
      'HS256',
      'HS512',
      'RS1',
      'ES256K',
      'RSA-OAEP',
      'dir',
      '!RS256',
      '*',
      'rs256',
      '',
      7,
      null,
    ]) {
      expect([name, complaint({ algorithms: [name] })]).toEqual([name, expect.stringContaining('algorithms has')])
      expect([name, issuerComplaint({ algorithms: ['RS256', name] })]).toEqual([
        name,
        expect.stringContaining('algorithms has'),
      ])
    }
    for (const name of ['forbiddenAlgorithms', 'excludeAlgorithms', 'allowNone']) {
      expect(complaint({ [name]: ['none'] })).toContain('unknown option')
    }
  })

  it.each([[[]], ['RS256'], [null], [{}], [7], [new Set(['RS256'])]])(
    'are a list with one at least, not %j',
    (algorithms) => {
      expect(complaint({ algorithms })).toContain('algorithms must be a list with at least one algorithm')
      expect(issuerComplaint({ algorithms })).toContain('algorithms must be a list with at least one algorithm')
    },
  )
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

describe('createResourceServer', () => {
  const verifier = createVerifier(GOOD)
  const serverComplaint = (options: unknown): string | undefined =>
    thrownBy(() => createResourceServer(options as never)) // a cast: options come as unknown here

  it('takes the options of a verifier, or a verifier', () => {
    expect(serverComplaint({ ...GOOD, realm: 'orders', anonymous: 'pass' })).toBeUndefined()
    expect(serverComplaint({ verifier, realm: 'orders', anonymous: 'refuse', onEvent: () => {} })).toBeUndefined()
    expect(serverComplaint({ verifier, system: { now: () => 0 } })).toBeUndefined()
  })

  it('names all that is wrong, those of the verifier included', () => {
    const message = serverComplaint({ realm: '\n', anonymous: true, audiance: 'x' })

    for (const name of [
      'realm must be printable ASCII',
      'anonymous must be "refuse" or "pass"',
      'issuer is required',
      'audience is required',
      'unknown option "audiance"',
    ]) {
      expect(message).toContain(name)
    }
  })

  it('takes no options of a verifier beside a verifier', () => {
    for (const name of ['issuer', 'audience', 'algorithms', 'claims', 'clockToleranceSeconds', 'x']) {
      expect(serverComplaint({ verifier, [name]: 'x' })).toContain(`unknown option "${name}"`)
    }
    expect(serverComplaint({ verifier, onEvent: 7, system: { now: 7 } })).toMatch(/onEvent.*system\.now/)
    expect(serverComplaint({ verifier, system: {} })).toContain('system.now')
    expect(serverComplaint({ verifier, system: null })).toContain('system.now')
  })

  it.each([[undefined], [null], [{}], [{ verify() {} }], ['verifier'], [() => {}]])(
    'takes no %s for a verifier',
    (value) => {
      expect(serverComplaint({ verifier: value })).toContain('verifier must come from createVerifier')
    },
  )

  it.each([[undefined], [null], ['x'], [[]]])('refuses %j for options', (options) => {
    expect(serverComplaint(options)).toContain('createResourceServer: options must be an object')
  })

  it.each([[7], [null], [true], [['api']]])('refuses %j for a realm', (realm) => {
    expect(serverComplaint({ ...GOOD, realm })).toContain('realm must be printable ASCII')
  })

  it('makes a server that can be used at once', async () => {
    const { issuer, system } = await scene()
    const server = createResourceServer({ ...GOOD, system })

    expect((await server.authenticate(requestWith(`Bearer ${await issuer.mint()}`))).granted).toBe(true)
    await server.close()
  })
})
