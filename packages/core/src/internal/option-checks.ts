import { unsafeAnyAudience } from '../claims/audience.ts'
import { ALGORITHMS, isAlgorithm } from '../issuers/algorithms.ts'
import { quote } from './encoding.ts'
import type { OptionProblems } from './option-problems.ts'
import { urlProblem } from './option-problems.ts'

/** RFC 8414 section 2: an https URL without query and fragment. */
export function checkIssuerIdentifier(
  problems: OptionProblems,
  name: string,
  issuer: unknown,
  allowLoopbackHttp: boolean,
): void {
  if (issuer === undefined) {
    problems.add(`${name} is required`)
    return
  }
  const problem = urlProblem(issuer, allowLoopbackHttp)
  if (problem !== undefined) problems.add(`${name} ${problem}, but is ${quote(issuer)}`)
  else
    problems.require(
      typeof issuer === 'string' && !/[?#]/.test(issuer),
      `${name} must have no query and no fragment, but is ${quote(issuer)}`,
    )
}

export function checkAudience(problems: OptionProblems, audience: unknown, isRequired: boolean): void {
  if (audience === undefined) {
    problems.require(!isRequired, 'audience is required: the aud value that names this API, or a list of them')
    return
  }
  if (audience === unsafeAnyAudience) return
  const names: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  problems.require(names.length > 0, 'audience must not be an empty list')
  for (const name of names) {
    problems.require(
      typeof name === 'string' && name !== '',
      `audience must be a non-empty string or a list of them, but has ${quote(name)}`,
    )
    // RFC 8707 section 2
    const hasFragment = typeof name === 'string' && URL.canParse(name) && name.includes('#')
    problems.require(!hasFragment, `audience ${quote(name)} must not have a fragment`)
  }
}

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

/** Nobody changes a verifier by changing the options it was made from. */
export function frozenCopy<T extends object>(options: T): T {
  const copy = { ...options }
  for (const [name, value] of Object.entries(copy)) {
    if (Array.isArray(value)) Object.assign(copy, { [name]: Object.freeze([...value]) })
  }
  return Object.freeze(copy)
}
