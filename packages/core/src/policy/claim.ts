import { discard } from '../internal/foreign-result.ts'
import { isObject } from '../internal/guards.ts'
import type { Policy } from './policy.ts'
import { granted, refuse } from './policy.ts'

/** What a claim is held against: a value that it must equal or contain, or a function that answers true or false. */
export type ClaimTest = string | number | boolean | ((value: unknown) => boolean)

/**
 * Granted if the claim equals `expected`; if the claim is an array, if it contains `expected`. With a function, if that
 * answers true; a function that answers anything but a boolean is a fault. An absent claim never grants.
 *
 * @throws TypeError for a claim without a name, or an unusable expectation
 */
export function claim(name: string, expected: ClaimTest): Policy<unknown> {
  if (typeof name !== 'string' || name === '') throw new TypeError('claim: the name of a claim is required')
  if (!['string', 'number', 'boolean', 'function'].includes(typeof expected)) {
    throw new TypeError('claim: the expectation must be a string, number, boolean or function')
  }
  return ({ claims }) => {
    if (!isObject(claims) || !Object.hasOwn(claims, name)) return refuse(`the token has no claim ${name}`)
    return matches(claims[name], expected) ? granted : refuse(`the claim ${name} is not what the policy expects`)
  }
}

function matches(value: unknown, expected: ClaimTest): boolean {
  if (typeof expected !== 'function') return value === expected || (Array.isArray(value) && value.includes(expected))
  const answer: unknown = expected(value)
  if (typeof answer === 'boolean') return answer
  discard(answer)
  throw new TypeError('the function given to claim() must return a boolean')
}
