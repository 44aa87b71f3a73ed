import { AuthError } from '../errors.ts'
import { FetchError, withinDeadline } from '../internal/fetch-json.ts'
import type { KeySet } from './key-set.ts'
import { readKeySet } from './key-set.ts'
import type { KeySourceContext, WaitUntil } from './key-source.ts'
import { backOff, FETCH_LIMIT_MS, FLIGHT_LIMIT_MS, phaseAt } from './refresh-schedule.ts'
import type { Phase } from './refresh-schedule.ts'

/** Fetches a JWK Set. `document` is undefined where what `etag` names is still current. @throws FetchError */
export type LoadKeys = (signal: AbortSignal, etag: string | undefined) => Promise<LoadedKeys>

export interface LoadedKeys {
  readonly document: unknown
  readonly lifeMs: number
  readonly etag: string | undefined
}

/** What is held of an issuer's keys, and since when. */
export interface HeldKeys {
  readonly set: KeySet
  readonly fetchedAtMs: number
  readonly lifeMs: number
  readonly etag: string | undefined
  /** Which attempt brought it: attempts are counted as they begin. */
  readonly attempt: number
}

interface Flight {
  readonly startedAtMs: number
  readonly landed: Promise<void>
}

/** The one copy of an issuer's key set, how old it is, and the one fetch under way for it. It knows no tokens. */
export class KeyStore {
  held: HeldKeys | undefined
  /** How many fetches have begun. */
  attempts = 0
  lastAttempt: { readonly startedAtMs: number; readonly failure: FetchError | undefined } | undefined
  /** Key ids that the newest set no longer contains; each may be asked for once more. */
  withdrawnKids = new Set<string>()
  #failures = 0
  #nextAttemptAtMs = 0
  #flight: Flight | undefined
  #cancelRetry = (): void => {}
  #closed = false
  readonly #context: KeySourceContext
  readonly #load: LoadKeys

  constructor(context: KeySourceContext, load: LoadKeys) {
    this.#context = context
    this.#load = load
  }

  now(): number {
    return this.#context.system.now()
  }

  phase(): Phase | 'keyless' {
    return this.held === undefined ? 'keyless' : phaseAt(this.now() - this.held.fetchedAtMs, this.held.lifeMs)
  }

