import type { System } from '../system.ts'
import { FetchError } from './fetch-json.ts'

const MOST_IN_FLIGHT = 64
const MOST_WAITING = 256
const LONGEST_WAIT_MS = 3_000
const FAILURES_TO_OPEN = 5
const OPEN_MS = 5_000
/** The longest that an endpoint may ask to be left alone (Retry-After). */
export const LONGEST_PAUSE_MS = 60_000

/**
 * Keeps a slow or broken endpoint from taking the API down with it: at most 64 calls at a time, 256 waiting for at most
 * 3 seconds, and after 5 failures in a row none for 5 seconds, or for as long as the endpoint asks, then one to see
 * whether it works again.
 */
export class TrafficLimit {
  #inFlight = 0
  #failures = 0
  #openUntilMs = 0
  #isProbing = false
  readonly #waiting: (() => void)[] = []
  readonly #system: System

  constructor(system: System) {
    this.#system = system
  }

  /** When another call is worth making, in milliseconds from now. */
  get retryAfterMs(): number {
    return Math.max(0, this.#openUntilMs - this.#system.now())
  }

  /** @throws FetchError overloaded, or whatever `call` throws */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.#requireClosed()
    await this.#enter()
    const isProbe = this.#failures >= FAILURES_TO_OPEN
    if (isProbe && this.#isProbing) {
      this.#leave()
      throw this.#left()
    }
    this.#isProbing ||= isProbe
    try {
      const result = await call()
      this.#failures = 0
      return result
    } catch (error) {
      if (isAboutTheToken(error)) this.#failures = 0
      else this.#failures += 1
      if (this.#failures >= FAILURES_TO_OPEN) this.#openUntilMs = this.#system.now() + pauseAfter(error)
      throw error
    } finally {
      if (isProbe) this.#isProbing = false
      this.#leave()
    }
  }

  #requireClosed(): void {
    const isOpen = this.#failures >= FAILURES_TO_OPEN && (this.#isProbing || this.#system.now() < this.#openUntilMs)
    if (isOpen) throw this.#left()
  }

  #left(): FetchError {
    return new FetchError('overloaded', `not asked: it failed ${this.#failures} times in a row`)
  }

  async #enter(): Promise<void> {
    if (this.#inFlight < MOST_IN_FLIGHT) {
      this.#inFlight += 1
      return
    }
    if (this.#waiting.length >= MOST_WAITING) {
      throw new FetchError('overloaded', `not asked: ${MOST_IN_FLIGHT} calls are under way and ${MOST_WAITING} wait`)
    }
    await this.#turn()
    try {
      this.#requireClosed()
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        cancel()
        this.#inFlight += 1
        resolve()
      }
      const cancel = this.#system.schedule(LONGEST_WAIT_MS, () => {
        const at = this.#waiting.indexOf(begin)
        if (at === -1) return
        this.#waiting.splice(at, 1)
        reject(new FetchError('overloaded', `not asked: no turn within ${LONGEST_WAIT_MS / 1000} s`))
      })
      this.#waiting.push(begin)
    })
  }

  #leave(): void {
    this.#inFlight -= 1
    this.#waiting.shift()?.()
  }
}

function pauseAfter(error: unknown): number {
  const askedMs = error instanceof FetchError ? (error.retryAfterMs ?? 0) : 0
  return Math.max(OPEN_MS, Math.min(askedMs, LONGEST_PAUSE_MS))
}

/** A server that calls one request bad works; else whoever sends odd tokens could close the door to all others. */
function isAboutTheToken(error: unknown): boolean {
  return error instanceof FetchError && (error.status === 400 || error.status === 413 || error.status === 422)
}
