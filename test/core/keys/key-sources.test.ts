import { createVerifier, jwtIssuer, remoteKeys, staticKeys } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, scene } from '../scene.ts'
import { rsaKey } from './published.ts'

const { issuer, system } = await scene()
const [publicKey = {}] = issuer.jwks().keys

describe('staticKeys', () => {
  const verifierWith = (keys: readonly object[]) =>
    createVerifier({
      issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys({ keys }) }),
      audience: AUDIENCE,
      system,
    })

  it('verifies with what it was given and fetches nothing', async () => {
    const asked = issuer.requests.length
    const verifier = verifierWith([publicKey])
    await verifier.warmUp()

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({}, { header: { kid: 'nobody' } })))).toBe('KEY_UNKNOWN')
    expect(verifier.status().issuers).toMatchObject([{ issuer: issuer.issuer, state: 'fresh', keyCount: 1 }])
    expect(issuer.requests).toHaveLength(asked)
    expect(verifier.exportKeys()).toEqual([])
    await verifier.close()
  })

  it('passes over keys that cannot verify, beside one that can', async () => {
    const verifier = verifierWith([{ kty: 'AKP', kid: 'x' }, { ...publicKey, kid: 'y', use: 'enc' }, publicKey])

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(verifier.status().issuers[0]?.keyCount).toBe(1)
  })

  it('does not change when the object does that it was made from', async () => {
    const jwks = { keys: [publicKey] }
    const verifier = createVerifier({
      issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys(jwks) }),
      audience: AUDIENCE,
      system,
    })
    jwks.keys.length = 0

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })

  it('of a point that is not on its curve verifies nothing', async () => {
    const verifier = verifierWith([{ ...publicKey, y: Reflect.get(publicKey, 'x') }])

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('SIGNATURE_INVALID')
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', [publicKey]],
    ['one key', publicKey],
    ['no keys', { keys: [] }],
    ['keys that are no list', { keys: {} }],
    ['65 keys', { keys: Array(65).fill(publicKey) }],
    ['JSON text', JSON.stringify({ keys: [publicKey] })],
  ])('refuses %s', (_what, jwks) => {
    // a cast, as callers in JavaScript make none
    expect(() => staticKeys(jwks as never)).toThrow(
      new TypeError('staticKeys: an object with a keys array of 1 to 64 keys is required'),
    )
  })

  verifies('RFC8725-3.5-a')('refuses secrets: private keys, and passwords of any length', () => {
    const secrets = [
      { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: 'password' },
      { kty: 'oct', k: Buffer.alloc(64, 1).toString('base64url'), kid: 'long' },
      { ...publicKey, d: 'AAAA', kid: 'private' },
      { ...rsaKey(2048, 'rsa').publicKey, d: 'AAAA', p: 'AAAA' },
    ]
    for (const secret of secrets) {
      expect(() => staticKeys({ keys: [secret] })).toThrow(TypeError)
      expect(() => staticKeys({ keys: [publicKey, secret] })).toThrow('private or symmetric key material')
      expect(() => staticKeys({ keys: [publicKey, secret] })).not.toThrow('c2VjcmV0')
    }
  })

  it('names every key that cannot be used, where none can', () => {
    const keys = [
      { kty: 'AKP', kid: 'one' },
      { ...publicKey, use: 'enc', kid: 'two' },
      { ...publicKey, kid: 'th\nree', d: 'AAAA' },
      { kty: 'AKP' },
    ]

    expect(() => staticKeys({ keys })).toThrow(
      'staticKeys: the key with kid "one" cannot be used: its kty is missing or unknown; ' +
        'the key with kid "two" cannot be used: its use is not sig; ' +
        'the key with kid "th\\nree" cannot be used: it holds private or symmetric key material; ' +
        'the key without kid cannot be used: its kty is missing or unknown',
    )
  })
})

describe('remoteKeys', () => {
  it.each([
    ['nothing', undefined, 'absolute URL'],
    ['a path', '/jwks', 'absolute URL'],
    ['an URL object', new URL('https://issuer.example/jwks'), 'absolute URL'],
    ['http', 'http://issuer.example/jwks', 'https'],
    ['http on a loopback host', 'http://localhost:8080/jwks', 'allowLoopbackHttp'],
    ['another scheme', 'ftp://issuer.example/jwks', 'https'],
    ['credentials', 'https://user:secret@issuer.example/jwks', 'credentials'],
  ])('refuses %s', (_what, url, problem) => {
    // a cast, as callers in JavaScript make none
    expect(() => remoteKeys(url as never)).toThrow(TypeError)
    expect(() => remoteKeys(url as never)).toThrow(problem)
    expect(() => remoteKeys(url as never)).not.toThrow('secret')
  })

  it.each(['http://localhost:8080/jwks', 'http://127.0.0.1/jwks', 'http://127.9.9.9/jwks', 'http://[::1]:9/jwks'])(
    'takes %s where that was asked for',
    (url) => {
      expect(remoteKeys(url, { allowLoopbackHttp: true }).open).toBeTypeOf('function')
    },
  )

  it.each([
    'http://issuer.example/jwks',
    'http://127.0.0.1.example/jwks',
    'http://localhost.example/',
    'http://0.0.0.0/',
  ])('does not take %s even then', (url) => {
    expect(() => remoteKeys(url, { allowLoopbackHttp: true })).toThrow('https')
  })

  it('names every problem at once, unknown options included', () => {
    expect(() => remoteKeys('http://x', { allowLoopback: true } as never)).toThrow(
      /unknown option "allowLoopback".*url/,
    )
    expect(() => remoteKeys('https://x', null as never)).toThrow('options must be an object')
    expect(() => remoteKeys('https://x', [] as never)).toThrow('options must be an object')
  })

  it('does no I/O', async () => {
    const asked = issuer.requests.length
    createVerifier({
      issuer: [
        jwtIssuer({ issuer: issuer.issuer, keys: remoteKeys('https://issuer.example/jwks') }),
        'https://b.example',
      ],
      audience: AUDIENCE,
      system,
    })
    await system.advance(0)

    expect(issuer.requests).toHaveLength(asked)
  })
})
