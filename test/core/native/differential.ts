import type { JsonWebKey, KeyObject, SignKeyObjectInput } from 'node:crypto'
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { compactVerify, errors } from 'jose'
import { expect } from 'vitest'
import type { SignatureCheck } from '../../../packages/core/src/cryptography.ts'
import type { Algorithm } from '../../../packages/core/src/issuers/algorithms.ts'
import { importPublicKey, readPublicKey } from '../../../packages/core/src/issuers/keys/public-key.ts'
import { native } from '../../../packages/core/src/node/cryptography.ts'
import { RSA_KEYS } from './rsa-keys.ts'

/** One key under one algorithm, checked with both: by jose, and by the Node path. */
export interface Subject {
  readonly title: string
  readonly algorithm: Algorithm
  readonly privateKey: KeyObject
}

type Bits = 2048 | 3072 | 4096 | 4104

const keyOf = (pkcs8: string): KeyObject =>
  createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' })
const rsaKeys = RSA_KEYS.map(({ bits, exponent, pkcs8 }) => ({ bits, exponent, privateKey: keyOf(pkcs8) }))
const ecKeys = ['first', 'second', 'third'].map((name) => ({
  name,
  privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
}))
const edKeys = ['first', 'second'].map((name) => ({ name, privateKey: generateKeyPairSync('ed25519').privateKey }))

export const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const

export function rsaKey(bits: Bits = 2048, exponent: 3 | 65_537 = 65_537): KeyObject {
  const found = rsaKeys.find((key) => key.bits === bits && key.exponent === exponent)
  if (found === undefined) throw new Error(`there is no such key: ${bits}, ${exponent}`)
  return found.privateKey
}

const short = rsaKeys.filter(({ bits }) => bits <= 4096)
export const rsaSubjects: readonly Subject[] = short.flatMap(({ bits, exponent, privateKey }) =>
  RSA_ALGORITHMS.map((algorithm) => ({ title: `${algorithm}, ${bits} bits, e = ${exponent}`, algorithm, privateKey })),
)
export const ecSubjects: readonly Subject[] = ecKeys.map(({ name, privateKey }) => ({
  title: `ES256, ${name} key`,
  algorithm: 'ES256',
  privateKey,
}))
export const edSubjects: readonly Subject[] = edKeys.flatMap(({ name, privateKey }) =>
  (['Ed25519', 'EdDSA'] as const).map((algorithm) => ({ title: `${algorithm}, ${name} key`, algorithm, privateKey })),
)
/** Every algorithm that the Node path checks, with several keys. */
export const subjects: readonly Subject[] = [...rsaSubjects, ...ecSubjects, ...edSubjects]

/** The public key as core imports it for the algorithm: with jose, from the members that make it. */
export async function imported(jwk: object, algorithm: Algorithm): Promise<CryptoKey> {
  const facts = readPublicKey(jwk)
  if (typeof facts === 'string') throw new Error(`core would skip the key: ${facts}`)
  return importPublicKey(facts.members, algorithm)
}

export function publicJwk(privateKey: KeyObject): JsonWebKey {
  return createPublicKey(privateKey).export({ format: 'jwk' })
}

/** @returns what asks both whether the signature is good, fails the test where they differ, and tells the one answer */
export async function bothFor(algorithm: Algorithm, jwk: object): Promise<SignatureCheck> {
  const key = await imported(jwk, algorithm)
  const check = native?.signatureCheck(key, algorithm)
  if (check === undefined) throw new Error(`the Node path leaves ${algorithm} to jose`)
  return async (signed, octets) => {
    const byJose = await joseSays(key, algorithm, `${signed}.${Buffer.from(octets).toString('base64url')}`)
    const byNode = await check(signed, octets) // must not throw where jose says no
    expect(byNode, `${algorithm} over ${signed}: ${Buffer.from(octets).toString('hex')}`).toBe(byJose)
    return byNode
  }
}

async function joseSays(key: CryptoKey, algorithm: Algorithm, token: string): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}

export async function bothOf({ algorithm, privateKey }: Subject): Promise<SignatureCheck> {
  return bothFor(algorithm, publicJwk(privateKey))
}

/** What is signed: a header that names the algorithm, and a payload. */
export function signingInput(algorithm: Algorithm, payload: unknown = { sub: 'user-1' }): string {
  return `${encoded({ alg: algorithm })}.${encoded(payload)}`
}

export function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Signs with node:crypto alone, as the algorithm says but for the changes. */
export function signature(
  { algorithm, privateKey }: Subject,
  signed: string,
  { hash = hashOf(algorithm), ...changes }: Omit<SignKeyObjectInput, 'key'> & { readonly hash?: string | null } = {},
): Uint8Array<ArrayBuffer> {
  const usual: Omit<SignKeyObjectInput, 'key'> = algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(algorithm.slice(2)) / 8 }
    : { dsaEncoding: 'ieee-p1363' }
  return Uint8Array.from(sign(hash, Buffer.from(signed), { key: privateKey, ...usual, ...changes }))
}

export function hashOf(algorithm: Algorithm): string | null {
  return algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(2)}`
}
