import { AuthError } from '../errors.ts'
import { quote } from '../internal/encoding.ts'
import type { KeySet, VerificationKey, WantedKey } from './key-set.ts'
import type { Keys, KeySourceContext, KeysStatus, WaitUntil } from './key-source.ts'
import { firstThat } from './key-source.ts'
import type { LoadKeys } from './key-store.ts'
import { KeyStore } from './key-store.ts'
import { FLIGHT_LIMIT_MS, UNKNOWN_KEY_COOL_DOWN_MS } from './refresh-schedule.ts'

/** Keys that are fetched, kept, refreshed behind the requests, and survive rotation and outage of their issuer. */
export function liveKeys(context: KeySourceContext, load: LoadKeys): Keys {
  const { issuer, system, emit } = context
  const store = new KeyStore(context, load)
  let unknownAskedAtMs = -Infinity
  let limitReported = false
  let staleReportedAt = 0

  async function verifyingKey(
    wanted: WantedKey,
    verifies: (key: VerificationKey) => Promise<boolean>,
    waitUntil?: WaitUntil,
  ): Promise<VerificationKey | undefined> {
    const arrival = store.attempts
    const known = (await currentSet(waitUntil)).match(wanted)
    const key = await firstThat(verifies, known)
    // a key id that is known and does not verify never asks again: anybody can write a bad signature
    if (key !== undefined || (known.length > 0 && wanted.kid !== undefined)) return key
    return firstThat(verifies, await askForUnknown(wanted, arrival, known))
  }

  /** The set that may answer now: at once while it lives, after one shared fetch once it ran out. */
  async function currentSet(waitUntil: WaitUntil | undefined): Promise<KeySet> {
    const phase = store.phase()
    if (store.held !== undefined && phase === 'fresh') return store.held.set
    if (store.held !== undefined && (phase === 'refresh-behind' || (phase === 'expired' && store.failedSinceExpiry))) {
      const { set } = store.held
      if (store.flight === undefined && store.mayAttempt) void anchored(store.refresh(), waitUntil)
      if (phase === 'expired') reportStale()
      return set
    }
    if (phase === 'expired' || store.flight !== undefined || store.mayAttempt) await landed(waitUntil)
    const after = store.phase()
    if (store.held === undefined || after === 'dead') throw store.unavailable()
    if (after === 'expired') reportStale()
    return store.held.set
  }

  async function askForUnknown(
    wanted: WantedKey,
    arrival: number,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[]> {
    const untried = (): readonly VerificationKey[] =>
      (store.held?.set.match(wanted) ?? []).filter((key) => !tried.includes(key))
    if (store.flight !== undefined) await landed()
    if (untried().length === 0 && mayAsk(wanted, arrival)) await landed()
    const found = untried()
    if (found.length > 0) return found
    if (store.held === undefined || store.lastAttempt?.failure !== undefined) {
      throw store.unavailable(unknownAskedAtMs + UNKNOWN_KEY_COOL_DOWN_MS)
    }
    throw new AuthError(
      'KEY_UNKNOWN',
      `${issuer} publishes no usable key for ${wanted.algorithm} with kid ${quote(wanted.kid)}`,
    )
  }

  /** One question per cool-down, whoever asks; one more for a key id that was there a moment ago, as replicas may disagree. */
  function mayAsk({ kid }: WantedKey, arrival: number): boolean {
    if (store.held !== undefined && store.held.attempt > arrival) return false // fetched since this token arrived
    if (kid !== undefined && store.withdrawnKids.delete(kid)) return true
    if (store.now() - unknownAskedAtMs < UNKNOWN_KEY_COOL_DOWN_MS) {
      if (!limitReported) emit({ type: 'unknown-key-limited', issuer })
      limitReported = true
      return false
    }
    unknownAskedAtMs = store.now()
    limitReported = false
    return true
  }

  /** Waits for the shared fetch, but no longer than it may take: on some runtimes it can be cut off and never settle. */
  async function landed(waitUntil?: WaitUntil): Promise<void> {
    if (await settlesInTime(anchored(store.refresh(), waitUntil))) return
    await settlesInTime(anchored(store.refresh(), waitUntil))
  }

  async function settlesInTime(flight: Promise<void>): Promise<boolean> {
    let cancel = (): void => {}
    const late = new Promise<false>((resolve) => {
      cancel = system.schedule(FLIGHT_LIMIT_MS, () => resolve(false))
    })
    const inTime = await Promise.race([flight.then(() => true as const), late])
    cancel()
    return inTime
  }

  /** Once per fetch that failed, not once per request. */
  function reportStale(): void {
    if (store.held === undefined || staleReportedAt === store.attempts) return
    staleReportedAt = store.attempts
    emit({ type: 'stale-keys-served', issuer, ageSeconds: (store.now() - store.held.fetchedAtMs) / 1000 })
  }

  return {
    verifyingKey,
    warmUp: async () => void (await currentSet(undefined)),
    status: () => statusOf(store),
    close: () => store.close(),
  }
}

function anchored(work: Promise<void>, waitUntil: WaitUntil | undefined): Promise<void> {
  waitUntil?.(work)
  return work
}

function statusOf(store: KeyStore): KeysStatus {
  const { held, lastAttempt } = store
  const phase = store.phase()
  const secondsSince = (atMs: number): number => (store.now() - atMs) / 1000
  const ranOut = held !== undefined && store.now() >= held.fetchedAtMs + held.lifeMs
  return {
    state: phase === 'keyless' || phase === 'dead' ? 'keyless' : ranOut ? 'stale' : 'fresh',
    keyCount: phase === 'dead' ? 0 : (held?.set.keys.length ?? 0),
    ageSeconds: held === undefined ? undefined : secondsSince(held.fetchedAtMs),
    lastAttempt: lastAttempt && {
      secondsAgo: secondsSince(lastAttempt.startedAtMs),
      failure: lastAttempt.failure?.reason,
    },
  }
}
