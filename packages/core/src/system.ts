/** The clock, the network, timers and chance: everything that a verifier takes from outside. */
export interface System {
  /** Milliseconds since the epoch, as `Date.now`. */
  readonly now: () => number
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Runs `run` once after `delayMs`; the returned function cancels. Must not keep a program alive. */
  readonly schedule: (delayMs: number, run: () => void) => () => void
  /** At least 0 and below 1, as `Math.random`. Spreads retries; no secret depends on it. */
  readonly random: () => number
}

/** The host's own. Looked up per call, so that an instrumented `fetch` is found, and nothing happens at import. */
export const hostSystem: System = {
  now: () => Date.now(),
  fetch: (url, init) => globalThis.fetch(url, init),
  schedule: (delayMs, run) => {
    const timer: unknown = setTimeout(run, delayMs)
    if (isUnrefable(timer)) timer.unref()
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>) // what setTimeout returned two lines up
  },
  random: () => Math.random(),
}

/** The host's own, but for what is given. Methods keep their `this`, so that an instance of a class can be given. */
export function systemWith(given: Partial<System> = {}): System {
  return {
    now: given.now?.bind(given) ?? hostSystem.now,
    fetch: given.fetch?.bind(given) ?? hostSystem.fetch,
    schedule: given.schedule?.bind(given) ?? hostSystem.schedule,
    random: given.random?.bind(given) ?? hostSystem.random,
  }
}

function isUnrefable(timer: unknown): timer is { unref: () => void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function'
}
