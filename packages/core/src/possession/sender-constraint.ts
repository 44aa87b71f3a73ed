import { AuthError } from '../errors.ts'

/**
 * A token with `cnf` (RFC 7800) is good only in the hands of its key's holder. Taking it as a plain bearer token would
 * undo what the issuer asked for (RFC 9449 section 7.2, RFC 8705 section 3), so whatever cannot be checked is refused,
 * an unknown kind of binding included.
 *
 * @throws AuthError CONFIRMATION_UNSUPPORTED
 */
export function refuseBoundToken(claims: Readonly<Record<string, unknown>>): void {
  if (!Object.hasOwn(claims, 'cnf')) return
  throw new AuthError(
    'CONFIRMATION_UNSUPPORTED',
    'the token carries cnf: it is bound to a key, and no sender constraint is configured to check that',
  )
}
