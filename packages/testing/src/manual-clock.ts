/** A clock that moves only when a test says so. Fits the `system` option of a verifier. */
export interface ManualClock {
  /** Milliseconds since the epoch, as `Date.now` counts them. */
  now(): number
  /** Whole seconds since the epoch, as a NumericDate (RFC 7519 section 2) counts them. */
  nowSeconds(): number
  /**
   * Moves the clock forward and runs every callback that falls due, in order of its due time, with
   * the clock standing at that time. Work which a callback starts gets a few turns of the event loop.
   *
   * @throws RangeError for a negative or non-finite amount.
   */
  advance(seconds: number): Promise<void>
  /** Registers a callback for `delayMs` from now. The returned function cancels it. */
  schedule(delayMs: number, run: () => void): () => void
}

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

// Enough for a fetch answered from memory to be parsed and for what follows it to begin.
const turnsToSettle = 4

/**
 * Creates a {@link ManualClock}.
 *
 * @param startSeconds Seconds since the epoch at which the clock stands; 2027-01-15 by default.
 */
export function manualClock(startSeconds: number = 1_800_000_000): ManualClock {
  let nowMs = startSeconds * 1000
  const timers = new Set<Timer>()

  const advance = async (seconds: number): Promise<void> => {
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw new RangeError('advance takes a number of seconds, zero or more')
    }
    const targetMs = nowMs + seconds * 1000
    await settle()
    for (;;) {
      const next = earliest(timers)
      if (next === undefined || next.dueMs > targetMs) break
      timers.delete(next)
      nowMs = Math.max(nowMs, next.dueMs)
      next.run()
      // Sequential on purpose: what one callback schedules may fall due before the next one.
      await settle()
    }
    nowMs = targetMs
    await settle()
  }

  return {
    now: () => nowMs,
    nowSeconds: () => Math.floor(nowMs / 1000),
    advance,
    schedule(delayMs, run) {
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), run }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
  }
}

// A Set keeps insertion order, so the first of several equally early timers is the oldest.
function earliest(timers: ReadonlySet<Timer>): Timer | undefined {
  let found: Timer | undefined
  for (const timer of timers) {
    if (found === undefined || timer.dueMs < found.dueMs) found = timer
  }
  return found
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < turnsToSettle; turn += 1) {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 0)
    })
  }
}
