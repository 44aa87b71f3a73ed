import { OptionProblems } from '../internal/option-problems.ts'
import { isObject } from '../internal/guards.ts'
import type { System } from '../system.ts'
import { systemWith } from '../system.ts'
import type { Revocation, RevocationEntry } from './revocation-entry.ts'
import { revocationEntry } from './revocation-entry.ts'
import { RevocationList } from './revocation-list.ts'
import type { Revocations } from './revocations.ts'

export interface MemoryRevocationsOptions {
  /** How many revocations are kept at most; more are refused. Default 100000. */
  readonly mostEntries?: number | undefined
  readonly system?: Pick<System, 'now'> | undefined
}

/** Revocations of this process. */
export interface MemoryRevocations extends Revocations {
  readonly needsTokenHash: boolean
  /**
   * Refuses what `revocation` names from now on, for `keepSeconds`.
   *
   * @throws TypeError for what is no revocation
   * @throws AuthError STORE_UNAVAILABLE when full: one that still counts is never forgotten for another
   */
  readonly revoke: (revocation: Revocation) => Promise<void>
  /** Takes an entry over from `entries()` of another process or an earlier life. Throws as `revoke` does. */
  readonly add: (entry: RevocationEntry) => void
  /** What still counts, as plain JSON without a token. */
  readonly entries: () => readonly RevocationEntry[]
}

/** @throws TypeError that names every problem */
export function memoryRevocations(options: MemoryRevocationsOptions = {}): MemoryRevocations {
  const { mostEntries = 100_000, now } = checkOptions(options)
  const list = new RevocationList(mostEntries)
  return Object.freeze({
    check: (token) => (list.has(token, now()) ? 'revoked' : 'good'),
    get needsTokenHash() {
      return list.hasTokens
    },
    revoke: async (revocation) => list.add(await revocationEntry(revocation, now()), now()),
    add: (entry) => list.add(entry, now()),
    entries: () => list.entries(now()),
  } satisfies MemoryRevocations)
}

function checkOptions(options: MemoryRevocationsOptions): { mostEntries?: number | undefined; now: () => number } {
  const problems = new OptionProblems('memoryRevocations')
  const { given, checked } = problems.read(options, ['mostEntries', 'system'])
  problems.numberBetween('mostEntries', given['mostEntries'], 1, 10_000_000)
  const { system } = given
  problems.require(
    system === undefined || (isObject(system) && typeof system['now'] === 'function'),
    'system.now must be a function',
  )
  problems.throwIfAny()
  return { mostEntries: checked.mostEntries, now: systemWith(checked.system).now }
}
