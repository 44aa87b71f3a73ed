/// <reference lib="esnext.disposable" preserve="true" />
import { emitter } from './events.ts'
import type { EventListener } from './events.ts'
import { promising } from './internal/at-once.ts'
import type { WaitUntil } from './internal/single-flight.ts'
import { IssuerDirectory } from './issuers/issuer-directory.ts'
import type { IssuerContext, IssuerStatus } from './issuers/issuer.ts'
import type { KeySnapshot } from './issuers/keys/key-snapshot.ts'
import { seedsOf } from './issuers/keys/key-snapshot.ts'
import type { CheckedVerifierOptions, VerifierOptions } from './options.ts'
import { checkVerifier } from './options.ts'
import type { AccessToken, TokenClaims } from './token.ts'
import type { VerifyOptions } from './verification.ts'
import { Verification } from './verification.ts'

/** Answers: is this token good? It knows no HTTP. */
export interface Verifier<Claims = TokenClaims> {
  /**
   * @param token the access token, without `Bearer`
   * @throws AuthError with the code of the first check that failed; the order of the checks is fixed: syntax, issuer,
   *   algorithm, key, signature, type, audience, exp, nbf and iat, profile, schema, revocation, possession
   */
  readonly verify: (token: string, options?: VerifyOptions) => Promise<AccessToken<Claims>>
  /** Fetches the keys of every issuer, for a readiness check at start. @throws AuthError KEYS_UNAVAILABLE */
  readonly warmUp: () => Promise<void>
  /** The state of every issuer's keys. Synchronous and without I/O. */
  readonly status: () => VerifierStatus
  /** The keys at hand with their age, as JSON, for `seedKeys` of a later start. Public keys only. */
  readonly exportKeys: () => KeySnapshot
  /** Ends background work. Verifying goes on working. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

export interface VerifierStatus {
  readonly issuers: readonly IssuerStatus[]
}

/**
 * Makes a verifier. No I/O happens here: keys are fetched when the first token needs them, or by `warmUp`.
 *
 * @throws TypeError that names every problem of the options
 */
export function createVerifier<Claims = TokenClaims>(options: VerifierOptions<Claims>): Verifier<Claims> {
  return verifierFrom(checkVerifier(options))
}

/** The verifier of options that were checked. */
export function verifierFrom<Claims>(options: CheckedVerifierOptions<Claims>): Verifier<Claims> {
  const emit = emitter(options.onEvent)
  const issuers = new IssuerDirectory(options.issuers, issuerContext(options, emit))
  const verification = new Verification(options, issuers, emit)
  const verify: Verifier<Claims>['verify'] = promising((raw, how) => verification.verify(raw, how))
  verifications.set(verify, verification)
  const close = async (): Promise<void> => verification.close()
  return Object.freeze({
    verify,
    warmUp: async () => void (await Promise.all(issuers.all().map((issuer) => issuer.warmUp()))),
    status: () => ({ issuers: issuers.all().map((issuer) => issuer.status()) }),
    exportKeys: () => issuers.all().flatMap((issuer) => issuer.snapshot() ?? []),
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** By the very function, so that a verifier which wraps another is never passed by. */
const verifications = new WeakMap<object, unknown>()

/** A token that passed before and does now, if `verifier` is one of ours; undefined is no refusal. */
export function recognized<Claims>(
  { verify }: Pick<Verifier<Claims>, 'verify'>,
  raw: string,
  waitUntil: WaitUntil | undefined,
): AccessToken<Claims> | undefined {
  const verification = verifications.get(verify) as Verification<Claims> | undefined // set for a verifier of these claims
  return verification?.recognized(raw, waitUntil)
}

function issuerContext<Claims>(
  { system, audience, algorithms, clockToleranceSeconds = 30, seedKeys = null }: CheckedVerifierOptions<Claims>,
  emit: EventListener,
): IssuerContext {
  return { system, emit, audience, algorithms, clockToleranceSeconds, seedFor: seedsOf(seedKeys), retriesUnseen: true }
}
