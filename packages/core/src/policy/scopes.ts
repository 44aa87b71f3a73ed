import { isScopeToken } from '../claims/scope.ts'
import { AuthError } from '../errors.ts'
import { quoteAll } from '../internal/quote.ts'
import type { Policy } from './policy.ts'
import { granted } from './policy.ts'

/**
 * Granted if the token has every one of these scopes (RFC 6749 section 3.3: case-sensitive, compared whole).
 * The refusal is a 403 that names them all.
 *
 * @throws TypeError for none, or for what is not a scope token
 */
export function scopes(...required: readonly [string, ...string[]]): Policy<unknown> {
  const wrong = required.filter((scope) => !isScopeToken(scope))
  if (required.length === 0) throw new TypeError('scopes: at least one scope is required')
  if (wrong.length > 0)
    throw new TypeError(`scopes: ${quoteAll(wrong)} cannot be a scope; give each scope as an argument of its own`)
  const requiredScopes = Object.freeze([...required])
  return (token) => {
    const missing = requiredScopes.filter((scope) => !token.scopes.includes(scope))
    if (missing.length === 0) return granted
    const held = token.scopes.length === 0 ? 'no scope' : quoteAll(token.scopes)
    return new AuthError('SCOPE_INSUFFICIENT', `the token lacks ${missing.join(' ')}; it has ${held}`, {
      requiredScopes,
    })
  }
}
