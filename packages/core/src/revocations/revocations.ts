import { optionalString } from '../claims/claim-types.ts'
import type { ValidClaims } from '../claims/validate-claims.ts'
import { AuthError } from '../errors.ts'
import { quote } from '../internal/quote.ts'
import { discard } from '../internal/foreign-result.ts'
import type { OptionProblems } from '../internal/option-problems.ts'
import { isObject } from '../internal/guards.ts'

/** What a valid token may be revoked by. */
export interface RevocationSubject {
  readonly issuer: string
  /** `jti`. */
  readonly id: string | undefined
  readonly subject: string | undefined
  /** `sid`: the session at the issuer that the token was issued in. */
  readonly session: string | undefined
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined
  /** SHA-256 of the token, as `revoke({ token })` remembers it. Undefined unless `needsTokenHash` asked for it. */
  readonly tokenHash: string | undefined
}

/** `unavailable`: it cannot be told whether the token was revoked, so the request is refused with a 503. */
export type RevocationVerdict = 'good' | 'revoked' | 'unavailable'

/** What knows which tokens were revoked before they expire. Asked on every verification, so it answers from memory. */
export interface Revocations {
  /** Synchronous. Whatever is no verdict, a Promise or a throw among it, refuses the request as a fault. */
  readonly check: (token: RevocationSubject) => RevocationVerdict
  /** Whether `check` wants `tokenHash`. Hashing is not free, so say so only while some token is revoked by its hash. */
  readonly needsTokenHash?: boolean | undefined
  /** When asking again makes sense after `unavailable`; 1 unless given. */
  readonly retryAfterSeconds?: number | undefined
}

export function checkRevocations(problems: OptionProblems, revocations: unknown): void {
  const fits = revocations === undefined || (isObject(revocations) && typeof revocations['check'] === 'function')
  problems.require(fits, 'revocations must have check: memoryRevocations(), redisRevocations({ ... }), or your own')
}

/** @throws AuthError INTERNAL_FAULT */
export function asksForTokenHash(revocations: Revocations | undefined): boolean {
  try {
    return revocations?.needsTokenHash === true
  } catch (cause) {
    throw faulty('needsTokenHash threw', cause)
  }
}

/**
 * @throws AuthError TOKEN_REVOKED; STORE_UNAVAILABLE where nobody can tell; INTERNAL_FAULT for whatever is no verdict;
 *   CLAIM_INVALID for a `sid` that is no string, since no revocation could name it
 */
export function requireUnrevoked(revocations: Revocations, valid: ValidClaims, tokenHash: string | undefined): void {
  const { issuer, id, subject, issuedAt, claims } = valid
  const session = optionalString(claims, 'sid')
  const verdict = verdictOf(revocations, { issuer, id, subject, session, issuedAt, tokenHash })
  if (verdict === 'good') return
  if (verdict === 'revoked') throw new AuthError('TOKEN_REVOKED', `the token ${quote(id ?? 'without jti')} was revoked`)
  if (verdict !== 'unavailable') {
    discard(verdict)
    throw faulty('the revocations answered no verdict', undefined)
  }
  const retryAfterSeconds = retryAfterOf(revocations)
  throw new AuthError('STORE_UNAVAILABLE', 'the revocations are unavailable', { retryAfterSeconds })
}

function verdictOf(revocations: Revocations, token: RevocationSubject): unknown {
  try {
    return revocations.check(token)
  } catch (cause) {
    throw faulty('the revocations threw', cause)
  }
}

function retryAfterOf(revocations: Revocations): number {
  try {
    const { retryAfterSeconds } = revocations
    return typeof retryAfterSeconds === 'number' && Number.isFinite(retryAfterSeconds) ? retryAfterSeconds : 1
  } catch {
    return 1
  }
}

function faulty(message: string, cause: unknown): AuthError {
  return new AuthError('INTERNAL_FAULT', message, cause === undefined ? {} : { cause })
}
