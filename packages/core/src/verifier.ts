/// <reference lib="esnext.disposable" preserve="true" />
import type { StandardSchema } from './claims/schema.ts'
import { applySchema } from './claims/schema.ts'
import { requireCurrent, validateClaims } from './claims/validate-claims.ts'
import { constructionWatch } from './construction-watch.ts'
import { AuthError, isAuthError } from './errors.ts'
import type { EventIdentity, EventListener } from './events.ts'
import { emitter } from './events.ts'
import { promising } from './internal/at-once.ts'
import { deepFreeze } from './internal/freeze.ts'
import { quote } from './internal/quote.ts'
import type { WaitUntil } from './internal/single-flight.ts'
import { isPending, whenSettled } from './internal/when-settled.ts'
import { decodeJwt, isOpaque } from './issuers/decoded-jwt.ts'
import { IssuerDirectory } from './issuers/issuer-directory.ts'
import type { KeySnapshot } from './issuers/keys/key-snapshot.ts'
import type { AuthenticateToken, IssuerContext, IssuerStatus, PresentedToken } from './issuers/issuer.ts'
import { seedsOf } from './issuers/keys/key-snapshot.ts'
import type { Authenticity, GoodToken, RememberedToken } from './issuers/verified-tokens.ts'
import { VerifiedTokens } from './issuers/verified-tokens.ts'
import type { CheckedVerifierOptions, VerifierOptions } from './options.ts'
import { checkVerifier } from './options.ts'
import { refuseBoundToken } from './possession/sender-constraint.ts'
import { asksForTokenHash, requireUnrevoked } from './revocations/revocations.ts'
import { hashToken } from './revocations/token-hash.ts'
import type { AccessToken, TokenClaims } from './token.ts'
import { createAccessToken } from './token.ts'

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

