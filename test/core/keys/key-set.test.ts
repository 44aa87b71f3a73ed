import type { JWK } from 'jose'
import type { TestAlgorithm } from '@tokenward/testing'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { reading, rsaKey } from './published.ts'

/** A public key that says nothing of its purpose. */
async function bareKey(algorithm: TestAlgorithm): Promise<JWK> {
  const { publicKey } = await testIssuer({ algorithm, issuer: `https://${algorithm.toLowerCase()}.example` })
  const { alg: _alg, use: _use, ...members } = publicKey
  return { ...members, kid: 'odd' }
}

const rsaJwk = rsaKey(2048, 'odd').publicKey
const [ecJwk, okpJwk, p384Jwk] = [await bareKey('ES256'), await bareKey('Ed25519'), await bareKey('ES384')]

const zeros = (count: number, first = 0xff): string => {
  const octets = Buffer.alloc(count, 1)
  octets[0] = first
  return octets.toString('base64url')
}
const without = (jwk: JWK, name: string): unknown => ({ ...jwk, [name]: undefined })
const lengthened = (value: unknown): string =>
  Buffer.concat([Buffer.of(0), Buffer.from(String(value), 'base64url')]).toString('base64url')

/** The reason for which an entry beside a good key was skipped, or undefined where it was taken. */
async function reasonFor(entry: unknown): Promise<string | undefined> {
  const { skipped, keyCount, judge, issuer } = await reading(entry)
  expect(keyCount + skipped.length).toBe(2)
  expect(await judge(issuer.key)).toBe('accepted')
  return skipped[0]?.reason
}

describe('the keys that are taken', () => {
  it.each([
    ['RSA', rsaJwk],
    ['RSA with use and key_ops', { ...rsaJwk, use: 'sig', key_ops: ['verify'] }],
    ['RSA with key_ops for more', { ...rsaJwk, key_ops: ['sign', 'verify'] }],
    ['RSA with an exponent of 3', { ...rsaJwk, e: 'Aw' }],
    ['RSA without a kid', without(rsaJwk, 'kid')],
    ['RSA of 8192 bits', { ...rsaJwk, n: zeros(1024) }],
    ['EC', ecJwk],
    ['EC P-384', p384Jwk],
    ['Ed25519', okpJwk],
    ['Ed25519 under the older name', { ...okpJwk, alg: 'EdDSA' }],
    ['an empty kid', { ...ecJwk, kid: '' }],
  ])('%s', async (_what, entry) => {
    expect(await reasonFor(entry)).toBeUndefined()
  })

  verifies('RFC7517-4-b')('members that nobody here knows do not matter', async () => {
    expect(
      await reasonFor({ ...ecJwk, issuer: 'https://x', x5t: 'x', x5c: ['x'], ext: true, 'x-y': {} }),
    ).toBeUndefined()
  })
})

