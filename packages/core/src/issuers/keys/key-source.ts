import type { EventListener, FetchFailure } from '../../events.ts'
import type { WaitUntil } from '../../internal/single-flight.ts'
import type { System } from '../../system.ts'
import type { VerificationKey, WantedKey } from './key-set.ts'
import type { IssuerKeys } from './key-snapshot.ts'

/** Where an issuer's keys come from. Made by `remoteKeys` and `staticKeys`; opened by the verifier that uses it. */
export interface KeySource {
  readonly open: (context: KeySourceContext) => Keys
}

export interface KeySourceContext {
  readonly issuer: string
  readonly system: System
  readonly emit: EventListener
  /** Keys from an earlier life of this program. */
  readonly seed?: IssuerKeys | undefined
  /** Whether a timer asks again for keys that were never seen: not where a token chose the issuer. */
  readonly retriesUnseen: boolean
}

/** Whether a key made the signature of the token in question. */
export type Verifies = (key: VerificationKey) => boolean | Promise<boolean>

/** The keys of one issuer in one verifier. */
export interface Keys {
  /**
   * The key for which `verifies` answers true, among those that fit; undefined where a key that fits refuses the token.
   * @throws AuthError KEY_UNKNOWN, KEYS_UNAVAILABLE
   */
  readonly verifyingKey: (
    wanted: WantedKey,
    verifies: Verifies,
    waitUntil?: WaitUntil,
  ) => VerificationKey | undefined | Promise<VerificationKey | undefined>
  /** Whether `verifyingKey` would try that key, by what is at hand. False asks it, since it can wait for a fetch. */
  readonly serves: (key: VerificationKey, wanted: WantedKey, waitUntil?: WaitUntil) => boolean
  /** Fetches the keys unless they are at hand. @throws AuthError KEYS_UNAVAILABLE */
  readonly warmUp: () => Promise<void>
  readonly status: () => KeysStatus
  /** What another life of this program could start with. Undefined for keys that are never fetched. */
  readonly snapshot: () => IssuerKeys | undefined
  readonly close: () => void
}

/** The first of `keys` for which `verifies` answers true; at once where it answers at once. */
export function firstThat(
  verifies: Verifies,
  keys: readonly VerificationKey[],
): VerificationKey | undefined | Promise<VerificationKey | undefined> {
  // one after the other: the first nearly always fits, and an attacker must not buy four checks at once
  for (const [at, key] of keys.entries()) {
    const answer = verifies(key)
    if (typeof answer !== 'boolean')
      return answer.then((isGood) => (isGood ? key : firstThat(verifies, keys.slice(at + 1))))
    if (answer) return key
  }
  return undefined
}

export interface KeysStatus {
  /** `stale`: past its life; it serves while the issuer is down. `keyless`: nothing to verify with. */
  readonly state: 'fresh' | 'stale' | 'keyless'
  readonly keyCount: number
  /** The age of the keys. Undefined before the first fetch succeeded, and for static keys. */
  readonly secondsSinceSuccess: number | undefined
  readonly secondsSinceAttempt: number | undefined
  /** Why the last fetch failed, if it did. `reason` is a stable label; `message` is for people. */
  readonly lastError: { readonly reason: FetchFailure; readonly message: string } | undefined
}
