import { AuthError } from '../../errors.ts'
import { quote } from '../../internal/quote.ts'
import type { KeySet, VerificationKey, WantedKey } from './key-set.ts'
import { describeWanted } from './key-set.ts'
import type { WaitUntil } from '../../internal/single-flight.ts'
import type { IssuerKeys } from './key-snapshot.ts'
import type { Keys, KeySourceContext, KeysStatus, Verifies } from './key-source.ts'
import { firstThat } from './key-source.ts'
import type { KeyLoader } from './key-store.ts'
import { KeyStore } from './key-store.ts'
import { CoolDown } from './refresh-schedule.ts'

/** Keys that are fetched, kept, refreshed behind the requests, and survive rotation and outage of their issuer. */
export class LiveKeys implements Keys {
  readonly #unknown = new CoolDown()
  readonly #withdrawn = new CoolDown()
  #limitReported = false
  #staleReportedAt = 0
  readonly #store: KeyStore
  readonly #context: KeySourceContext

  constructor(context: KeySourceContext, loader: KeyLoader) {
    this.#context = context
    this.#store = new KeyStore(context, loader)
  }

  readonly verifyingKey: Keys['verifyingKey'] = (wanted, verifies, waitUntil) => {
    const known = this.#setAtHand(waitUntil)?.match(wanted) ?? []
    // a key id that is known and does not verify never asks again: anybody can write a bad signature
    if (known.length > 0 && wanted.kid !== undefined) return firstThat(verifies, known)
    return this.#search(wanted, verifies, waitUntil)
  }

  readonly serves: Keys['serves'] = (key, wanted, waitUntil) => this.#setAtHand(waitUntil)?.offers(key, wanted) === true

  async #search(
    wanted: WantedKey,
    verifies: Verifies,
    waitUntil: WaitUntil | undefined,
  ): Promise<VerificationKey | undefined> {
    const arrival = this.#store.flight.begun
    const known = (await this.#currentSet(waitUntil)).match(wanted)
    const key = await firstThat(verifies, known)
    if (key !== undefined || (known.length > 0 && wanted.kid !== undefined)) return key
    return firstThat(verifies, await this.#askForUnknown(wanted, arrival, known, waitUntil))
  }

  async warmUp(): Promise<void> {
    await this.#currentSet(undefined)
  }

  status(): KeysStatus {
    return statusOf(this.#store)
  }

  snapshot(): IssuerKeys | undefined {
    const { held } = this.#store
    if (held === undefined) return undefined
    const keys = held.set.keys.map(({ jwk }) => ({ ...jwk }))
    const { fetchedAtMs, lifeMs } = held
    return { issuer: this.#context.issuer, keys, fetchedAtSeconds: fetchedAtMs / 1000, lifeSeconds: lifeMs / 1000 }
  }

  close(): void {
    this.#store.close()
  }

  /** The set that may answer now: at once while it lives, after one shared fetch once it ran out. */
  async #currentSet(waitUntil: WaitUntil | undefined): Promise<KeySet> {
    const store = this.#store
    if (store.isUnproven) await store.prove()
    const atHand = this.#setAtHand(waitUntil)
    if (atHand !== undefined) return atHand
    const mayWait = store.phase() === 'expired' || store.flight.isUnderWay || store.mayAttempt
    if (mayWait) await store.flight.land(waitUntil)
    if (store.held === undefined || store.isKeyless) throw store.unavailable()
    if (store.phase() === 'expired') this.#reportStale()
    return store.held.set
  }

  /** The set that may answer without waiting. */
  #setAtHand(waitUntil: WaitUntil | undefined): KeySet | undefined {
    const store = this.#store
    if (store.held === undefined || store.isUnproven) return undefined
    const { set } = store.held
    switch (store.phase()) {
      case 'fresh':
        store.keepFresh()
        return set
      case 'refresh-behind':
        this.#refreshBehind(waitUntil)
        return set
      case 'expired':
        if (!store.failedSinceExpiry) return undefined
        this.#refreshBehind(waitUntil)
        this.#reportStale()
        return set
      case 'dead':
      case 'keyless':
        return undefined
    }
  }

  #refreshBehind(waitUntil: WaitUntil | undefined): void {
    if (this.#store.mayAttempt) void this.#store.flight.start(waitUntil)
  }

  /** The fitting keys not tried yet, after asking the issuer again where that is allowed. At least one. */
  async #askForUnknown(
    wanted: WantedKey,
    arrival: number,
    tried: readonly VerificationKey[],
    waitUntil: WaitUntil | undefined,
  ): Promise<readonly VerificationKey[]> {
    const store = this.#store
    const untried = (): readonly VerificationKey[] =>
      (store.held?.set.match(wanted) ?? []).filter((key) => !tried.includes(key))
    if (store.flight.isUnderWay) await store.flight.land(waitUntil)
    if (untried().length === 0 && this.#mayAsk(wanted, arrival)) await store.flight.land(waitUntil)
    const found = untried()
    if (found.length > 0) return found
    if (store.held === undefined || store.failure !== undefined) {
      throw store.unavailable(this.#unknown.endsAtMs)
    }
    const message = `${quote(this.#context.issuer)} publishes no usable key for ${describeWanted(wanted)}`
    throw new AuthError('KEY_UNKNOWN', message)
  }

  /** One question per cool-down, whoever asks; and one for a key id that was there a moment ago, as replicas may disagree. */
  #mayAsk({ kid }: WantedKey, arrival: number): boolean {
    const store = this.#store
    if (store.held !== undefined && store.held.attempt > arrival) return false // fetched since this token arrived
    if (kid !== undefined && this.#withdrawn.isOver(store.now()) && store.wasWithdrawn(kid)) {
      this.#withdrawn.begin(store.now())
      return true
    }
    if (this.#unknown.isOver(store.now())) {
      this.#unknown.begin(store.now())
      this.#limitReported = false
      return true
    }
    if (!this.#limitReported) this.#context.emit({ type: 'unknown-key-limited', issuer: this.#context.issuer })
    this.#limitReported = true
    return false
  }

  /** Once per fetch that failed, not once per request. */
  #reportStale(): void {
    const { held, flight } = this.#store
    if (held === undefined || this.#staleReportedAt === flight.begun) return
    this.#staleReportedAt = flight.begun
    const ageSeconds = (this.#store.now() - held.fetchedAtMs) / 1000
    this.#context.emit({ type: 'stale-keys-served', issuer: this.#context.issuer, ageSeconds })
  }
}

/** Keys that only aged, since nobody used them, are no outage: the next request fetches them. */
function statusOf(store: KeyStore): KeysStatus {
  const { held, failure, lastAttemptAtMs } = store
  const secondsSince = (atMs: number | undefined): number | undefined =>
    atMs === undefined ? undefined : (store.now() - atMs) / 1000
  const isUsable = held !== undefined && !(store.isKeyless && failure !== undefined)
  const ranOut = held !== undefined && store.now() >= held.fetchedAtMs + held.lifeMs
  return {
    state: isUsable ? (ranOut ? 'stale' : 'fresh') : 'keyless',
    keyCount: isUsable ? held.set.keys.length : 0,
    secondsSinceSuccess: secondsSince(held?.fetchedAtMs),
    secondsSinceAttempt: secondsSince(lastAttemptAtMs),
    lastError: failure && { reason: failure.error.reason, message: failure.error.message },
  }
}
