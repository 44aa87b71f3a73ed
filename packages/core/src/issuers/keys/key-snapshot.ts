import { isObject } from '../../internal/guards.ts'
import { quote } from '../../internal/quote.ts'
import type { OptionProblems } from '../../internal/option-problems.ts'
import { readKeySetNow } from './key-set.ts'
import type { PublicJwk } from './public-key.ts'

/** The keys of one issuer with their age, as plain JSON. Public keys only. */
export interface IssuerKeys {
  readonly issuer: string
  readonly keys: readonly PublicJwk[]
  /** When they were fetched, in seconds since the epoch. */
  readonly fetchedAtSeconds: number
  readonly lifeSeconds: number
}

/**
 * What `verifier.exportKeys()` gives and the option `seedKeys` takes, so that a cold start needs no fetch. Whoever can
 * write it decides which tokens pass: keep it where you keep configuration.
 */
export type KeySnapshot = readonly IssuerKeys[]

/** Names what is wrong with a snapshot that came back from storage. */
export function checkSnapshot(problems: OptionProblems, snapshot: unknown): void {
  if (snapshot === undefined || snapshot === null) return // null is what stores answer that hold nothing
  if (!Array.isArray(snapshot)) {
    problems.add('seedKeys must be what exportKeys() returned')
    return
  }
  for (const entry of snapshot) {
    const fits =
      isObject(entry) &&
      typeof entry['issuer'] === 'string' &&
      isPositive(entry['fetchedAtSeconds']) &&
      isPositive(entry['lifeSeconds']) &&
      holdsOnlyUsableKeys(entry)
    problems.require(
      fits,
      `seedKeys has an entry that exportKeys() did not make, for issuer ${quote(isObject(entry) ? entry['issuer'] : undefined)}`,
    )
  }
}

/** `exportKeys` writes usable public keys and nothing else; anything more was put in by somebody. */
function holdsOnlyUsableKeys(entry: unknown): boolean {
  const set = readKeySetNow(entry)
  return typeof set !== 'string' && set.keys.length > 0 && set.skipped.length === 0
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

/** Seeds, each of which starts one issuer once: an issuer that is closed and opened again has learned more since. */
export function seedsOf(snapshot: KeySnapshot | null): (issuer: string) => IssuerKeys | undefined {
  const unused = new Map((snapshot ?? []).map((entry) => [entry.issuer, entry]))
  return (issuer) => {
    const seed = unused.get(issuer)
    unused.delete(issuer)
    return seed
  }
}
