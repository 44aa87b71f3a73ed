import { AuthError } from '../errors.ts'
import { decodeBase64url } from '../internal/encoding.ts'
import { parseStrictObject } from '../internal/strict-json.ts'

/**
 * A token that was taken apart and nothing more: whoever sent it may have written any of it. A different type from
 * AccessToken on purpose. Only what is needed to route it is named; the claims wait behind `unverifiedClaims`.
 */
export interface DecodedJwt {
  readonly raw: string
  readonly algorithm: unknown
  readonly keyId: string | undefined
  readonly type: unknown
  readonly issuer: unknown
  readonly unverifiedClaims: Readonly<Record<string, unknown>>
}

/**
 * Takes a JWS in compact form apart (RFC 7515 section 5.2, RFC 7519 section 7.2).
 *
 * @throws AuthError TOKEN_MALFORMED
 */
export function decodeJwt(raw: string, maxTokenBytes: number): DecodedJwt {
  if (typeof raw !== 'string' || raw === '') throw malformed('it is empty or not a string')
  if (raw.length > maxTokenBytes) throw malformed(`it has ${raw.length} bytes; maxTokenBytes is ${maxTokenBytes}`)
  const segments = raw.split('.')
  if (segments.length === 5)
    throw malformed('it has five segments, as encrypted tokens (JWE) have; those are not supported')
  const [headerText, claimsText, signatureText] = segments
  if (segments.length !== 3 || headerText === undefined || claimsText === undefined || signatureText === undefined) {
    throw malformed('it is not a JWT, which has three segments; opaque tokens need an introspectedIssuer')
  }
  const header = decodePart(headerText, 'header')
  const unverifiedClaims = decodePart(claimsText, 'payload')
  if (decodeBase64url(signatureText) === undefined) throw malformed('its signature is not base64url')
  refuseUnusualHeader(header)
  const keyId = header['kid']
  if (keyId !== undefined && typeof keyId !== 'string') throw malformed('its kid is not a string')
  return {
    raw,
    algorithm: header['alg'],
    keyId,
    type: header['typ'],
    issuer: unverifiedClaims['iss'],
    unverifiedClaims,
  }
}

/** Whether a token that could not be taken apart is no JWT at all: its first part holds no JSON object, or its parts are not three. */
export function isOpaque(raw: string): boolean {
  const segments = raw.split('.')
  const header = segments.length === 3 ? decodeBase64url(segments[0] ?? '') : undefined
  if (header === undefined) return true
  try {
    return parseStrictObject(header) === undefined
  } catch {
    return true
  }
}

/** RFC 7515 section 4.1.11: no extension is understood, so any `crit` refuses. RFC 7797 section 7: a JWT never uses `b64`. RFC 7516 section 9: `enc` marks a JWE. */
function refuseUnusualHeader(header: Readonly<Record<string, unknown>>): void {
  for (const name of ['crit', 'b64', 'enc']) {
    if (Object.hasOwn(header, name)) throw malformed(`its header has ${name}, which is not supported`)
  }
}

function decodePart(text: string, part: string): Readonly<Record<string, unknown>> {
  const bytes = decodeBase64url(text)
  if (bytes === undefined) throw malformed(`its ${part} is not base64url`)
  try {
    return parseStrictObject(bytes)
  } catch (error) {
    throw malformed(`its ${part} is ${error instanceof SyntaxError ? error.message : 'unreadable'}`)
  }
}

function malformed(reason: string): AuthError {
  return new AuthError('TOKEN_MALFORMED', `the token cannot be read: ${reason}`)
}
