import type { CryptoKey } from 'jose'
import { native } from '#cryptography'
import type { SignatureCheck } from '../../cryptography.ts'
import { isObject } from '../../internal/guards.ts'
import { quote } from '../../internal/quote.ts'
import type { Algorithm } from '../algorithms.ts'
import type { PublicJwk, PublicKeyFacts } from './public-key.ts'
import { importPublicKey, readPublicKey } from './public-key.ts'

/** RFC 7515 section 4.1.4 makes `kid` a hint, so several keys may fit; trying more than this would be a gift to attackers. */
const MOST_CANDIDATES = 4
const MOST_KEYS = 64

/** A key that verifies signatures. It keeps its identity while refreshed sets contain it unchanged. */
export interface VerificationKey {
  readonly kid: string | undefined
  readonly algorithms: readonly Algorithm[]
  readonly jwk: PublicJwk
  /** The imported key, made once per algorithm. */
  readonly material: (algorithm: Algorithm) => Promise<CryptoKey>
  /** What the host checks its signatures with, once it was imported; undefined where that is left to jose. */
  readonly nativeCheck: (algorithm: Algorithm) => SignatureCheck | undefined
}

export interface SkippedKey {
  readonly kid: string | undefined
  readonly reason: string
}

/** The usable keys of one JWK Set (RFC 7517 section 5), by what a token's header tells about its key. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
  readonly skipped: readonly SkippedKey[]
  readonly match: (wanted: WantedKey) => readonly VerificationKey[]
  /** Whether a key that once matched still does. */
  readonly offers: (key: VerificationKey, wanted: WantedKey) => boolean
}

export interface WantedKey {
  readonly kid: string | undefined
  readonly algorithm: Algorithm
}

/** What was looked for, for an operator's message. */
export function describeWanted({ kid, algorithm }: WantedKey): string {
  return kid === undefined ? `${algorithm}, and the token names no kid` : `${algorithm} with kid ${quote(kid)}`
}

export type KeySetFailure = 'keys-invalid' | 'keys-empty'

/** Reads a JWK Set document. Unusable keys are skipped one by one; a string says why the whole document is of no use. */
export async function readKeySet(document: unknown, previous: KeySet | undefined): Promise<KeySet | KeySetFailure> {
  const read = readKeys(document)
  if (typeof read === 'string') return read
  const keys: VerificationKey[] = []
  const skipped = [...read.skipped]
  for (const facts of read.usable) {
    const known = previous?.keys.find(({ jwk }) => JSON.stringify(jwk) === JSON.stringify(facts.jwk))
    const key = known ?? verificationKey(facts)
    if (known !== undefined || (await canBeImported(key))) keys.push(key)
    else skipped.push({ kid: facts.kid, reason: 'it cannot be imported' })
  }
  return keys.length === 0 ? 'keys-invalid' : keySet(keys, skipped)
}

/** As {@link readKeySet}, without waiting for the import, so that a constructor can use it. */
export function readKeySetNow(document: unknown): KeySet | KeySetFailure {
  const read = readKeys(document)
  if (typeof read === 'string') return read
  return keySet(read.usable.map(verificationKey), read.skipped)
}

function keySet(keys: readonly VerificationKey[], skipped: readonly SkippedKey[]): KeySet {
  const match: KeySet['match'] = ({ kid, algorithm }) =>
    keys
      .filter((key) => (kid === undefined || key.kid === kid) && key.algorithms.includes(algorithm))
      .slice(0, MOST_CANDIDATES)
  return {
    keys,
    skipped,
    match,
    // a key changes neither name nor algorithms, so only in a large set can others have pushed it out
    offers: (key, wanted) => (keys.length > MOST_CANDIDATES ? match(wanted) : keys).includes(key),
  }
}

function readKeys(document: unknown): { usable: PublicKeyFacts[]; skipped: SkippedKey[] } | KeySetFailure {
  const listed: unknown = isObject(document) ? document['keys'] : undefined
  if (!Array.isArray(listed) || listed.length > MOST_KEYS) return 'keys-invalid'
  if (listed.length === 0) return 'keys-empty'
  const usable: PublicKeyFacts[] = []
  const skipped: SkippedKey[] = []
  for (const jwk of listed) {
    const facts = readPublicKey(jwk)
    if (typeof facts === 'string') skipped.push({ kid: kidOf(jwk), reason: facts })
    else usable.push(facts)
  }
  return { usable, skipped }
}

function kidOf(jwk: unknown): string | undefined {
  const kid: unknown = isObject(jwk) ? jwk['kid'] : undefined
  return typeof kid === 'string' ? kid : undefined
}

function verificationKey(facts: PublicKeyFacts): VerificationKey {
  const { kid, members, jwk, algorithms } = facts
  const imported = new Map<Algorithm, Promise<CryptoKey>>()
  const checks = new Map<Algorithm, SignatureCheck>()
  const importFor = async (algorithm: Algorithm): Promise<CryptoKey> => {
    const key = await importPublicKey(members, algorithm)
    const check = native?.signatureCheck(key, algorithm)
    if (check !== undefined) checks.set(algorithm, check)
    return key
  }
  const material = (algorithm: Algorithm): Promise<CryptoKey> => {
    const pending = imported.get(algorithm) ?? importFor(algorithm)
    imported.set(algorithm, pending)
    return pending
  }
  return { kid, algorithms, jwk, material, nativeCheck: (algorithm) => checks.get(algorithm) }
}

async function canBeImported(key: VerificationKey): Promise<boolean> {
  const [algorithm] = key.algorithms
  if (algorithm === undefined) return false
  try {
    await key.material(algorithm)
    return true
  } catch {
    return false
  }
}
