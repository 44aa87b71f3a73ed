import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { base64url } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Algorithm } from '../../../packages/core/src/issuers/algorithms.ts'
import { ALGORITHMS } from '../../../packages/core/src/issuers/algorithms.ts'
import type { PublicJwk } from '../../../packages/core/src/issuers/keys/public-key.ts'
import { readKeySet } from '../../../packages/core/src/issuers/keys/key-set.ts'
import { native } from '../../../packages/core/src/node/cryptography.ts'
import { AUDIENCE, outcome, scene } from '../scene.ts'
import { imported, publicJwk, rsaKey, signature, signingInput } from './differential.ts'

const LEFT_TO_JOSE: ReadonlySet<Algorithm> = new Set(['ES384', 'ES512'])

async function keyFor(algorithm: Algorithm): Promise<PublicJwk> {
  const { issuer } = await scene({ algorithm })
  const set = await readKeySet(issuer.jwks(), undefined)
  if (typeof set === 'string' || set.keys[0] === undefined) throw new Error('there is no key')
  return set.keys[0].jwk
}

describe('what the Node path takes', () => {
  test.each(ALGORITHMS)('%s: its own key, and no key that was imported for something else', async (algorithm) => {
    const taken: Algorithm[] = []
    for (const other of ALGORITHMS) {
      const key = await imported(await keyFor(other), other)
      if (native?.signatureCheck(key, algorithm) !== undefined) taken.push(other)
    }
    const isCurve25519 = algorithm === 'Ed25519' || algorithm === 'EdDSA' // two names of one algorithm
    const own = isCurve25519 ? ['Ed25519', 'EdDSA'] : [algorithm]
    expect(taken).toEqual(LEFT_TO_JOSE.has(algorithm) ? [] : own)
  })

  test.each([2048, 3072, 4096, 4104] as const)('RSA keys up to 4096 bit: %i', async (bits) => {
    for (const algorithm of ['RS256', 'PS512'] as const) {
      const key = await imported(publicJwk(rsaKey(bits)), algorithm)
      expect(native?.signatureCheck(key, algorithm) !== undefined).toBe(bits <= 4096)
    }
  })

  test('a key of 4104 bit verifies all the same', async () => {
    const privateKey = rsaKey(4104)
    const { issuer, clock } = await scene()
    const jwk = { ...publicJwk(privateKey), kid: 'large' }
    const verifier = createVerifier({
      issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys({ keys: [jwk] }) }),
      audience: AUDIENCE,
      system: clock,
    })
    const [, claims] = (await issuer.mint()).split('.')
    const header = base64url.encode(JSON.stringify({ alg: 'PS256', typ: 'at+jwt', kid: 'large' }))
    const signed = `${header}.${claims}`
    const token = `${signed}.${base64url.encode(signature({ title: '', algorithm: 'PS256', privateKey }, signed))}`
    expect(await outcome(verifier.verify(token))).toBe('accepted')
    expect(await outcome(verifier.verify(`${token.slice(0, -8)}AAAAAAAA`))).toBe('SIGNATURE_INVALID')
  })

  test('no key that another WebCrypto made', async () => {
    // as a polyfill makes them: jose tells a key by its name tag, and Node by what is inside
    const { type, extractable, algorithm, usages } = await imported(publicJwk(rsaKey()), 'RS256')
    const lookalike = { type, extractable, algorithm, usages, [Symbol.toStringTag]: 'CryptoKey' }
    expect(native?.signatureCheck(lookalike, 'RS256')).toBeUndefined()
  })
})

describe('where the program brings a WebCrypto of its own', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test.each(['RS256', 'PS256', 'ES256', 'Ed25519'] as const)('%s is verified with it', async (algorithm) => {
    const issuer = await testIssuer({ algorithm })
    const [good, other] = [await issuer.mint(), await issuer.mint()]
    vi.stubGlobal('crypto', anotherWebCrypto(crypto))
    const verifier = createVerifier({
      issuer: issuer.issuer,
      audience: AUDIENCE,
      system: { fetch: issuer.fetch },
      cache: false,
    })
    const crossed = good.slice(0, good.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'))
    for (let time = 0; time < 3; time += 1) {
      expect(await outcome(verifier.verify(good))).toBe('accepted')
      expect(await outcome(verifier.verify(crossed))).toBe('SIGNATURE_INVALID')
    }
  })
})

type Subtle = typeof crypto.subtle
type Key = Awaited<ReturnType<Subtle['importKey']>>

/** Hands out objects that name themselves CryptoKey, and does with them what the true one does with its own. */
function anotherWebCrypto({ subtle }: typeof crypto): { readonly subtle: Pick<Subtle, 'importKey' | 'verify'> } {
  const inside = new WeakMap<object, Key>()
  const importKey = async (...given: Parameters<Subtle['importKey']>): Promise<Key> => {
    const key = await subtle.importKey(...given)
    const { type, extractable, algorithm, usages } = key
    const shown = { type, extractable, algorithm, usages, [Symbol.toStringTag]: 'CryptoKey' }
    inside.set(shown, key)
    return shown
  }
  const verify: Subtle['verify'] = async (algorithm, key, ...rest) =>
    subtle.verify(algorithm, inside.get(key) ?? key, ...rest)
  // a cast, since the true one has a signature for each format
  return { subtle: { importKey: importKey as Subtle['importKey'], verify } }
}

describe('what never reaches it', () => {
  test.each([
    ['crit', { crit: ['exp'], exp: 1 }],
    ['b64', { crit: ['b64'], b64: false }],
    ['b64 alone', { b64: false }],
    ['b64 as it is by default', { crit: ['b64'], b64: true }],
    ['enc', { enc: 'A128GCM' }],
  ])('a token whose header has %s is malformed, rightly signed or not', async (_, header) => {
    for (const algorithm of ['RS256', 'ES256', 'Ed25519'] as const) {
      const { issuer, verifier } = await scene({ algorithm })
      const token = await issuer.mint({}, { header })
      expect(await outcome(verifier.verify(token))).toBe('TOKEN_MALFORMED')
      expect(await outcome(verifier.verify(`${token.slice(0, -4)}AAAA`))).toBe('TOKEN_MALFORMED')
    }
  })

  test.each(['HS256', 'none', 'RS1', 'ES256K', 'Ed448', 'RSA-OAEP', 'toString', '__proto__'])(
    'the algorithm %s is refused by name',
    async (alg) => {
      const { issuer, verifier } = await scene({ algorithm: 'RS256' })
      expect(await outcome(verifier.verify(await issuer.mint({}, { header: { alg } })))).toBe('ALGORITHM_REJECTED')
    },
  )

  test('a text that is no signing input is judged by its octets alone', async () => {
    const check = native?.signatureCheck(await imported(publicJwk(rsaKey()), 'RS256'), 'RS256')
    for (const signed of ['', '.', signingInput('RS256'), 'x'.repeat(1_000_000)])
      expect(await check?.(signed, new Uint8Array(256))).toBe(false)
  })
})
