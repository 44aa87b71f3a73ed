import { AuthError, isAuthError } from '../errors.ts'
import { discard } from '../internal/foreign-result.ts'
import type { AccessToken, TokenClaims } from '../token.ts'

const grantedMark: unique symbol = Symbol.for('tokenward.granted')

export interface Granted {
  readonly [grantedMark]: true
}

/** What a policy returns when the token may do this. */
export const granted: Granted = Object.freeze({ [grantedMark]: true as const })

/**
 * May this token do this? Synchronous. Returns {@link granted} or what {@link refuse} made; anything else, a boolean, a
 * promise or an exception included, refuses the request with POLICY_FAULT.
 */
export type Policy<Claims = TokenClaims> = (token: AccessToken<Claims>, nowSeconds: number) => Granted | AuthError

/** A refusal by a policy: 403. `reason` is for the operator and never sent. */
export function refuse(reason: string): AuthError {
  return new AuthError('POLICY_DENIED', reason)
}

/** The verdict of `policy`, whatever it does. Never throws. */
export function verdict<Claims>(
  policy: Policy<Claims>,
  token: AccessToken<Claims>,
  nowSeconds: number,
): Granted | AuthError {
  try {
    const answer: unknown = policy(token, nowSeconds)
    if (isGranted(answer) || isAuthError(answer)) return answer
    discard(answer)
    return new AuthError(
      'POLICY_FAULT',
      `a policy returned ${answer === null ? 'null' : typeof answer} instead of granted or refuse(...)`,
    )
  } catch (cause) {
    return new AuthError('POLICY_FAULT', 'a policy threw', { cause })
  }
}

export function isGranted(answer: unknown): answer is Granted {
  return typeof answer === 'object' && answer !== null && grantedMark in answer && answer[grantedMark] === true
}

/** Granted if every policy grants. The refusal names all scopes that are lacking at once, so that a client asks only once. */
export function allOf<Claims = TokenClaims>(...policies: readonly Policy<Claims>[]): Policy<Claims> {
  requirePolicies('allOf', policies)
  return (token, nowSeconds) => {
    const refusals = policies.map((policy) => verdict(policy, token, nowSeconds)).filter(isAuthError)
    const [first] = refusals
    if (first === undefined) return granted
    const other = refusals.find(({ code }) => code !== 'SCOPE_INSUFFICIENT')
    return other ?? lacking(first, refusals)
  }
}

function lacking(first: AuthError, refusals: readonly AuthError[]): AuthError {
  if (refusals.length === 1) return first
  const requiredScopes = [...new Set(refusals.flatMap((refusal) => refusal.requiredScopes ?? []))]
  return new AuthError('SCOPE_INSUFFICIENT', refusals.map(({ message }) => message).join('; '), { requiredScopes })
}

/**
 * Granted if one policy grants. Otherwise the first refusal that names scopes, since a client can act on it, or the
 * first. A policy that fails is a fault of the whole, whatever the others say.
 */
export function anyOf<Claims = TokenClaims>(...policies: readonly Policy<Claims>[]): Policy<Claims> {
  requirePolicies('anyOf', policies)
  return (token, nowSeconds) => {
    const verdicts = policies.map((policy) => verdict(policy, token, nowSeconds))
    const refusals = verdicts.filter(isAuthError)
    const fault = refusals.find(({ code }) => code === 'POLICY_FAULT')
    if (fault !== undefined) return fault
    if (refusals.length < verdicts.length) return granted
    return refusals.find(({ code }) => code === 'SCOPE_INSUFFICIENT') ?? refusals[0] ?? refuse('no policy granted')
  }
}

function requirePolicies(name: string, policies: readonly unknown[]): void {
  if (policies.length > 0 && policies.every((policy) => typeof policy === 'function')) return
  throw new TypeError(`${name}: at least one policy is required, and each must be a function`)
}
