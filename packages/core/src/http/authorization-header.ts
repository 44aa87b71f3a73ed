import { AuthError } from '../errors.ts'

/** RFC 9110 section 11.4: a scheme, alone or with one or more spaces and something after it. */
const CREDENTIALS = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: +(.*))?$/s
/** RFC 6750 section 2.1. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/
/** RFC 9110 section 5.6.4; one that is not closed reaches to the end. */
const QUOTED_STRINGS = /"(?:[^"\\]|\\.?)*(?:"|$)/gs
/** In a list, a scheme with something after it that is no parameter. */
const FURTHER_CREDENTIALS = /,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: +[^\s=,]|[ \t]*$)/

/** What the Authorization field holds for us. `none`: no field at all. `other`: a scheme that is not accepted here. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'other' }
  | { readonly kind: 'bearer'; readonly token: string }

/**
 * Reads the Authorization field (RFC 6750 section 2.1): the one place where a token may stand. Query, body and cookies
 * are not looked at (RFC 6750 sections 2.2 and 2.3 are not offered; OAuth 2.1 section 5.1 forbids the query).
 *
 * @throws AuthError REQUEST_MALFORMED
 */
export function readAuthorization(values: readonly string[]): Credentials {
  const [value] = values
  if (value === undefined) return { kind: 'none' }
  if (values.length > 1) throw malformed('the field was sent more than once') // RFC 9110 section 5.3: a singleton
  // as nearly always; what is no b64token is told apart below
  if (value.startsWith('Bearer ') && B64TOKEN.test(value.slice(7))) return { kind: 'bearer', token: value.slice(7) }
  const match = CREDENTIALS.exec(withoutOuterSpace(value))
  if (match === null) throw malformed('it is no scheme followed by credentials')
  const [, scheme = '', credentials = ''] = match
  if (scheme.toLowerCase() !== 'bearer') {
    // what was sent twice and joined on the way, as web Headers and gateways do, is still two
    if (FURTHER_CREDENTIALS.test(credentials.replace(QUOTED_STRINGS, '""'))) throw malformed('it holds two credentials')
    return { kind: 'other' }
  }
  if (credentials === '') throw malformed('nothing follows Bearer')
  if (!B64TOKEN.test(credentials)) throw malformed('what follows Bearer is no b64token')
  return { kind: 'bearer', token: credentials }
}

/** RFC 9110 section 5.5: space and tab around a field value are not part of it. */
function withoutOuterSpace(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start += 1
  while (end > start && isSpace(value.charCodeAt(end - 1))) end -= 1
  return value.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function malformed(reason: string): AuthError {
  return new AuthError('REQUEST_MALFORMED', `the Authorization field is malformed: ${reason}`)
}
