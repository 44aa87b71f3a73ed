import { AuthError } from '../../errors.ts'
import { FetchError, withinDeadline } from '../../internal/fetch-json.ts'
import { quote } from '../../internal/quote.ts'
import { SingleFlight } from '../../internal/single-flight.ts'
import type { KeySet } from './key-set.ts'
import { readKeySet, readKeySetNow } from './key-set.ts'
import type { IssuerKeys } from './key-snapshot.ts'
import type { KeySourceContext } from './key-source.ts'
import {
  backOff,
  boundedLife,
  FETCH_LIMIT_MS,
  FLIGHT_LIMIT_MS,
  lifeFrom,
  phaseAt,
  refreshDelay,
} from './refresh-schedule.ts'
import type { Phase } from './refresh-schedule.ts'

/** Where a JWK Set comes from. */
export interface KeyLoader {
  /** `document` is undefined where what `etag` names is still current. @throws FetchError */
  readonly load: (signal: AbortSignal, etag: string | undefined) => Promise<LoadedKeys>
  /** The URL that is being asked, or was asked last. */
  readonly asking: () => string
}

export interface LoadedKeys {
  readonly document: unknown
  /** Undefined where nothing was said and the life that it had goes on. */
  readonly lifeMs: number | undefined
  readonly etag: string | undefined
}

/** What is held of an issuer's keys, and since when. */
export interface HeldKeys {
  readonly set: KeySet
  readonly fetchedAtMs: number
  readonly lifeMs: number
  readonly etag: string | undefined
  /** Which fetch brought it: fetches are counted as they begin. A seeded set is number 0. */
  readonly attempt: number
}

interface Failure {
  readonly error: FetchError
  readonly startedAtMs: number
}

/** The one copy of an issuer's key set, how old it is, and when it may be fetched again. It knows no tokens. */
export class KeyStore {
  readonly flight: SingleFlight
  held: HeldKeys | undefined
  lastAttemptAtMs: number | undefined
  /** How the last fetch failed; undefined once one succeeded. */
  failure: Failure | undefined
  /** Key ids that the last replacement took away. */
  #withdrawnKids: ReadonlySet<string> = new Set()
  #unproven: HeldKeys | undefined
  #failures = 0
  #newestLanded = 0
  #nextAttemptAtMs = 0
  #isTimed = false
  #isClosed = false
  #cancelTimer = (): void => {}
  readonly #context: KeySourceContext
  readonly #loader: KeyLoader