export interface VerifyOptions {
  /** Anchors background work that outlives the request, on runtimes that have it. */
  readonly waitUntil?: WaitUntil | undefined
  /** Asks an introspected issuer again, whatever is remembered. */
  readonly fresh?: boolean | undefined
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
  const close = async (): Promise<void> => issuers.close()
  return Object.freeze({
    verify: verification(options, issuers, emit),
    warmUp: async () => void (await Promise.all(issuers.all().map((issuer) => issuer.warmUp()))),
    status: () => ({ issuers: issuers.all().map((issuer) => issuer.status()) }),
    exportKeys: () => issuers.all().flatMap((issuer) => issuer.snapshot() ?? []),
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** A token that passed before and does now. Whatever is to be said of its syntax was said then. Undefined for any other text. */
export type Recall<Claims> = (raw: string, waitUntil?: WaitUntil) => AccessToken<Claims> | undefined

/** By the very function, so that a verifier which wraps another is never passed by. */
const recollections = new WeakMap<object, unknown>()

export function recallOf<Claims>({ verify }: Pick<Verifier<Claims>, 'verify'>): Recall<Claims> | undefined {
  return recollections.get(verify) as Recall<Claims> | undefined // set for a verifier of these claims
}

/** The questions in their order. Of a token that was good before, only those are asked whose answers change. */
function verification<Claims>(
  { system, claims: schema, revocations, onEvent, cache, maxTokenBytes = 16_384 }: CheckedVerifierOptions<Claims>,
  issuers: IssuerDirectory,
  emit: EventListener,
): Verifier<Claims>['verify'] {
  const verified = new VerifiedTokens<Claims>(cache, issuers)
  const watch = constructionWatch(issuers.names(), emit, system.now)

  const verify: Verifier<Claims>['verify'] = promising((raw, { waitUntil, fresh = false } = {}) => {
    let vouched: Authenticity | undefined
    try {
      watch()
      const known = fresh ? undefined : recall(raw, waitUntil)
      vouched = known
      if (known !== undefined && !asksForTokenHash(revocations)) return accepted(raw, known, known, undefined)
      const asked = known ?? authenticity(raw, maxTokenBytes, issuers, { waitUntil, isFresh: fresh })
      if (isPending(asked)) return verifyLater(raw, asked)
      vouched = asked
      const tokenHash = asksForTokenHash(revocations) ? hashToken(raw) : undefined
      return isPending(tokenHash) ? verifyLater(raw, asked, known) : accepted(raw, asked, known, tokenHash)
    } catch (error) {
      throw refused(error, vouched, emit)
    }
  })
  recollections.set(verify, (raw: string, waitUntil?: WaitUntil) => {
    try {
      const known = recall(raw, waitUntil)
      return known && !asksForTokenHash(revocations) ? accepted(raw, known, known, undefined) : undefined
    } catch {
      return undefined // why not is for `verify` to say
    }
  })
  return verify

  function recall(raw: string, waitUntil: WaitUntil | undefined): RememberedToken<Claims> | undefined {
    return fits(raw, maxTokenBytes) ? verified.recall(raw, waitUntil) : undefined
  }

  async function verifyLater(
    raw: string,
    asked: Authenticity | Promise<Authenticity>,
    known?: RememberedToken<Claims>,
  ): Promise<AccessToken<Claims>> {
    let vouched: Authenticity | undefined
    try {
      vouched = await asked
      const tokenHash = asksForTokenHash(revocations) ? await hashToken(raw) : undefined
      return accepted(raw, vouched, known, tokenHash)
    } catch (error) {
      throw refused(error, vouched, emit)
    }
  }

  /** Synchronous: between the questions whose answers change, and the answer, nothing may happen. */
  function accepted(
    raw: string,
    vouched: Authenticity,
    known: RememberedToken<Claims> | undefined,
    tokenHash: string | undefined,
  ): AccessToken<Claims> {
    const nowSeconds = system.now() / 1000
    const good = known === undefined ? validity(vouched, schema, nowSeconds) : renewed(known, schema, nowSeconds)
    if (revocations !== undefined) requireUnrevoked(revocations, good.facts, tokenHash)
    refuseBoundToken(good.facts.claims)
    if (known === undefined) verified.remember(raw, good)
    if (onEvent !== undefined) emit({ type: 'verified', ...identityOf(vouched) })
    return createAccessToken(good.facts, good.claims, raw)
  }
}

/** @throws AuthError what the first check that failed says */
function authenticity(
  raw: string,
  maxTokenBytes: number,
  issuers: IssuerDirectory,
  how: AuthenticateToken,
): Authenticity | Promise<Authenticity> {
  const presented = takeApart(raw, maxTokenBytes, issuers.takesOpaque)
  return whenSettled(issuers.find(presented), (found) => {
    const issuer = found ?? untrusted(issuers, presented)
    return whenSettled(issuer.authenticate(presented, how), (authentic) => ({ issuer, authentic }))
  })
}

function validity<Claims>(
  { issuer, authentic }: Authenticity,
  schema: StandardSchema<Claims> | undefined,
  nowSeconds: number,
): GoodToken<Claims> {
  const facts = validateClaims(authentic, issuer.expectations, nowSeconds)
  return { issuer, authentic, facts, claims: typedClaims(schema, facts.claims) }
}

/** What was valid before, and still is: as it was then, but for claims that somebody could have changed meanwhile. */
function renewed<Claims>(
  known: RememberedToken<Claims>,
  schema: StandardSchema<Claims> | undefined,
  nowSeconds: number,
): GoodToken<Claims> {
  const { issuer, authentic, facts } = known
  if (!known.isCurrent(nowSeconds)) requireCurrent(facts.claims, issuer.expectations, nowSeconds)
  return known.isShareable ? known : { issuer, authentic, facts, claims: typedClaims(schema, facts.claims) }
}

function issuerContext<Claims>(
  { system, audience, algorithms, clockToleranceSeconds = 30, seedKeys = null }: CheckedVerifierOptions<Claims>,
  emit: EventListener,
): IssuerContext {
  return { system, emit, audience, algorithms, clockToleranceSeconds, seedFor: seedsOf(seedKeys), retriesUnseen: true }
}

/** What is no JWT is opaque, where somebody can be asked about it. What is a broken JWT stays one. */
function takeApart(raw: string, maxTokenBytes: number, takesOpaque: boolean): PresentedToken {
  if (takesOpaque && fits(raw, maxTokenBytes) && isOpaque(raw)) return { raw, jwt: undefined }
  return { raw, jwt: decodeJwt(raw, maxTokenBytes) }
}

function fits(raw: unknown, maxTokenBytes: number): boolean {
  return typeof raw === 'string' && raw !== '' && raw.length <= maxTokenBytes
}

function untrusted(issuers: IssuerDirectory, { jwt }: PresentedToken): never {
  const named =
    jwt === undefined
      ? 'the token is opaque, and no single introspected issuer takes it for its own'
      : `the token names the issuer ${quote(jwt.issuer)}`
  throw new AuthError('ISSUER_UNTRUSTED', `${named}; trusted is ${issuers.describe()}`)
}

/** Without a schema the caller gets the claims as they are; `Claims` is then its default. */
function typedClaims<Claims>(schema: StandardSchema<Claims> | undefined, claims: TokenClaims): Claims {
  return schema === undefined ? (claims as Claims) : deepFreeze(applySchema(schema, claims))
}

/** For events about a token that is signed but may yet be refused; nobody, before that is settled. */
function identityOf(vouched: Authenticity | undefined): EventIdentity {
  if (vouched === undefined) return {}
  const { issuer } = vouched.issuer
  const { claims } = vouched.authentic
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return { issuer, subject: text(claims['sub']), clientId: text(claims['client_id']) ?? text(claims['cid']) }
}

function refused(error: unknown, vouched: Authenticity | undefined, emit: EventListener): unknown {
  const known = isAuthError(error)
    ? error
    : new AuthError('INTERNAL_FAULT', 'verification failed unexpectedly', { cause: error })
  emit({ type: 'refused', code: known.code, message: known.message, cause: known.cause, ...identityOf(vouched) })
  return known
}
