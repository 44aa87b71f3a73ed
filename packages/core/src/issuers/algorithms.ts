import type { OptionProblems } from '../internal/option-problems.ts'
import { quote } from '../internal/quote.ts'

/**
 * The signature algorithms that can be allowed (RFC 7518 section 3.1, RFC 8037, RFC 9864), all asymmetric. A shared
 * secret would let every API that verifies tokens also mint them, so `HS256` and its kin do not exist here; `none`
 * (RFC 8725 section 3.2) neither.
 */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
] as const

export type Algorithm = (typeof ALGORITHMS)[number]

export function isAlgorithm(name: unknown): name is Algorithm {
  return (ALGORITHMS as readonly unknown[]).includes(name) // widened, since includes() would only take a name that already is one
}

/** Names what is wrong with an algorithms option. */
export function checkAlgorithms(problems: OptionProblems, algorithms: unknown): void {
  if (algorithms === undefined) return
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    problems.add('algorithms must be a list with at least one algorithm')
    return
  }
  for (const name of algorithms) {
    problems.require(isAlgorithm(name), `algorithms has ${quote(name)}; possible are ${ALGORITHMS.join(', ')}`)
  }
}