describe('an entry that is skipped alone', () => {
  it.each([
    ['null', null, 'not an object'],
    ['a text', 'key', 'not an object'],
    ['a list', [ecJwk], 'not an object'],
    ['a number', 7, 'not an object'],
    ['a kid that is no string', { ...ecJwk, kid: 7 }, 'kid'],
    ['an unknown kty', { ...ecJwk, kty: 'ec' }, 'kty'],
    ['kty AKP', { kty: 'AKP', alg: 'ML-DSA-44', kid: 'odd', pub: 'AAAA' }, 'kty'],
    ['kty oct without a key', { kty: 'oct', kid: 'odd' }, 'kty'],
    ['a use for encryption', { ...rsaJwk, use: 'enc' }, 'use'],
    ['a use that is no string', { ...rsaJwk, use: ['sig'] }, 'use'],
    ['a use of null', { ...rsaJwk, use: null }, 'use'],
    ['an alg for encryption', { ...rsaJwk, alg: 'RSA-OAEP' }, 'alg'],
    ['an alg of another type', { ...ecJwk, alg: 'RS256' }, 'alg'],
    ['an alg of another curve', { ...ecJwk, alg: 'ES384' }, 'alg'],
    ['alg HS256', { ...rsaJwk, alg: 'HS256' }, 'alg'],
    ['alg none', { ...rsaJwk, alg: 'none' }, 'alg'],
    ['an alg that is no string', { ...rsaJwk, alg: ['RS256'] }, 'alg'],
  ])('%s', async (_what, entry, reason) => {
    expect(await reasonFor(entry)).toContain(reason)
  })

  verifies('RFC7517-4.1-a')('no kty', async () => {
    expect(await reasonFor(without(ecJwk, 'kty'))).toContain('kty is missing')
    expect(await reasonFor({})).toContain('kty is missing')
  })

  verifies('RFC7517-4.3-a', 'RFC7517-4.3-b')('key_ops without verify, malformed, or against use', async () => {
    for (const operations of [['encrypt'], ['sign'], [], ['verify', 'verify'], 'verify', null, { 0: 'verify' }]) {
      expect(await reasonFor({ ...rsaJwk, key_ops: operations })).toContain('key_ops')
    }
    expect(await reasonFor({ ...rsaJwk, use: 'enc', key_ops: ['verify'] })).toContain('use')
  })

  verifies('RFC7517-9.2-a')('private and symmetric key material', async () => {
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']) {
      expect(await reasonFor({ ...rsaJwk, [name]: 'AQAB' })).toContain('private or symmetric')
    }
    expect(await reasonFor({ kty: 'oct', k: 'c2VjcmV0', kid: 'odd', alg: 'HS256' })).toContain('private or symmetric')
    expect(await reasonFor({ ...ecJwk, d: 'AAAA' })).toContain('private or symmetric')
    expect(await reasonFor({ kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA', priv: 'AAAA' })).toContain('private')
  })

  it.each([
    ['no modulus', without(rsaJwk, 'n'), 'base64url'],
    ['no exponent', without(rsaJwk, 'e'), 'base64url'],
    ['an empty modulus', { ...rsaJwk, n: '' }, 'base64url'],
    ['a padded modulus', { ...rsaJwk, n: `${rsaJwk.n}==` }, 'base64url'],
    ['a modulus that is no string', { ...rsaJwk, n: 7 }, 'base64url'],
    ['an exponent with stray bits', { ...rsaJwk, e: 'AR' }, 'base64url'],
    ['a modulus of zero', { ...rsaJwk, n: Buffer.alloc(256).toString('base64url') }, '0 bits'],
    ['2047 bits', { ...rsaJwk, n: zeros(256, 0x7f) }, '2047 bits'],
    ['1024 bits in 2048', { ...rsaJwk, n: Buffer.alloc(256).fill(1, 128).toString('base64url') }, '1017 bits'],
    ['8193 bits', { ...rsaJwk, n: zeros(1025, 1) }, '8193 bits'],
    ['an exponent of one', { ...rsaJwk, e: 'AQ' }, 'odd number above 1'],
    ['an exponent of one with zeros', { ...rsaJwk, e: 'AAAB' }, 'odd number above 1'],
    ['an exponent of zero', { ...rsaJwk, e: 'AA' }, 'odd number above 1'],
    ['an even exponent', { ...rsaJwk, e: 'BA' }, 'odd number above 1'],
  ])('RSA with %s', async (_what, entry, reason) => {
    expect(await reasonFor(entry)).toContain(reason)
  })

  verifies('RFC7518-6.2.1-a')('EC with coordinates of another length', async () => {
    expect(await reasonFor({ ...ecJwk, x: zeros(31) })).toContain('length of the curve')
    expect(await reasonFor({ ...ecJwk, y: zeros(31) })).toContain('length of the curve')
    expect(await reasonFor({ ...ecJwk, x: lengthened(ecJwk.x) })).toContain('length of the curve')
    expect(await reasonFor({ ...p384Jwk, x: zeros(32), y: zeros(32) })).toContain('length of the curve')
  })

  it.each([
    ['no x', without(ecJwk, 'x'), 'length of the curve'],
    ['no y', without(ecJwk, 'y'), 'length of the curve'],
    ['no curve', without(ecJwk, 'crv'), 'curve'],
    ['secp256k1', { ...ecJwk, crv: 'secp256k1' }, 'curve'],
    ['a curve that every object has', { ...ecJwk, crv: 'constructor' }, 'curve'],
    ['a curve that is no string', { ...ecJwk, crv: ['P-256'] }, 'curve'],
  ])('EC with %s', async (_what, entry, reason) => {
    expect(await reasonFor(entry)).toContain(reason)
  })

  verifies('RFC8725-3.4-a')('EC with a point that is not on its curve', async () => {
    expect(await reasonFor({ ...ecJwk, y: ecJwk.x })).toContain('cannot be imported')
    expect(await reasonFor({ ...ecJwk, x: zeros(32), y: zeros(32) })).toContain('cannot be imported')
  })

  verifies('RFC8037-2-a')('OKP that is not Ed25519, or not whole', async () => {
    for (const crv of ['Ed448', 'X25519', 'X448', 'ed25519', undefined, 1]) {
      expect(await reasonFor({ ...okpJwk, crv })).toContain('Ed25519')
    }
    for (const x of [undefined, '', zeros(31), zeros(33), 7, `${okpJwk.x}=`]) {
      expect(await reasonFor({ ...okpJwk, x })).toContain('length of the curve')
    }
  })

  it('is named by its kid, where it has one', async () => {
    const { skipped } = await reading({ kty: 'x', kid: 'a' }, { kty: 'x' }, { kty: 'x', kid: 7 }, null)

    expect(skipped.map(({ kid }) => kid)).toEqual(['a', undefined, undefined, undefined])
  })
})
