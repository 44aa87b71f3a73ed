import { isObject } from '../internal/guards.ts'
import { hashToken } from './token-hash.ts'

interface Kept {
  /** How long to remember it: at least the longest life that is left to what is revoked, plus the clock tolerance. */
  readonly keepSeconds: number
}

interface IssuedBefore {
  /** Seconds since the epoch: only tokens issued before then are revoked, and those that do not tell. */
  readonly issuedBefore?: number | undefined
}

/** What to revoke: one token by `jti`, everything of a subject or a session (`sid`), or the token at hand. */
export type Revocation = Kept &
  (
    | { readonly issuer: string; readonly jti: string }
    | ({ readonly issuer: string; readonly subject: string } & IssuedBefore)
    | ({ readonly issuer: string; readonly session: string } & IssuedBefore)
    | { readonly token: string }
  )

/** A revocation as it is kept and passed on: plain JSON, without a token. */
export interface RevocationEntry {
  readonly kind: 'jti' | 'subject' | 'session' | 'token'
  /** Undefined for `token`. */
  readonly issuer?: string
  /** The `jti`, `sub` or `sid`, or the token's SHA-256. */
  readonly value: string
  readonly issuedBefore?: number
  /** Milliseconds since the epoch. */
  readonly keepUntilMs: number
}

const KINDS = ['jti', 'subject', 'session', 'token'] as const
const NAMES = new Set<string>([...KINDS, 'issuer', 'issuedBefore', 'keepSeconds'])
const SHAPE =
  'revoke takes { issuer, jti, keepSeconds }, { issuer, subject or session, issuedBefore?, keepSeconds } or { token, keepSeconds }'

/** @throws TypeError for what is no revocation: a name too many may be a limit that the caller counts on */
export async function revocationEntry(revocation: Revocation, nowMs: number): Promise<RevocationEntry> {
  const given: unknown = revocation
  if (!isObject(given)) throw new TypeError(SHAPE)
  const { issuer, issuedBefore, keepSeconds, ...rest } = given
  const kind = KINDS.find((name) => rest[name] !== undefined)
  const isKnown = Object.keys(given).every((name) => NAMES.has(name))
  const isOne = KINDS.filter((name) => rest[name] !== undefined).length === 1
  if (!isKnown || !isOne || kind === undefined) throw new TypeError(SHAPE)
  if (!isFiniteNumber(keepSeconds) || keepSeconds <= 0) throw new TypeError('revoke: keepSeconds must be above 0')
  const value = rest[kind]
  if (kind === 'token' && typeof value !== 'string') throw new TypeError(SHAPE)
  return readEntry({
    kind,
    issuer,
    value: kind === 'token' ? await hashToken(String(value)) : value,
    issuedBefore,
    keepUntilMs: nowMs + keepSeconds * 1000,
  })
}

/** A copy with its members in one order, whatever was added. @throws TypeError */
export function readEntry(given: unknown): RevocationEntry {
  if (!isObject(given)) throw new TypeError(SHAPE)
  const { issuer, value, issuedBefore, keepUntilMs } = given
  const kind = KINDS.find((name) => name === given['kind'])
  if (kind === undefined || typeof value !== 'string' || value === '' || !isFiniteNumber(keepUntilMs))
    throw new TypeError(SHAPE)
  if (kind === 'token' ? issuer !== undefined : typeof issuer !== 'string' || issuer === '') throw new TypeError(SHAPE)
  const mayLimit = kind === 'subject' || kind === 'session'
  if (issuedBefore !== undefined && !(mayLimit && isFiniteNumber(issuedBefore))) throw new TypeError(SHAPE)
  return {
    kind,
    ...(typeof issuer === 'string' && { issuer }),
    value,
    ...(isFiniteNumber(issuedBefore) && { issuedBefore }),
    keepUntilMs,
  }
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