  constructor(context: KeySourceContext, loader: KeyLoader) {
    this.#context = context
    this.#loader = loader
    this.flight = new SingleFlight(context.system, FLIGHT_LIMIT_MS, (attempt) => this.#attempt(attempt))
    this.held = context.seed && heldFrom(context.seed)
    this.#unproven = this.held
  }

  now(): number {
    return this.#context.system.now()
  }

  phase(): Phase | 'keyless' {
    return this.held === undefined ? 'keyless' : phaseAt(this.now() - this.held.fetchedAtMs, this.held.lifeMs)
  }

  /** Whether nothing is held that could verify a token now. */
  get isKeyless(): boolean {
    const phase = this.phase()
    return phase === 'keyless' || phase === 'dead'
  }

  get isUnproven(): boolean {
    return this.#unproven !== undefined
  }

  /** Seeded keys are held at once, and imported when the first token needs them; those that cannot be are let go. */
  async prove(): Promise<void> {
    const seeded = this.#unproven
    if (seeded === undefined) return
    const set = await readKeySet({ keys: seeded.set.keys.map(({ jwk }) => jwk) }, undefined)
    if (this.#unproven === seeded && this.held === seeded) {
      this.held = typeof set === 'string' ? undefined : { ...seeded, set }
    }
    this.#unproven = undefined
  }

  /** Whether the back-off after failures allows another fetch. */
  get mayAttempt(): boolean {
    return this.now() >= this.#nextAttemptAtMs
  }

  /** Whether a fetch begun after the held set ran out has failed: then waiting for another helps nobody. */
  get failedSinceExpiry(): boolean {
    if (this.held === undefined || this.failure === undefined) return false
    return this.failure.startedAtMs >= this.held.fetchedAtMs + this.held.lifeMs
  }

  /**
   * Keys that are in use are refreshed in time even if no request comes by then, each process at a moment of its own;
   * keys that nobody uses are left to age.
   */
  keepFresh(): void {
    if (this.#isTimed || this.held === undefined) return
    const { lifeMs, fetchedAtMs } = this.held
    this.#schedule(fetchedAtMs + refreshDelay(lifeMs, this.#context.system.random()) - this.now())
  }

  /** Whether the last replacement took that key id away. One answer per replacement: asking forgets all of them. */
  wasWithdrawn(kid: string): boolean {
    const isWithdrawn = this.#withdrawnKids.has(kid)
    if (isWithdrawn) this.#withdrawnKids = new Set()
    return isWithdrawn
  }

  /** The refusal while no key can answer. `alsoAtMs` is when another rule than the back-off allows to ask again. */
  unavailable(alsoAtMs = Infinity): AuthError {
    const why = this.failure?.error.message ?? 'no attempt was made yet'
    const retryAfterSeconds = Math.max(1, Math.ceil((Math.min(this.#nextAttemptAtMs, alsoAtMs) - this.now()) / 1000))
    const message = `the keys of ${quote(this.#context.issuer)} cannot be had: ${why}`
    return new AuthError('KEYS_UNAVAILABLE', message, { retryAfterSeconds })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
  }

  async #attempt(attempt: number): Promise<void> {
    const startedAtMs = this.now()
    this.lastAttemptAtMs = startedAtMs
    try {
      const load = (signal: AbortSignal): Promise<LoadedKeys> => this.#loader.load(signal, this.held?.etag)
      const { document, lifeMs, etag } = await withinDeadline(
        this.#context.system,
        FETCH_LIMIT_MS,
        load,
        this.#loader.asking,
      )
      const set = document === undefined ? this.held?.set : await readKeySet(document, this.held?.set)
      if (!this.#isNewest(attempt)) return
      if (set === undefined || typeof set === 'string') throw this.#unusable(set ?? 'keys-invalid')
      const life = lifeMs ?? this.held?.lifeMs ?? lifeFrom(null)
      this.#accept({ set, fetchedAtMs: this.now(), lifeMs: life, etag, attempt })
    } catch (error) {
      if (this.#isNewest(attempt)) this.#fail({ error: asFetchError(error), startedAtMs })
    }
  }

  /** An abandoned fetch may land after its successor did; the later question has the newer answer. */
  #isNewest(attempt: number): boolean {
    this.#newestLanded = Math.max(this.#newestLanded, attempt)
    return this.#newestLanded === attempt
  }

  #unusable(reason: 'keys-invalid' | 'keys-empty'): FetchError {
    const from = quote(this.#loader.asking())
    if (reason === 'keys-invalid')
      return new FetchError(reason, `${from} holds no JWK Set of 1 to 64 keys with a usable one`)
    this.#withdraw(new Set()) // an issuer that publishes an empty set withdraws every key
    this.held = undefined
    return new FetchError(reason, `${from} holds an empty key set`)
  }

  #accept(next: HeldKeys): void {
    const isReplaced = this.held?.set !== next.set
    if (isReplaced) this.#withdraw(new Set(next.set.keys.map(({ kid }) => kid)))
    this.held = next
    this.failure = undefined
    this.#failures = 0
    this.#nextAttemptAtMs = 0
    this.#cancelTimer()
    this.#isTimed = false
    if (!isReplaced) return
    const { keys, skipped } = next.set
    this.#context.emit({ type: 'keys-refreshed', issuer: this.#context.issuer, keyCount: keys.length, skipped })
  }

  #withdraw(remaining: ReadonlySet<string | undefined>): void {
    const { issuer, emit } = this.#context
    const kids = (this.held?.set.keys ?? []).flatMap(({ kid }) =>
      kid === undefined || remaining.has(kid) ? [] : [kid],
    )
    if (kids.length > 0) this.#withdrawnKids = new Set(kids)
    for (const kid of kids) emit({ type: 'key-withdrawn', issuer, kid })
  }

  #fail(failure: Failure): void {
    const { issuer, system, emit } = this.#context
    const { reason, message, retryAfterMs } = failure.error
    this.failure = failure
    this.#failures += 1
    const pauseMs = backOff(this.#failures, !this.isKeyless, system.random(), retryAfterMs)
    this.#nextAttemptAtMs = this.now() + pauseMs
    // recovery must not wait for traffic: a readiness probe may have taken all of it away
    if (this.held !== undefined || this.#context.retriesUnseen) this.#schedule(pauseMs)
    emit({ type: 'keys-refresh-failed', issuer, reason, message, retryAfterSeconds: pauseMs / 1000 })
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer()
    this.#isTimed = true
    if (this.#isClosed) return
    this.#cancelTimer = this.#context.system.schedule(Math.max(delayMs, 0), () => void this.flight.start())
  }
}

function heldFrom(seed: IssuerKeys): HeldKeys | undefined {
  const set = readKeySetNow(seed)
  if (typeof set === 'string') return undefined
  const { fetchedAtSeconds, lifeSeconds } = seed
  return {
    set,
    fetchedAtMs: fetchedAtSeconds * 1000,
    lifeMs: boundedLife(lifeSeconds * 1000),
    etag: undefined,
    attempt: 0,
  }
}

function asFetchError(error: unknown): FetchError {
  if (error instanceof FetchError) return error
  return new FetchError('network', error instanceof Error ? error.message : 'the fetch failed', { cause: error })
}
