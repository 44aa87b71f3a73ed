import { generateKeyPair } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export type SigningAlgorithm = 'RS256' | 'ES256' | 'Ed25519'

/** A private key as the authorization server stores it. Only the public half is ever published. */
export interface SigningKey extends JsonWebKey {
  readonly alg: SigningAlgorithm
  readonly kid: string
  readonly use: 'sig'
}

const generate = promisify(generateKeyPair)

/** Makes a new signing key. `kid` names it in the headers of tokens and in the published key set. */
export async function createSigningKey(alg: SigningAlgorithm, kid: string): Promise<SigningKey> {
  const privateKey = await createPrivateKey(alg)
  return { ...privateKey.export({ format: 'jwk' }), alg, kid, use: 'sig' }
}

async function createPrivateKey(alg: SigningAlgorithm): Promise<KeyObject> {
  switch (alg) {
    case 'RS256':
      return (await generate('rsa', { modulusLength: 2048 })).privateKey
    case 'ES256':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey
    case 'Ed25519':
      return (await generate('ed25519')).privateKey
  }
}
