/** How long keys live and how often they may be asked for. All durations here are milliseconds. */
const MINUTE = 60_000
const LIFE = { usual: 10 * MINUTE, least: MINUTE, most: 60 * MINUTE }
const COOL_DOWN_MS = 30_000
const LONGEST_SKEW_MS = 5 * MINUTE
const BACK_OFF = {
  withKeys: { first: 5_000, most: 5 * MINUTE },
  withoutKeys: { first: 1_000, most: 30_000 },
}

/** Metadata and keys together, bodies included. */
export const FETCH_LIMIT_MS = 5_000

/** After this a fetch that never settled is abandoned (a cancelled request of an edge runtime takes its promises with it). */
export const FLIGHT_LIMIT_MS = FETCH_LIMIT_MS + 1_000

export type Phase = 'fresh' | 'refresh-behind' | 'expired' | 'dead'

/**
 * Where a key set of that life is at that age. A negative age means that the clock was set back, or that a seed comes
 * from a clock ahead: by little, ask again behind; by much, the age means nothing.
 */
export function phaseAt(ageMs: number, lifeMs: number): Phase {
  if (ageMs < 0) return ageMs > -LONGEST_SKEW_MS ? 'refresh-behind' : 'dead'
  if (ageMs < 0.8 * lifeMs) return 'fresh'
  if (ageMs < lifeMs + MINUTE) return 'refresh-behind'
  return ageMs < lifeMs + 60 * MINUTE ? 'expired' : 'dead'
}

/** The life that `Cache-Control: max-age` asks for (RFC 9111 section 5.2.2.1), within bounds; anything else asks for nothing. */
export function lifeFrom(cacheControl: string | null): number {
  const seconds = /(?:^|,)\s*max-age="?(\d{1,10})"?\s*(?:,|$)/i.exec(cacheControl ?? '')?.[1]
  if (seconds === undefined || /(?:^|,)\s*no-store\s*(?:,|$)/i.test(cacheControl ?? '')) return LIFE.usual
  return boundedLife(Number(seconds) * 1000)
}

export function boundedLife(lifeMs: number): number {
  return Math.min(Math.max(lifeMs, LIFE.least), LIFE.most)
}

/** When a timer refreshes keys of that life: within its ninth tenth, so that a fleet does not ask at one moment. */
export function refreshDelay(lifeMs: number, chance: number): number {
  return lifeMs * (0.8 + 0.1 * chance)
}

/**
 * The pause after `failures` failures in a row; `chance` spreads a fleet that failed together. An issuer that asks for
 * a longer one (Retry-After) is given it, up to the longest of our own.
 */
export function backOff(failures: number, hasKeys: boolean, chance: number, askedMs = 0): number {
  const { first, most } = hasKeys ? BACK_OFF.withKeys : BACK_OFF.withoutKeys
  const own = Math.min(first * 2 ** (failures - 1), most) * (1 - 0.2 * chance)
  return Math.max(own, Math.min(askedMs, BACK_OFF.withKeys.most))
}

/**
 * One question per 30 seconds. A constant, since it is what stands between a flood of forged key ids and the issuer. It
 * counts from the question, not from a good answer to it.
 */
export class CoolDown {
  #beganAtMs = -Infinity

  begin(nowMs: number): void {
    this.#beganAtMs = nowMs
  }

  /** A clock that was set back ends it too. */
  isOver(nowMs: number): boolean {
    const passedMs = nowMs - this.#beganAtMs
    return passedMs < 0 || passedMs >= COOL_DOWN_MS
  }

  get endsAtMs(): number {
    return this.#beganAtMs + COOL_DOWN_MS
  }
}
