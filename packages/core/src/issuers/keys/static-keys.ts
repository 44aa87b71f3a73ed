import { AuthError } from '../../errors.ts'
import { quote } from '../../internal/quote.ts'
import { OptionProblems } from '../../internal/option-problems.ts'
import type { KeySet } from './key-set.ts'
import { describeWanted, readKeySetNow } from './key-set.ts'
import type { Keys, KeySource } from './key-source.ts'
import { firstThat } from './key-source.ts'
import { SECRET_MATERIAL } from './public-key.ts'

/** A JWK Set (RFC 7517 section 5) as an object: public keys only. */
export interface JsonWebKeySet {
  readonly keys: readonly object[]
}

/**
 * Keys that are given, not fetched: for tests, air-gapped machines and issuers that share a process with the API. As in
 * a fetched set, public keys that cannot verify signatures (`use: "enc"`, an unknown type) are passed over.
 *
 * @throws TypeError where no key is usable, or where a key is private or symmetric: that has no place in an API
 */
export function staticKeys(jwks: JsonWebKeySet): KeySource {
  const problems = new OptionProblems('staticKeys')
  const set = readKeySetNow(jwks)
  if (typeof set === 'string') throw problems.add('an object with a keys array of 1 to 64 keys is required').toError()
  for (const { kid, reason } of set.skipped) {
    if (set.keys.length === 0 || reason === SECRET_MATERIAL)
      problems.add(`the key ${kid === undefined ? 'without kid' : `with kid ${quote(kid)}`} cannot be used: ${reason}`)
  }
  problems.throwIfAny()
  return { open: ({ issuer }) => fixedKeys(issuer, set) }
}

function fixedKeys(issuer: string, set: KeySet): Keys {
  return {
    verifyingKey: (wanted, verifies) => {
      const known = set.match(wanted)
      if (known.length > 0) return firstThat(verifies, known)
      throw new AuthError('KEY_UNKNOWN', `the static keys of ${quote(issuer)} hold none for ${describeWanted(wanted)}`)
    },
    serves: () => true,
    warmUp: async () => {},
    status: () => ({
      state: 'fresh',
      keyCount: set.keys.length,
      secondsSinceSuccess: undefined,
      secondsSinceAttempt: undefined,
      lastError: undefined,
    }),
    snapshot: () => undefined,
    close: () => {},
  }
}
