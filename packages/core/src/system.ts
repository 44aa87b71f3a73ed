import { isFunction } from './internal/guards.ts'

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
const hostSystem: System = {
  now: () => Date.now(),
  fetch: (url, init) => globalThis.fetch(url, init),
  schedule: (delayMs, run) => {
    const timer: unknown = setTimeout(run, delayMs)
    if (isUnrefable(timer)) timer.unref()
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>) // what setTimeout returned two lines up
  },
  random: () => Math.random(),
}

/**
 * The host's own, but for what is given. Methods keep their `this`, so that an instance of a class can be given. Whatever
 * a given timer or source of chance does, it neither breaks a refresh nor speeds it up.
 */
export function systemWith(given: Partial<System> = {}): System {
  const random = given.random?.bind(given) ?? hostSystem.random
  const schedule = given.schedule?.bind(given) ?? hostSystem.schedule
  return {
    now: given.now?.bind(given) ?? hostSystem.now,
    fetch: given.fetch?.bind(given) ?? hostSystem.fetch,
    schedule: (delayMs, run) => cancelOf(() => schedule(delayMs, run)),
    random: () => chanceOf(random),
  }
}

function cancelOf(schedule: () => unknown): () => void {
  try {
    const cancel = schedule()
    if (isFunction(cancel)) return () => ignoringFailure(cancel)
  } catch {
    // some runtimes forbid timers outside of a request; requests refresh the keys there
  }
  return () => {}
}

function ignoringFailure(cancel: () => unknown): void {
  try {
    cancel()
  } catch {
    return
  }
}

function chanceOf(random: () => unknown): number {
  try {
    const chance = random()
    return typeof chance === 'number' && chance >= 0 && chance < 1 ? chance : 0
  } catch {
    return 0
  }
}

function isUnrefable(timer: unknown): timer is { unref: () => void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function'
}
