import { LRUCache } from 'lru-cache'
import { isObject } from '../../internal/guards.ts'
import type { System } from '../../system.ts'
import { withinDeadline } from '../../internal/fetch-json.ts'

const STORE_LIMIT_MS = 500

/** What an authorization server said about a token: the members of an active answer, or that it is inactive. */
export type Verdict =
  | { readonly active: true; readonly members: Readonly<Record<string, unknown>> }
  | { readonly active: false }

/** A store that many processes share. Keys are hashes; values hold no token. An entry may vanish at any time. */
export interface SharedCache {
  readonly get: (key: string) => Promise<string | undefined>
  readonly set: (key: string, value: string, ttlSeconds: number) => Promise<void>
}

export interface IntrospectionCacheOptions {
  /** How long an active answer is believed at most. Default 60. It is how late a revocation may be noticed. */
  readonly maxAgeSeconds?: number | undefined
  /** How long an inactive answer is believed. Default 10. */
  readonly inactiveMaxAgeSeconds?: number | undefined
  /** How many active, and apart from them how many inactive answers are kept. Default 10000 each. */
  readonly mostEntries?: number | undefined
  readonly shared?: SharedCache | undefined
}

interface Entry {
  readonly verdict: Verdict
  /** Absolute, so that no layer gives an answer a longer life than the first one did. */
  readonly expiresAtMs: number
}

/** Remembers answers, never decisions. Bounded apart, so that a flood of invented tokens cannot push out the good ones. */
export class IntrospectionCache {
  readonly #active: LRUCache<string, Entry>
  readonly #inactive: LRUCache<string, Entry>
  readonly #options: IntrospectionCacheOptions
  readonly #system: System
  readonly #report: (message: string) => void

  constructor(options: IntrospectionCacheOptions, system: System, report: (message: string) => void) {
    const max = options.mostEntries ?? 10_000
    this.#active = new LRUCache({ max })
    this.#inactive = new LRUCache({ max })
    this.#options = options
    this.#system = system
    this.#report = report
  }

  /** What is remembered in this process, if it still holds. */
  recall(key: string): Verdict | undefined {
    for (const entries of [this.#active, this.#inactive]) {
      const entry = entries.get(key)
      if (entry === undefined) continue
      if (this.#system.now() < entry.expiresAtMs) return entry.verdict
      entries.delete(key)
    }
    return undefined
  }

  /** What another process remembered. A store that fails is passed over. */
  async recallShared(key: string): Promise<Verdict | undefined> {
    const { shared } = this.#options
    if (shared === undefined) return undefined
    try {
      const entry = readEntry(await this.#inTime(() => shared.get(key)))
      if (entry === undefined || !(this.#system.now() < entry.expiresAtMs)) return undefined
      // whoever wrote it may allow a longer life than is allowed here; how old it is, it does not tell
      if (entry.expiresAtMs > this.#expiryOf(entry.verdict)) return undefined
      this.#keep(key, entry)
      return entry.verdict
    } catch (error) {
      this.#report(error instanceof Error ? error.message : 'the shared cache failed')
      return undefined
    }
  }

  async remember(key: string, verdict: Verdict): Promise<void> {
    const expiresAtMs = this.#expiryOf(verdict)
    const ttlMs = expiresAtMs - this.#system.now()
    if (!(ttlMs > 0)) return
    const entry: Entry = { verdict, expiresAtMs }
    this.#keep(key, entry)
    try {
      const { shared } = this.#options
      if (shared !== undefined)
        await this.#inTime(() => shared.set(key, JSON.stringify(entry), Math.ceil(ttlMs / 1000)))
    } catch (error) {
      this.#report(error instanceof Error ? error.message : 'the shared cache failed')
    }
  }

  /** A store that hangs is worth no more than one that fails. */
  #inTime<T>(ask: () => Promise<T>): Promise<T> {
    return withinDeadline(this.#system, STORE_LIMIT_MS, ask, () => 'the shared cache')
  }

  #keep(key: string, entry: Entry): void {
    const [own, other] = entry.verdict.active ? [this.#active, this.#inactive] : [this.#inactive, this.#active]
    own.set(key, entry)
    other.delete(key)
  }

  /** RFC 7662 section 4: never past the token's own exp. */
  #expiryOf(verdict: Verdict): number {
    const { maxAgeSeconds = 60, inactiveMaxAgeSeconds = 10 } = this.#options
    if (!verdict.active) return this.#system.now() + inactiveMaxAgeSeconds * 1000
    const latest = this.#system.now() + maxAgeSeconds * 1000
    const { exp } = verdict.members
    return typeof exp === 'number' ? Math.min(latest, exp * 1000) : latest
  }
}

function readEntry(text: string | undefined): Entry | undefined {
  if (text === undefined) return undefined
  const value: unknown = JSON.parse(text)
  if (!isObject(value) || typeof value['expiresAtMs'] !== 'number' || !isObject(value['verdict'])) return undefined
  const { expiresAtMs, verdict } = value
  if (verdict['active'] === false) return { expiresAtMs, verdict: { active: false } }
  if (verdict['active'] !== true || !isObject(verdict['members'])) return undefined
  return { expiresAtMs, verdict: { active: true, members: verdict['members'] } }
}
