import type { StandardSchema } from './claims/schema.ts'
import { applySchema } from './claims/schema.ts'
import { requireCurrent, validateClaims } from './claims/validate-claims.ts'
import { constructionWatch } from './construction-watch.ts'
import { AuthError, isAuthError } from './errors.ts'
import type { EventIdentity, EventListener } from './events.ts'
import { deepFreeze } from './internal/freeze.ts'
import { quote } from './internal/quote.ts'
import type { WaitUntil } from './internal/single-flight.ts'
import { isPending, whenSettled } from './internal/when-settled.ts'
import { decodeJwt, isOpaque } from './issuers/decoded-jwt.ts'
import type { IssuerDirectory } from './issuers/issuer-directory.ts'
import type { AuthenticateToken, PresentedToken } from './issuers/issuer.ts'
import type { Authenticity, GoodToken, RememberedToken } from './issuers/verified-tokens.ts'
import { VerifiedTokens } from './issuers/verified-tokens.ts'
import type { CheckedVerifierOptions } from './options.ts'
import { refuseBoundToken } from './possession/sender-constraint.ts'
import { asksForTokenHash, requireUnrevoked } from './revocations/revocations.ts'
import { hashToken } from './revocations/token-hash.ts'
import type { AccessToken, TokenClaims } from './token.ts'
import { createAccessToken } from './token.ts'

export interface VerifyOptions {
  /** Anchors background work that outlives the request, on runtimes that have it. */
  readonly waitUntil?: WaitUntil | undefined
  /** Asks an introspected issuer again, whatever is remembered. */
  readonly fresh?: boolean | undefined
}

/** The questions in their order. Of a token that was good before, only those are asked whose answers change. */
export class Verification<Claims> {
  readonly #options: CheckedVerifierOptions<Claims>
  readonly #maxTokenBytes: number
  readonly #issuers: IssuerDirectory
  readonly #emit: EventListener
  readonly #verified: VerifiedTokens<Claims>
  readonly #watch: () => void

  constructor(options: CheckedVerifierOptions<Claims>, issuers: IssuerDirectory, emit: EventListener) {
    this.#options = options
    this.#maxTokenBytes = options.maxTokenBytes ?? 16_384
    this.#issuers = issuers
    this.#emit = emit
    this.#verified = new VerifiedTokens(options.cache, issuers, options.system)
    this.#watch = constructionWatch(issuers.names(), emit, options.system.now)
  }

  /** Ends background work. */
  close(): void {
    this.#issuers.close()
    this.#verified.close()
  }

  /** At once where nothing has to be asked. @throws AuthError; or rejects with it */
  verify(
    raw: string,
    { waitUntil, fresh = false }: VerifyOptions = {},
  ): AccessToken<Claims> | Promise<AccessToken<Claims>> {
    let vouched: Authenticity | undefined
    try {
      this.#watch()
      const known = fresh ? undefined : this.#recall(raw, waitUntil)
      vouched = known
      if (known !== undefined && !this.#needsHash) return this.#accept(raw, known, known)
      const asked = known ?? this.#authenticity(raw, { waitUntil, isFresh: fresh })
      if (isPending(asked) || this.#needsHash) return this.#verifyLater(raw, asked, known)
      vouched = asked
      return this.#accept(raw, asked)
    } catch (error) {
      throw this.#refused(error, vouched)
    }
  }

  /**
   * A token that passed before and does now. Whatever is to be said of its syntax was said then. Undefined for every
   * other, and for any about which there is more to say.
   */
  recognized(raw: string, waitUntil?: WaitUntil): AccessToken<Claims> | undefined {
    try {
      const known = this.#recall(raw, waitUntil)
      return known && !this.#needsHash ? this.#accept(raw, known, known) : undefined
    } catch {
      return undefined // why not is for `verify` to say
    }
  }

  async #verifyLater(
    raw: string,
    asked: Authenticity | Promise<Authenticity>,
    known: RememberedToken<Claims> | undefined,
  ): Promise<AccessToken<Claims>> {
    let vouched: Authenticity | undefined
    try {
      vouched = await asked
      return this.#accept(raw, vouched, known, this.#needsHash ? await hashToken(raw) : undefined)
    } catch (error) {
      throw this.#refused(error, vouched)
    }
  }

  /** Synchronous: between the questions whose answers change, and the answer, nothing may happen. */
  #accept(
    raw: string,
    vouched: Authenticity,
    known?: RememberedToken<Claims>,
    tokenHash?: string,
  ): AccessToken<Claims> {
    const { system, claims: schema, revocations, onEvent } = this.#options
    const nowSeconds = system.now() / 1000
    const good = known === undefined ? validity(vouched, schema, nowSeconds) : renewed(known, schema, nowSeconds)
    if (revocations !== undefined) requireUnrevoked(revocations, good.facts, tokenHash)
    refuseBoundToken(good.facts.claims)
    if (known === undefined) this.#verified.remember(raw, good)
    if (onEvent !== undefined) this.#emit({ type: 'verified', ...identityOf(vouched) })
    return createAccessToken(good.facts, good.claims, raw)
  }

  /** Whether a revocation names a token by its hash. Asked last: what was asked before may run code that revokes. */
  get #needsHash(): boolean {
    return asksForTokenHash(this.#options.revocations)
  }

  #recall(raw: string, waitUntil: WaitUntil | undefined): RememberedToken<Claims> | undefined {
    return fits(raw, this.#maxTokenBytes) ? this.#verified.recall(raw, waitUntil) : undefined
  }

  /** @throws AuthError what the first check that failed says */
  #authenticity(raw: string, how: AuthenticateToken): Authenticity | Promise<Authenticity> {
    const issuers = this.#issuers
    const presented = takeApart(raw, this.#maxTokenBytes, issuers.takesOpaque)
    return whenSettled(issuers.find(presented), (found) => {
      const issuer = found ?? untrusted(issuers, presented)
      return whenSettled(issuer.authenticate(presented, how), (authentic) => ({ issuer, authentic }))
    })
  }

  #refused(error: unknown, vouched: Authenticity | undefined): unknown {
    const known = isAuthError(error)
      ? error
      : new AuthError('INTERNAL_FAULT', 'verification failed unexpectedly', { cause: error })
    const { code, message, cause } = known
    this.#emit({ type: 'refused', code, message, cause, ...identityOf(vouched) })
    return known
  }
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
