import type { CryptoKey, JWK } from 'jose'

import { exportJWK } from 'jose'

/** The signature algorithms which a test issuer can sign with. */
export type TestAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'Ed25519'
  | 'EdDSA'

/** A signing key of a test issuer. Not a secret: it exists for tests only. */
export interface TestKey {
  readonly kid: string
  readonly algorithm: TestAlgorithm
  /** What the JWK Set shows: the public members with `kid`, `use` and `alg`. */
  readonly publicKey: JWK
  /** The private JWK, for tests that put private members where none belong. */
  readonly privateKey: JWK
  /** Signs octets with the key's own algorithm, whatever a token header may claim. */
  sign(data: Uint8Array): Promise<Uint8Array>
}

/** How a key is made and shown. */
export interface TestKeyOptions {
  /** Key identifier; by default `key-1`, `key-2` and so on, counted for each issuer. */
  readonly kid?: string
  /** Members of the published JWK to replace; a member given as `undefined` is left out. */
  readonly members?: Readonly<Record<string, unknown>>
  /** RSA only: bits of the modulus, 2048 by default. */
  readonly modulusLength?: number
}

interface KeyMaterial {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly privateJwk: JWK
}

interface Recipe {
  readonly generate: (modulusLength: number) => Parameters<typeof crypto.subtle.generateKey>[0]
  readonly sign: Parameters<typeof crypto.subtle.sign>[0]
}

const rsa = (name: string, bits: number): Recipe => ({
  generate: (modulusLength) => ({
    name,
    hash: `SHA-${bits}`,
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
  }),
  // RFC 7518 section 3.5: the salt is as long as the hash.
  sign: name === 'RSA-PSS' ? { name, saltLength: bits / 8 } : { name },
})
const ec = (namedCurve: string, bits: number): Recipe => ({
  generate: () => ({ name: 'ECDSA', namedCurve }),
  sign: { name: 'ECDSA', hash: `SHA-${bits}` },
})
const ed25519: Recipe = { generate: () => ({ name: 'Ed25519' }), sign: { name: 'Ed25519' } }

const recipes: Readonly<Record<TestAlgorithm, Recipe>> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', 256),
  RS384: rsa('RSASSA-PKCS1-v1_5', 384),
  RS512: rsa('RSASSA-PKCS1-v1_5', 512),
  PS256: rsa('RSA-PSS', 256),
  PS384: rsa('RSA-PSS', 384),
  PS512: rsa('RSA-PSS', 512),
  ES256: ec('P-256', 256),
  ES384: ec('P-384', 384),
  ES512: ec('P-521', 512),
  Ed25519: ed25519,
  EdDSA: ed25519,
}

/** Every algorithm that {@link testIssuer} accepts. */
export const testAlgorithms: readonly TestAlgorithm[] = Object.freeze([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
])

// Making an RSA key takes a tenth of a second, so one slot has one key for the life of the program.
const pool = new Map<string, Promise<KeyMaterial>>()

/**
 * The key of one slot. The same slot gives the same key material again within one program.
 *
 * @throws TypeError for an algorithm that is not in {@link testAlgorithms}.
 */
export async function testKey(
  slot: string,
  kid: string,
  algorithm: TestAlgorithm,
  options: TestKeyOptions = {},
): Promise<TestKey> {
  const recipe = recipes[algorithm]
  if (recipe === undefined) throw new TypeError(`unknown test algorithm: ${algorithm}`)
  const modulusLength = options.modulusLength ?? 2048
  const name = JSON.stringify([slot, algorithm, modulusLength])
  let pending = pool.get(name)
  if (pending === undefined) {
    pending = generate(recipe, modulusLength)
    pool.set(name, pending)
  }
  const material = await pending
  const shown: JWK = {
    ...material.publicJwk,
    kid,
    use: 'sig',
    alg: algorithm,
    ...options.members,
  }
  return {
    kid,
    algorithm,
    publicKey: shown,
    privateKey: { ...material.privateJwk, kid, alg: algorithm },
    async sign(data) {
      // A copy, since the platform's types want bytes that are certainly not shared memory.
      const signature = await crypto.subtle.sign(recipe.sign, material.privateKey, Uint8Array.from(data))
      return new Uint8Array(signature)
    },
  }
}

async function generate(recipe: Recipe, modulusLength: number): Promise<KeyMaterial> {
  const pair = await crypto.subtle.generateKey(recipe.generate(modulusLength), true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('expected a key pair')
  return {
    privateKey: pair.privateKey,
    publicJwk: await exportJWK(pair.publicKey),
    privateJwk: await exportJWK(pair.privateKey),
  }
}
