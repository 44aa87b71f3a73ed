import { AuthError } from '../errors.ts'
import { quote } from '../internal/quote.ts'

/** Verified claims, before anybody relied on one. Members are read only where the token itself has them. */
export type Claims = Readonly<Record<string, unknown>>

export function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/** A StringOrURI claim (RFC 7519 section 4.1). @throws AuthError CLAIM_INVALID */
export function optionalString(claims: Claims, name: string): string | undefined {
  const value = claimOf(claims, name)
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new AuthError('CLAIM_INVALID', `${name} must be a non-empty string, but is ${kindOf(value)}`)
}

/** A NumericDate claim (RFC 7519 section 2): a finite number of seconds. @throws AuthError CLAIM_INVALID */
export function optionalDate(claims: Claims, name: string): number | undefined {
  const value = claimOf(claims, name)
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  throw new AuthError('CLAIM_INVALID', `${name} must be a number of seconds, but is ${kindOf(value)}`)
}

/** @throws AuthError CLAIM_MISSING */
export function present<T>(value: T | undefined, name: string, why: string): T {
  if (value !== undefined) return value
  throw new AuthError('CLAIM_MISSING', `${name} is missing; ${why}`)
}

/** What a wrong value is, without repeating it: a claim may be personal. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value === '') return 'empty'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'not finite'
  return quote(typeof value).slice(1, -1)
}
