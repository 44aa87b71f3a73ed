import { AuthError } from '../../errors.ts'
import { Coalesced } from '../../internal/coalesce.ts'
import { FetchError, withinDeadline } from '../../internal/fetch-json.ts'
import { discard } from '../../internal/foreign-result.ts'
import { quote } from '../../internal/quote.ts'
import { sha256 } from '../../internal/sha256.ts'
import { LONGEST_PAUSE_MS, TrafficLimit } from '../../internal/traffic-limit.ts'
import type { AuthenticToken, ClaimExpectations } from '../../claims/validate-claims.ts'
import type { FetchFailure } from '../../events.ts'
import type { AuthenticateToken, Issuer, IssuerContext, IssuerStatus, OpenIssuer, PresentedToken } from '../issuer.ts'
import { IssuerMetadata } from '../issuer-metadata.ts'
import { discoveredKeys } from '../keys/discovered-keys.ts'
import type { Keys } from '../keys/key-source.ts'
import { LiveKeys } from '../keys/live-keys.ts'
import type { IntrospectedIssuerOptions } from './introspected-issuer-options.ts'
import { checkIntrospectedIssuer } from './introspected-issuer-options.ts'
import type { Verdict } from './introspection-cache.ts'
import { IntrospectionCache } from './introspection-cache.ts'
import { introspect } from './introspection-request.ts'
import { readSignedAnswer } from './signed-answer.ts'

const LIMIT_MS = 3_000

/**
 * An authorization server that is asked about its tokens (RFC 7662): opaque ones, and JWTs that are not verified here.
 *
 * @throws TypeError that names every problem of the options
 */
export function introspectedIssuer(options: IntrospectedIssuerOptions): Issuer {
  const checked = checkIntrospectedIssuer(options)
  const { issuer, audience, tokenPrefix, accepts } = checked
  return {
    issuer,
    kind: 'introspected',
    hasAudience: audience !== undefined,
    isSelective: tokenPrefix !== undefined || accepts !== undefined,
    open: (context) => new IntrospectingIssuer(checked, context),
  }
}

class IntrospectingIssuer implements OpenIssuer {
  readonly issuer: string
  readonly expectations: ClaimExpectations
  readonly #options: IntrospectedIssuerOptions
  readonly #context: IssuerContext
  readonly #metadata: IssuerMetadata
  readonly #cache: IntrospectionCache | undefined
  readonly #traffic: TrafficLimit
  /** What a verdict comes to, made and frozen once. */
  readonly #vouched = new WeakMap<Verdict, AuthenticToken>()
  readonly #flights = new Coalesced<Verdict>()
  readonly #keys: Keys | undefined
  readonly #keyPrefix: string
  #lastSuccessAtMs: number | undefined
  #lastAttemptAtMs: number | undefined
  #lastError: { readonly reason: FetchFailure; readonly message: string } | undefined

