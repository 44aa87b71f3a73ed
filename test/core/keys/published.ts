import { createSign, generateKeyPairSync } from 'node:crypto'
import type { KeysRefreshedEvent } from '@tokenward/core'
import type { TestAlgorithm, TestIssuer, TestKey } from '@tokenward/testing'
import { outcome, scene } from '../scene.ts'

type Members = Readonly<Record<string, unknown>>

/** What a verifier makes of a set with one good key and these entries beside it. */
export async function reading(...entries: readonly unknown[]): Promise<{
  readonly issuer: TestIssuer
  readonly keyCount: number
  readonly skipped: KeysRefreshedEvent['skipped']
  /** What becomes of a token that one of the keys signed. */
  readonly judge: (key: TestKey, header?: Members) => Promise<string>
}> {
  const { issuer, verifier, events } = await scene()
  for (const entry of entries) issuer.publish(entry)
  await verifier.warmUp()
  const [event] = events
  if (event?.type !== 'keys-refreshed') throw new Error('the set was not accepted')
  return {
    issuer,
    keyCount: event.keyCount,
    skipped: event.skipped,
    judge: async (key, header = {}) => outcome(verifier.verify(await issuer.mint({}, { key, header }))),
  }
}

/** An RSA key of a size that WebCrypto would not make, or that has no algorithm of its own. */
export function rsaKey(modulusLength: number, kid: string, algorithm: TestAlgorithm = 'RS256'): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  const publicJwk = publicKey.export({ format: 'jwk' })
  return {
    kid,
    algorithm,
    publicKey: { kty: 'RSA', kid, n: String(publicJwk.n), e: String(publicJwk.e) },
    privateKey: { kty: 'RSA', kid },
    sign: async (data) => createSign('sha256').update(data).sign(privateKey),
  }
}
