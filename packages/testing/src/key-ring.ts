import type { JWK } from 'jose'

import type { TestAlgorithm, TestKey, TestKeyOptions } from './test-keys.ts'

import { testKey } from './test-keys.ts'

/** The keys of one test issuer: the one that signs and the ones that are published. */
export interface KeyRing {
  current(): TestKey
  published(): JWK[]
  rotate(options?: TestKeyOptions): Promise<TestKey>
  addKey(algorithm: TestAlgorithm, options?: TestKeyOptions): Promise<TestKey>
  publish(jwk: unknown): void
  withdraw(kid: string): void
}

/**
 * Creates the ring with its first key, published.
 *
 * @param series Tells the keys of one ring from those of another; equal series have equal keys.
 */
export async function keyRing(series: string, algorithm: TestAlgorithm): Promise<KeyRing> {
  let made = 0
  const makeKey = (keyAlgorithm: TestAlgorithm, options: TestKeyOptions = {}): Promise<TestKey> => {
    made += 1
    return testKey(`${series}#${made}`, options.kid ?? `key-${made}`, keyAlgorithm, options)
  }
  let current = await makeKey(algorithm)
  let published: JWK[] = [current.publicKey]

  return {
    current: () => current,
    published: () => [...published],
    async rotate(options) {
      const previous = current.publicKey
      current = await makeKey(algorithm, options)
      published = [...published.filter((key) => key !== previous), current.publicKey]
      return current
    },
    async addKey(addedAlgorithm, options) {
      const added = await makeKey(addedAlgorithm, options)
      published.push(added.publicKey)
      return added
    },
    publish(jwk) {
      // A cast because a broken key, or something that is no key at all, is the reason to call this.
      published.push(jwk as JWK)
    },
    withdraw(kid) {
      published = published.filter((key) => key?.kid !== kid)
    },
  }
}
