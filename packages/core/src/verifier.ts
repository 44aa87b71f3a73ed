/// <reference lib="esnext.disposable" preserve="true" />
import type { Audience } from './claims/audience.ts'
import type { StandardSchema } from './claims/schema.ts'
import { applySchema } from './claims/schema.ts'
import { validateClaims } from './claims/validate-claims.ts'
import { AuthError, isAuthError } from './errors.ts'
import type { EventIdentity, EventListener } from './events.ts'
import { emitter } from './events.ts'
import { quote } from './internal/encoding.ts'
import { deepFreeze } from './internal/freeze.ts'
import type { Algorithm } from './issuers/algorithms.ts'
import { watchConstruction } from './construction-watch.ts'
import { decodeJwt } from './issuers/decoded-jwt.ts'
import { IssuerDirectory } from './issuers/issuer-directory.ts'
import type { KeySnapshot } from './issuers/key-snapshot.ts'
import type { Issuer, IssuerContext, IssuerStatus, OpenIssuer, TrustedIssuer } from './issuers/issuer.ts'
import type { WaitUntil } from './internal/single-flight.ts'
import type { CheckedVerifierOptions } from './options.ts'
import { checkVerifier } from './options.ts'
import { refuseBoundToken } from './possession/sender-constraint.ts'
import type { System } from './system.ts'
import type { AccessToken, TokenClaims } from './token.ts'
import { createAccessToken } from './token.ts'

/** Answers: is this token good? It knows no HTTP. */
export interface Verifier<Claims = TokenClaims> {
  /**
   * @param token the access token, without `Bearer`
   * @throws AuthError with the code of the first check that failed; the order of the checks is fixed: syntax, issuer,
   *   algorithm, key, signature, type, audience, exp, nbf and iat, profile, schema, possession
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

export interface VerifyOptions {
  /** Anchors background work that outlives the request, on runtimes that have it. */
  readonly waitUntil?: WaitUntil | undefined
}

export interface VerifierStatus {
  readonly issuers: readonly IssuerStatus[]
}

interface CommonOptions<Claims> {
  /** The only signature algorithms accepted, for issuers that do not name their own. Default: RS, PS and ES with 256, 384 and 512, Ed25519, and EdDSA with Ed25519 keys. */
  readonly algorithms?: readonly Algorithm[] | undefined
  /** A synchronous Standard Schema (zod, valibot, arktype) that the claims must pass; it gives `token.claims` its type. */
  readonly claims?: StandardSchema<Claims> | undefined
  /** How far clocks may differ. Default 30, at most 300. */
  readonly clockToleranceSeconds?: number | undefined
  /** Larger tokens are refused unread. Default 16384. */
  readonly maxTokenBytes?: number | undefined
  /** What `exportKeys` returned in an earlier life: a cold start then verifies without a fetch, and refreshes behind. */
  readonly seedKeys?: KeySnapshot | undefined
  /** Hears what happened; see {@link logRefusals}. Changes no decision, even if it throws. */
  readonly onEvent?: EventListener | undefined
  /** Replaces the clock, the network, timers or chance. */
  readonly system?: Partial<System> | undefined
}

/** Issuer and audience are required; the audience only where an issuer does not bring its own. */
export type VerifierOptions<Claims = TokenClaims> = CommonOptions<Claims> &
  (
    | {
        /** The issuer identifier (RFC 8414 section 2), `jwtIssuer({ ... })`, `tenantIssuers({ ... })`, or a list of them. */
        readonly issuer: TrustedIssuer | readonly TrustedIssuer[]
        /** The `aud` value that names this API, or a list of them (RFC 7519 section 4.1.3). */
        readonly audience: Audience
      }
    | {
        readonly issuer: Issuer<true> | readonly [Issuer<true>, ...Issuer<true>[]]
        readonly audience?: Audience | undefined
      }
  )

/**
 * Makes a verifier. No I/O happens here: keys are fetched when the first token needs them, or by `warmUp`.
 *
 * @throws TypeError that names every problem of the options
 */
export function createVerifier<Claims = TokenClaims>(options: VerifierOptions<Claims>): Verifier<Claims> {
  const checked = checkVerifier(options)
  const { system, claims: schema, maxTokenBytes = 16_384 } = checked
  const emit = emitter(checked.onEvent)
  const issuers = new IssuerDirectory(checked.issuers, issuerContext(checked, emit))
  let isFirst = true

  async function verify(raw: string, { waitUntil }: VerifyOptions = {}): Promise<AccessToken<Claims>> {
    let identity: EventIdentity = {}
    try {
      if (isFirst) watchConstruction(issuers.names(), system.now(), emit)
      isFirst = false
      const decoded = decodeJwt(raw, maxTokenBytes)
      const issuer = await trustedIssuer(issuers, decoded.issuer)
      const authentic = await issuer.authenticate(decoded, waitUntil)
      identity = identityOf(issuer.issuer, authentic.claims)
      const valid = validateClaims(authentic, issuer.expectations, system.now() / 1000)
      const claims =
        schema === undefined ? untyped<Claims>(valid.claims) : applySchema(schema, deepFreeze(valid.claims))
      refuseBoundToken(valid.claims)
      emit({ type: 'verified', ...identity })
      return createAccessToken({ ...valid, claims, confirmation: undefined }, raw)
    } catch (error) {
      throw refused(error, identity, emit)
    }
  }

  const close = async (): Promise<void> => {
    for (const issuer of issuers.all()) issuer.close()
  }
  return Object.freeze({
    verify,
    warmUp: async () => void (await Promise.all(issuers.all().map((issuer) => issuer.warmUp()))),
    status: () => ({ issuers: issuers.all().map((issuer) => issuer.status()) }),
    exportKeys: () => issuers.all().flatMap((issuer) => issuer.snapshot() ?? []),
    close,
    [Symbol.asyncDispose]: close,
  })
}

function issuerContext<Claims>(
  { system, audience, algorithms, clockToleranceSeconds = 30, seedKeys = [] }: CheckedVerifierOptions<Claims>,
  emit: EventListener,
): IssuerContext {
  return { system, emit, audience, algorithms, clockToleranceSeconds, seedKeys }
}

async function trustedIssuer(issuers: IssuerDirectory, name: unknown): Promise<OpenIssuer> {
  const issuer = await issuers.find(name)
  if (issuer !== undefined) return issuer
  throw new AuthError(
    'ISSUER_UNTRUSTED',
    `the token names the issuer ${quote(name)}; trusted is ${issuers.describe(quote)}`,
  )
}

/** Without a schema the caller gets the claims as they are; `Claims` is then its default. */
function untyped<Claims>(claims: TokenClaims): Claims {
  return claims as Claims
}

/** For events about a token that is signed but may yet be refused. */
function identityOf(issuer: string, { sub, client_id: clientId, cid }: TokenClaims): EventIdentity {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return { issuer, subject: text(sub), clientId: text(clientId) ?? text(cid) }
}

function refused(error: unknown, identity: EventIdentity, emit: EventListener): unknown {
  const known = isAuthError(error)
    ? error
    : new AuthError('INTERNAL_FAULT', 'verification failed unexpectedly', { cause: error })
  emit({ type: 'refused', code: known.code, message: known.message, cause: known.cause, ...identity })
  return known
}
