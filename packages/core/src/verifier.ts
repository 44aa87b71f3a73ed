/// <reference lib="esnext.disposable" preserve="true" />
import type { StandardSchema } from './claims/schema.ts'
import { applySchema } from './claims/schema.ts'
import { validateClaims } from './claims/validate-claims.ts'
import { watchConstruction } from './construction-watch.ts'
import { AuthError, isAuthError } from './errors.ts'
import type { EventIdentity, EventListener } from './events.ts'
import { emitter } from './events.ts'
import { quote } from './internal/encoding.ts'
import { deepFreeze } from './internal/freeze.ts'
import type { WaitUntil } from './internal/single-flight.ts'
import { decodeJwt } from './issuers/decoded-jwt.ts'
import { IssuerDirectory } from './issuers/issuer-directory.ts'
import type { KeySnapshot } from './issuers/key-snapshot.ts'
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

type Settled = (identity: EventIdentity) => void

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

  /** The questions, in their order. `settled` hears whom the token speaks for as soon as that is certain. */
  async function judge(raw: string, waitUntil: WaitUntil | undefined, settled: Settled): Promise<AccessToken<Claims>> {
    const decoded = decodeJwt(raw, maxTokenBytes)
    const issuer = await trustedIssuer(issuers, decoded.issuer)
    const authentic = await issuer.authenticate(decoded, waitUntil)
    settled(identityOf(issuer.issuer, authentic.claims))

    const valid = validateClaims(authentic, issuer.expectations, system.now() / 1000)
    const claims = typedClaims(schema, valid.claims)

    refuseBoundToken(valid.claims)

    return createAccessToken({ ...valid, claims, confirmation: undefined }, raw)
  }

  let isFirst = true
  async function verify(raw: string, { waitUntil }: VerifyOptions = {}): Promise<AccessToken<Claims>> {
    let identity: EventIdentity = {}
    try {
      if (isFirst) watchConstruction(issuers.names(), system.now(), emit)
      isFirst = false
      const token = await judge(raw, waitUntil, (settled) => (identity = settled))
      emit({ type: 'verified', ...identity })
      return token
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
function typedClaims<Claims>(schema: StandardSchema<Claims> | undefined, claims: TokenClaims): Claims {
  return schema === undefined ? (claims as Claims) : applySchema(schema, deepFreeze(claims))
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