  constructor(options: IntrospectedIssuerOptions, context: IssuerContext) {
    const {
      issuer,
      metadataUrl,
      allowLoopbackHttp = false,
      audienceFrom = 'response',
      requires = [],
      cache = {},
    } = options
    const { system, emit, clockToleranceSeconds } = context
    const audience = options.audience ?? context.audience
    if (audience === undefined) throw new TypeError(`the issuer ${quote(issuer)} was opened without an audience`)
    this.issuer = issuer
    this.expectations = {
      audience,
      profile: 'introspection',
      clockToleranceSeconds,
      mayLackAudience: audienceFrom === 'server',
      requires,
    }
    this.#options = options
    this.#keyPrefix = keyPrefixOf(options)
    this.#context = context
    const discovery = { issuer, metadataUrl, allowLoopbackHttp }
    this.#metadata = new IssuerMetadata(system, discovery)
    this.#traffic = new TrafficLimit(system)
    if (cache !== false) {
      this.#cache = new IntrospectionCache(cache, system, (message) =>
        emit({ type: 'shared-cache-failed', issuer, message }),
      )
    }
    if (options.signedAnswers !== undefined) {
      this.#keys = new LiveKeys(
        { issuer, system, emit, retriesUnseen: context.retriesUnseen },
        discoveredKeys(system, discovery),
      )
    }
  }

  accepts(token: string): boolean {
    const { tokenPrefix, accepts } = this.#options
    if (accepts === undefined) return tokenPrefix === undefined || token.startsWith(tokenPrefix)
    const answer: unknown = accepts(token)
    discard(answer) // a promise is no yes
    return answer === true
  }

  async authenticate({ raw }: PresentedToken, { isFresh = false }: AuthenticateToken = {}): Promise<AuthenticToken> {
    const verdict = await this.#verdictOn(raw, isFresh)
    if (!verdict.active)
      throw new AuthError('TOKEN_INACTIVE', `${quote(this.issuer)} says that the token is not active`)
    const vouched = this.#vouched.get(verdict) ?? this.#vouchFor(verdict.members)
    this.#vouched.set(verdict, vouched)
    return vouched
  }

  standsBy(): boolean {
    return false
  }

  #vouchFor(members: Readonly<Record<string, unknown>>): AuthenticToken {
    const issuer = Object.hasOwn(members, 'iss') ? members['iss'] : this.issuer
    if (issuer !== this.issuer) {
      throw new AuthError('ISSUER_UNTRUSTED', `${quote(this.issuer)} says that the token is of ${quote(issuer)}`)
    }
    return { type: undefined, claims: Object.freeze({ ...members, iss: issuer }) }
  }

  async warmUp(): Promise<void> {
    await this.#keys?.warmUp()
  }

  status(): IssuerStatus {
    const now = this.#context.system.now()
    const secondsSince = (atMs: number | undefined): number | undefined =>
      atMs === undefined ? undefined : (now - atMs) / 1000
    return {
      issuer: this.issuer,
      state: this.#traffic.retryAfterMs > 0 ? 'unreachable' : 'fresh',
      keyCount: 0,
      secondsSinceSuccess: secondsSince(this.#lastSuccessAtMs),
      secondsSinceAttempt: secondsSince(this.#lastAttemptAtMs),
      lastError: this.#lastError,
    }
  }

  snapshot(): undefined {
    return undefined
  }

  close(): void {
    this.#keys?.close()
  }

  async #verdictOn(raw: string, isFresh: boolean): Promise<Verdict> {
    // a hash over everything that could change the answer, so that no token is stored and nothing answers for another
    const hash = sha256(this.#keyPrefix + raw)
    const key = typeof hash === 'string' ? hash : await hash
    const known = isFresh ? undefined : this.#cache?.recall(key)
    return known ?? this.#flights.run(key, isFresh, () => this.#ask(key, raw, isFresh))
  }

  async #ask(key: string, raw: string, isFresh: boolean): Promise<Verdict> {
    const shared = isFresh ? undefined : await this.#cache?.recallShared(key)
    if (shared !== undefined) return shared
    this.#lastAttemptAtMs = this.#context.system.now()
    try {
      const verdict = await this.#traffic.run(() => this.#exchange(raw))
      this.#lastSuccessAtMs = this.#context.system.now()
      this.#lastError = undefined
      await this.#cache?.remember(key, verdict)
      return verdict
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  async #exchange(raw: string): Promise<Verdict> {
    const { system } = this.#context
    const members = await withinDeadline(
      system,
      LIMIT_MS,
      (signal) => this.#members(raw, signal),
      () => this.#asking(),
    )
    const { active } = members
    if (active === true) return { active, members }
    if (active === false) return { active }
    throw new FetchError('answer-invalid', `${quote(this.#asking())} answered without a boolean active`)
  }

  async #members(raw: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const {
      issuer,
      clientAuthentication,
      tokenTypeHint = true,
      parameters = {},
      allowLoopbackHttp = false,
    } = this.#options
    const isMutualTls = clientAuthentication.method === 'tls_client_auth'
    const endpoint = this.#options.endpoint ?? (await this.#metadata.url('introspection_endpoint', signal, isMutualTls))
    const request = {
      issuer,
      endpoint,
      clientAuthentication,
      parameters: tokenTypeHint ? { ...parameters, token_type_hint: 'access_token' } : parameters,
      isSigned: this.#keys !== undefined,
      allowLoopbackHttp,
    }
    const answer = await introspect(this.#context.system, request, raw, signal)
    if (answer.kind === 'json') return answer.members
    if (this.#keys === undefined) throw new FetchError('answer-invalid', 'a signed answer came that was not asked for')
    const { signedAnswers } = this.#options
    const algorithms = typeof signedAnswers === 'object' ? signedAnswers.algorithms : (['RS256'] as const)
    return readSignedAnswer(answer.jwt, {
      issuer,
      clientId: clientAuthentication.clientId,
      algorithms,
      keys: this.#keys,
    })
  }

  #asking(): string {
    return this.#options.endpoint ?? this.#metadata.asking
  }

  #unavailable(error: unknown): unknown {
    if (!(error instanceof FetchError)) return error
    const { reason, message } = error
    if (reason !== 'overloaded') {
      this.#metadata.forget()
      this.#lastError = { reason, message }
    }
    this.#context.emit({ type: 'introspection-failed', issuer: this.issuer, reason, message })
    const retryAfterMs = Math.max(this.#traffic.retryAfterMs, Math.min(error.retryAfterMs ?? 0, LONGEST_PAUSE_MS))
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
    return new AuthError('INTROSPECTION_UNAVAILABLE', `the token could not be introspected: ${message}`, {
      retryAfterSeconds,
    })
  }
}

/** JSON ends where it ends, so that no two configurations and tokens make the same text. */
function keyPrefixOf({ issuer, endpoint = '', clientAuthentication, ...rest }: IntrospectedIssuerOptions): string {
  const { clientId, method } = clientAuthentication
  const { parameters = {}, tokenTypeHint = true, signedAnswers = false } = rest
  return JSON.stringify([issuer, endpoint, clientId, method, Object.entries(parameters), tokenTypeHint, signedAnswers])
}
