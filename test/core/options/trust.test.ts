import { jwtIssuer, unsafeAnyAudience } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { complaint, issuerComplaint } from './complaints.ts'

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

describe('what JSON cannot spell', () => {
  it('is named by its type', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const spelt = [
      [1n, 'bigint'],
      [cyclic, 'object'],
      [Symbol('x'), 'symbol'],
      [() => {}, 'function'],
    ] as const
    for (const [value, type] of spelt) {
      expect(complaint({ algorithms: [value] })).toContain(`algorithms has "${type}"`)
      expect(complaint({ issuer: value })).toContain(`but is "${type}"`)
    }
  })
})

describe('audience', () => {
  verifies('RFC8707-2-a')('has no fragment where it is a URI', () => {
    expect(complaint({ audience: 'https://api.example/#part' })).toContain('must not have a fragment')
    expect(complaint({ audience: ['https://api.example', 'urn:x#y'] })).toContain('must not have a fragment')
    expect(issuerComplaint({ audience: 'https://api.example#' })).toContain('must not have a fragment')
    expect(complaint({ audience: 'orders#1' })).toBeUndefined()
  })

  it.each([
    [''],
    [' a'],
    ['a '],
    ['a\n'],
    ['a\0b'],
    [[]],
    [['']],
    [['a', '']],
    [7],
    [null],
    [true],
    [{}],
    [['a', 7]],
    [Symbol('any')],
  ])('is a non-empty string, or a list of them, not %s', (audience) => {
    expect(complaint({ audience })).toContain('audience')
    expect(issuerComplaint({ audience })).toContain('audience')
  })

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
