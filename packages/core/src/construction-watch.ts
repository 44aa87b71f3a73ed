import type { EventListener } from './events.ts'

const WINDOW_MS = 60_000
const MANY = 10
const MOST_WATCHED = 100

/** How often each set of issuers was given a verifier lately: all verifiers of a process share it. */
const built = new Map<string, { sinceMs: number; count: number }>()

/**
 * A watch that one verifier reports to whenever it verifies; only the first time counts. It reports once that verifiers
 * are built over and over: each starts without keys, so every request pays for a fetch.
 */
export function constructionWatch(issuers: readonly string[], emit: EventListener, now: () => number): () => void {
  let isCounted = issuers.length === 0 // with tenants alone there is nothing to tell verifiers apart by
  return () => {
    if (isCounted) return
    isCounted = true
    const nowMs = now()
    const name = issuers.toSorted().join(' ')
    const known = built.get(name)
    const isRecent = known !== undefined && Math.abs(nowMs - known.sinceMs) < WINDOW_MS
    const entry = isRecent ? known : { sinceMs: nowMs, count: 0 }
    entry.count += 1
    if (!isRecent) remember(name, entry)
    if (entry.count !== MANY) return
    emit({ type: 'verifier-built-repeatedly', issuers, count: MANY, withinSeconds: WINDOW_MS / 1000 })
  }
}

function remember(name: string, entry: { sinceMs: number; count: number }): void {
  built.delete(name)
  const [oldest] = built.keys()
  if (built.size >= MOST_WATCHED && oldest !== undefined) built.delete(oldest)
  built.set(name, entry)
}
