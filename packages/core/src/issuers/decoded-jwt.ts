import { AuthError } from '../errors.ts'
import { decodeBase64url, decodeBase64urlText } from '../internal/encoding.ts'
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
  /** What the signature is made over, and the signature (RFC 7515 section 5.2). */
  readonly signed: string
  readonly signature: Uint8Array
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
  const first = raw.indexOf('.')
  const second = raw.indexOf('.', first + 1)
  if (first === -1 || second === -1 || raw.includes('.', second + 1)) throw notThreeSegments(raw)
  const { algorithm, keyId, type } = decodeHeader(raw.slice(0, first))
  const unverifiedClaims = decodePart(raw.slice(first + 1, second), 'payload')
  const signature = decodeBase64url(raw.slice(second + 1))
  if (signature === undefined) throw malformed('its signature is not base64url')
  const signed = raw.slice(0, second)
  return { raw, algorithm, keyId, type, issuer: unverifiedClaims['iss'], signed, signature, unverifiedClaims }
}

function notThreeSegments(raw: string): AuthError {
  return raw.split('.').length === 5
    ? malformed('it has five segments, as encrypted tokens (JWE) have; those are not supported')
    : malformed('it is not a JWT, which has three segments; opaque tokens need an introspectedIssuer')
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
function readHeader(header: Readonly<Record<string, unknown>>): Header {
  for (const name of ['crit', 'b64', 'enc']) {
    if (Object.hasOwn(header, name)) throw malformed(`its header has ${name}, which is not supported`)
  }
  const keyId = header['kid']
  if (keyId !== undefined && typeof keyId !== 'string') throw malformed('its kid is not a string')
  return { algorithm: header['alg'], keyId, type: header['typ'] }
}

type Header = Pick<DecodedJwt, 'algorithm' | 'keyId' | 'type'>

/** All tokens of one key have the same header, so most are read already. Bounded, and forgotten all at once. */
const headers = new Map<string, Header>()
const MOST_HEADERS = 64
const LONGEST_HEADER = 512
const encoder = new TextEncoder()
const decoder = new TextDecoder()

function decodeHeader(text: string): Header {
  const known = headers.get(text)
  if (known !== undefined) return known
  const header = readHeader(decodePart(text, 'header'))
  if (headers.size >= MOST_HEADERS) headers.clear()
  // a copy, since a piece of a string keeps all of it in memory, and that is a token
  if (text.length <= LONGEST_HEADER) headers.set(decoder.decode(encoder.encode(text)), header)
  return header
}

function decodePart(text: string, part: string): Readonly<Record<string, unknown>> {
  const json = decodeBase64urlText(text)
  if (json === undefined) throw malformed(`its ${part} is not base64url`)
  try {
    return parseStrictObject(json)
  } catch (error) {
    throw malformed(`its ${part} is ${error instanceof SyntaxError ? error.message : 'unreadable'}`)
  }
}

function malformed(reason: string): AuthError {
  return new AuthError('TOKEN_MALFORMED', `the token cannot be read: ${reason}`)
}
