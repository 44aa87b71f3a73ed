/// <reference lib="esnext.disposable" preserve="true" />
import type { StandardSchema } from './claims/schema.ts'
import { applySchema } from './claims/schema.ts'
import type { AuthenticJwt } from './claims/validate-claims.ts'
import { validateClaims } from './claims/validate-claims.ts'
import { constructionWatch } from './construction-watch.ts'
import { AuthError, isAuthError } from './errors.ts'
import type { EventIdentity, EventListener } from './events.ts'
import { emitter } from './events.ts'
import { quote } from './internal/quote.ts'
import { deepFreeze } from './internal/freeze.ts'
import type { WaitUntil } from './internal/single-flight.ts'
import { decodeJwt } from './issuers/decoded-jwt.ts'
import { IssuerDirectory } from './issuers/issuer-directory.ts'
import type { KeySnapshot } from './issuers/keys/key-snapshot.ts'
import { seedsOf } from './issuers/keys/key-snapshot.ts'
import type { IssuerContext, IssuerStatus, OpenIssuer } from './issuers/issuer.ts'
import type { CheckedVerifierOptions, VerifierOptions } from './options.ts'
import { checkVerifier } from './options.ts'
import { refuseBoundToken } from './possession/sender-constraint.ts'
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
  const { system, claims: schema, maxTokenBytes = 16_384 } = options
  const emit = emitter(options.onEvent)
  const issuers = new IssuerDirectory(options.issuers, issuerContext(options, emit))
  const watch = constructionWatch(issuers.names(), emit)

  async function authenticity(raw: string, waitUntil: WaitUntil | undefined): Promise<Authenticity> {
    const decoded = decodeJwt(raw, maxTokenBytes)
    const issuer = await trustedIssuer(issuers, decoded.issuer)
    return { issuer, authentic: await issuer.authenticate(decoded, waitUntil) }
  }

  function validityAndPossession(raw: string, { issuer, authentic }: Authenticity): AccessToken<Claims> {
    const valid = validateClaims(authentic, issuer.expectations, system.now() / 1000)
    const claims = typedClaims(schema, valid.claims)
    refuseBoundToken(valid.claims)
    return createAccessToken({ ...valid, claims, confirmation: undefined }, raw)
  }

  async function verify(raw: string, { waitUntil }: VerifyOptions = {}): Promise<AccessToken<Claims>> {
    let identity: EventIdentity = {}
    try {
      watch(system.now())
      const vouched = await authenticity(raw, waitUntil)
      identity = identityOf(vouched)
      const token = validityAndPossession(raw, vouched)
      emit({ type: 'verified', ...identity })
      return token
    } catch (error) {
      throw refused(error, identity, emit)
    }
  }

  const close = async (): Promise<void> => issuers.close()
  return Object.freeze({
    verify,
    warmUp: async () => void (await Promise.all(issuers.all().map((issuer) => issuer.warmUp()))),
    status: () => ({ issuers: issuers.all().map((issuer) => issuer.status()) }),
    exportKeys: () => issuers.all().flatMap((issuer) => issuer.snapshot() ?? []),
    close,
    [Symbol.asyncDispose]: close,
  })
}

interface Authenticity {
  readonly issuer: OpenIssuer
  readonly authentic: AuthenticJwt
}

function issuerContext<Claims>(
  { system, audience, algorithms, clockToleranceSeconds = 30, seedKeys = null }: CheckedVerifierOptions<Claims>,
  emit: EventListener,
): IssuerContext {
  return { system, emit, audience, algorithms, clockToleranceSeconds, seedFor: seedsOf(seedKeys), retriesUnseen: true }
}

async function trustedIssuer(issuers: IssuerDirectory, name: unknown): Promise<OpenIssuer> {
  const issuer = await issuers.find(name)
  if (issuer !== undefined) return issuer
  throw new AuthError('ISSUER_UNTRUSTED', `the token names the issuer ${quote(name)}; trusted is ${issuers.describe()}`)
}

/** Without a schema the caller gets the claims as they are; `Claims` is then its default. */
function typedClaims<Claims>(schema: StandardSchema<Claims> | undefined, claims: TokenClaims): Claims {
  return schema === undefined ? (claims as Claims) : applySchema(schema, deepFreeze(claims))
}

/** For events about a token that is signed but may yet be refused. */
function identityOf({ issuer: { issuer }, authentic: { claims } }: Authenticity): EventIdentity {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return { issuer, subject: text(claims['sub']), clientId: text(claims['client_id']) ?? text(claims['cid']) }
}

function refused(error: unknown, identity: EventIdentity, emit: EventListener): unknown {
  const known = isAuthError(error)
    ? error
    : new AuthError('INTERNAL_FAULT', 'verification failed unexpectedly', { cause: error })
  emit({ type: 'refused', code: known.code, message: known.message, cause: known.cause, ...identity })
  return known
}