  /** The fetch under way, unless it is so old that it will never land. */
  get flight(): Promise<void> | undefined {
    if (this.#flight === undefined || this.now() - this.#flight.startedAtMs >= FLIGHT_LIMIT_MS) return undefined
    return this.#flight.landed
  }

  /** Whether the back-off after failures allows another fetch. */
  get mayAttempt(): boolean {
    return this.now() >= this.#nextAttemptAtMs
  }

  /** Whether a fetch begun after the held set ran out has failed: then waiting for another helps nobody. */
  get failedSinceExpiry(): boolean {
    if (this.held === undefined || this.lastAttempt?.failure === undefined) return false
    return this.lastAttempt.startedAtMs >= this.held.fetchedAtMs + this.held.lifeMs
  }

  /** Fetches, or joins the fetch under way. Never rejects: the outcome is in `held` and `lastAttempt`. */
  refresh(waitUntil?: WaitUntil): Promise<void> {
    const landed = this.flight ?? this.#takeOff()
    anchor(landed, waitUntil)
    return landed
  }

  /** Waits for the shared fetch, but no longer than it may take: on some runtimes it can be cut off and never settle. */
  async landed(waitUntil: WaitUntil | undefined): Promise<void> {
    if (await this.#settlesInTime(this.refresh(waitUntil))) return
    await this.#settlesInTime(this.refresh(waitUntil))
  }

  /** The refusal while no key can answer. `alsoAtMs` is when another rule than the back-off allows to ask again. */
  unavailable(alsoAtMs = Infinity): AuthError {
    const why = this.lastAttempt?.failure?.message ?? 'no attempt was made yet'
    const retryAfterSeconds = Math.max(1, Math.ceil((Math.min(this.#nextAttemptAtMs, alsoAtMs) - this.now()) / 1000))
    return new AuthError('KEYS_UNAVAILABLE', `the keys of ${this.#context.issuer} cannot be had: ${why}`, {
      retryAfterSeconds,
    })
  }

  close(): void {
    this.#closed = true
    this.#cancelRetry()
  }

  #takeOff(): Promise<void> {
    this.attempts += 1
    const flight: Flight = { startedAtMs: this.now(), landed: this.#attempt(this.attempts) }
    this.#flight = flight
    void flight.landed.then(() => {
      if (this.#flight === flight) this.#flight = undefined
    })
    return flight.landed
  }

  async #settlesInTime(flight: Promise<void>): Promise<boolean> {
    let cancel = (): void => {}
    const late = new Promise<false>((resolve) => {
      cancel = this.#context.system.schedule(FLIGHT_LIMIT_MS, () => resolve(false))
    })
    const inTime = await Promise.race([flight.then(() => true as const), late])
    cancel()
    return inTime
  }

  async #attempt(attempt: number): Promise<void> {
    const startedAtMs = this.now()
    try {
      const loaded = await withinDeadline(this.#context.system, FETCH_LIMIT_MS, (signal) =>
        this.#load(signal, this.held?.etag),
      )
      const set = loaded.document === undefined ? this.held?.set : await readKeySet(loaded.document, this.held?.set)
      if (this.#isOvertaken(attempt)) return
      if (set === undefined || typeof set === 'string') throw this.#unusable(set ?? 'keys-invalid')
      this.#accept({ set, fetchedAtMs: this.now(), lifeMs: loaded.lifeMs, etag: loaded.etag, attempt })
      this.lastAttempt = { startedAtMs, failure: undefined }
    } catch (error) {
      if (!this.#isOvertaken(attempt)) this.#fail(startedAtMs, asFetchError(error))
    }
  }

  /** An abandoned fetch may land after its successor did; the later question has the newer answer. */
  #isOvertaken(attempt: number): boolean {
    return this.held !== undefined && this.held.attempt > attempt
  }

  #unusable(reason: 'keys-invalid' | 'keys-empty'): FetchError {
    if (reason === 'keys-invalid') return new FetchError(reason, 'the answer holds no usable key')
    this.held = undefined // an issuer that publishes an empty set withdraws every key
    return new FetchError(reason, 'the issuer publishes an empty key set')
  }

  #accept(next: HeldKeys): void {
    const before = this.held?.set
    this.held = next
    this.#failures = 0
    this.#nextAttemptAtMs = 0
    this.#cancelRetry()
    if (before === next.set) return
    const remaining = new Set(next.set.keys.map(({ kid }) => kid))
    const withdrawnKids = (before?.keys ?? []).flatMap(({ kid }) =>
      kid === undefined || remaining.has(kid) ? [] : [kid],
    )
    if (withdrawnKids.length > 0) this.withdrawnKids = new Set(withdrawnKids)
    const { issuer, emit } = this.#context
    emit({ type: 'keys-refreshed', issuer, keyCount: next.set.keys.length, skipped: next.set.skipped, withdrawnKids })
  }

  #fail(startedAtMs: number, failure: FetchError): void {
    const { issuer, system, emit } = this.#context
    this.lastAttempt = { startedAtMs, failure }
    this.#failures += 1
    const pauseMs = backOff(this.#failures, this.held !== undefined, system.random())
    this.#nextAttemptAtMs = this.now() + pauseMs
    this.#retryAfter(pauseMs)
    emit({
      type: 'keys-refresh-failed',
      issuer,
      reason: failure.reason,
      message: failure.message,
      retryAfterSeconds: pauseMs / 1000,
    })
  }

  /** Recovery must not wait for traffic: a readiness probe may have taken all of it away. */
  #retryAfter(pauseMs: number): void {
    this.#cancelRetry()
    if (this.#closed) return
    this.#cancelRetry = this.#context.system.schedule(pauseMs, () => void this.refresh())
  }
}

/** A `waitUntil` that throws (edge runtimes have one that must stay bound to its context) is no reason to refuse. */
function anchor(work: Promise<void>, waitUntil: WaitUntil | undefined): void {
  try {
    waitUntil?.(work)
  } catch {
    // the work goes on without an anchor
  }
}

function asFetchError(error: unknown): FetchError {
  if (error instanceof FetchError) return error
  return new FetchError('network', error instanceof Error ? error.message : 'the fetch failed', { cause: error })
}
