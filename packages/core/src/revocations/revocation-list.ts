import { AuthError } from '../errors.ts'
import type { RevocationEntry } from './revocation-entry.ts'
import { readEntry } from './revocation-entry.ts'
import type { RevocationSubject } from './revocations.ts'

type Kind = RevocationEntry['kind']

/** Tokens issued before `issuedBefore` are refused until `keepUntilMs`. */
interface Limit {
  readonly issuedBefore: number
  readonly keepUntilMs: number
}

const KINDS: readonly Kind[] = ['jti', 'subject', 'session', 'token']
const SWEEP_EVERY_MS = 60_000

/** Revocations in memory, bounded. One that still counts is never forgotten for another. */
export class RevocationList {
  readonly #limits = new Map<string, readonly Limit[]>()
  readonly #counts = { jti: 0, subject: 0, session: 0, token: 0 }
  readonly #mostEntries: number
  #nextSweepMs = Infinity

  constructor(mostEntries: number) {
    this.#mostEntries = mostEntries
  }

  get hasTokens(): boolean {
    return this.#counts.token > 0
  }

  /** @throws TypeError for what is no entry; AuthError STORE_UNAVAILABLE when full */
  add(given: RevocationEntry, nowMs: number): void {
    const { kind, issuer, value, issuedBefore = Infinity, keepUntilMs } = readEntry(given)
    if (nowMs > keepUntilMs) return
    const key = keyOf(kind, issuer, value)
    const limit = { issuedBefore, keepUntilMs }
    if (this.#of(key).some((known) => covers(known, limit))) return
    if (this.#total() >= this.#mostEntries) this.#sweep(nowMs)
    const others = this.#of(key).filter((known) => !covers(limit, known))
    if (this.#total() - this.#of(key).length + others.length >= this.#mostEntries) throw full(this.#mostEntries)
    this.#replace(kind, key, [...others, limit])
    this.#planSweep(nowMs, keepUntilMs)
  }

  has({ issuer, id, subject, session, issuedAt, tokenHash }: RevocationSubject, nowMs: number): boolean {
    if (nowMs >= this.#nextSweepMs) this.#sweep(nowMs)
    const asked = { jti: id, subject, session, token: tokenHash }
    return KINDS.some((kind) => {
      const value = asked[kind]
      if (this.#counts[kind] === 0 || value === undefined) return false
      const limits = this.#of(keyOf(kind, kind === 'token' ? undefined : issuer, value))
      return limits.some(
        (limit) => nowMs <= limit.keepUntilMs && !(issuedAt !== undefined && issuedAt >= limit.issuedBefore),
      )
    })
  }

  entries(nowMs: number): readonly RevocationEntry[] {
    this.#sweep(nowMs)
    return [...this.#limits].flatMap(([key, limits]) => limits.map((limit) => entryOf(key, limit)))
  }

  #of(key: string): readonly Limit[] {
    return this.#limits.get(key) ?? []
  }

  #total(): number {
    return KINDS.reduce((sum, kind) => sum + this.#counts[kind], 0)
  }

  #replace(kind: Kind, key: string, limits: readonly Limit[]): void {
    this.#counts[kind] += limits.length - this.#of(key).length
    if (limits.length === 0) this.#limits.delete(key)
    else this.#limits.set(key, limits)
  }

  #sweep(nowMs: number): void {
    this.#nextSweepMs = Infinity
    for (const [key, limits] of this.#limits) {
      const left = limits.filter(({ keepUntilMs }) => nowMs <= keepUntilMs)
      if (left.length < limits.length) this.#replace(kindOf(key), key, left)
      for (const { keepUntilMs } of left) this.#planSweep(nowMs, keepUntilMs)
    }
  }

  /** As soon as something may go, but not so often that it takes the time of requests. */
  #planSweep(nowMs: number, keepUntilMs: number): void {
    this.#nextSweepMs = Math.min(this.#nextSweepMs, Math.max(keepUntilMs + 1, nowMs + SWEEP_EVERY_MS))
  }
}

/** Structured, so that no issuer can name a value in which another one's shows up. */
function keyOf(kind: Kind, issuer: string | undefined, value: string): string {
  return `${kind} ${JSON.stringify([issuer ?? null, value])}`
}

function kindOf(key: string): Kind {
  return KINDS.find((kind) => key.startsWith(kind)) ?? 'token'
}

function partsOf(key: string): { kind: Kind; issuer: string | null; value: string } {
  const [issuer, value] = JSON.parse(key.slice(key.indexOf(' '))) as [string | null, string] // keyOf made it
  return { kind: kindOf(key), issuer, value }
}

function entryOf(key: string, { issuedBefore, keepUntilMs }: Limit): RevocationEntry {
  const { issuer, ...parts } = partsOf(key)
  const limit = issuedBefore === Infinity ? undefined : issuedBefore
  return readEntry({ ...parts, issuer: issuer ?? undefined, issuedBefore: limit, keepUntilMs })
}

/** Whether `wide` refuses all that `narrow` refuses, for as long. */
function covers(wide: Limit, narrow: Limit): boolean {
  return wide.issuedBefore >= narrow.issuedBefore && wide.keepUntilMs >= narrow.keepUntilMs
}

function full(mostEntries: number): AuthError {
  return new AuthError('STORE_UNAVAILABLE', `not revoked: ${mostEntries} revocations are kept, and all still count`)
}
