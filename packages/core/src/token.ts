/** The claims of a verified token where no schema gives them a type. */
export type TokenClaims = Readonly<Record<string, unknown>>

/** Claims of any schema, for adapters that serve them all: only `any` fits invariant type parameters. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyClaims = any

/** The party that acts for the subject: the outermost `act` claim only (RFC 8693 section 4.1). */
export interface Actor {
  readonly subject: string | undefined
  readonly issuer: string | undefined
  readonly clientId: string | undefined
}

/**
 * A verified access token. Frozen all the way down: a caller that changes it fails instead of changing what others see.
 * A subject is only unique per issuer: key users by `issuer` and `subject` together (RFC 7519 section 4.1.2).
 */
export interface AccessToken<Claims = TokenClaims> {
  readonly issuer: string
  /** `sub`. Under the profile `jwt` it may be absent. */
  readonly subject: string | undefined
  /** `client_id`, or the issuer's own name for it. */
  readonly clientId: string | undefined
  readonly audience: readonly string[]
  /** Each granted scope once, in the token's order (RFC 6749 section 3.3). */
  readonly scopes: readonly string[]
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined
  /** Seconds since the epoch. Undefined only where an introspection answer does not tell. */
  readonly expiresAt: number | undefined
  /** `jti`. */
  readonly id: string | undefined
  /** All claims; what the `claims` schema made of them where there is one. */
  readonly claims: Claims
  /** `cnf`: what the token is bound to. */
  readonly confirmation: Readonly<Record<string, unknown>> | undefined
  readonly actor: Actor | undefined
  /** The token itself. Not enumerable, so that it stays out of JSON, logs and copies. Never pass it on to another API. */
  readonly raw: string
}

/** What a token says, but for what the schema makes of its claims and what the request adds. */
export type TokenFacts = Omit<AccessToken, 'raw' | 'confirmation'>

/** @param facts frozen already, as `claims` are, since a token may be seen many times */
export function createAccessToken<Claims>(facts: TokenFacts, claims: Claims, raw: string): AccessToken<Claims> {
  return Object.freeze(new VerifiedAccessToken(facts, claims, raw))
}

class VerifiedAccessToken<Claims> implements AccessToken<Claims> {
  readonly issuer: string
  readonly subject: string | undefined
  readonly clientId: string | undefined
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly issuedAt: number | undefined
  readonly expiresAt: number | undefined
  readonly id: string | undefined
  readonly claims: Claims
  readonly confirmation: Readonly<Record<string, unknown>> | undefined
  readonly actor: Actor | undefined
  readonly #raw: string

  constructor(facts: TokenFacts, claims: Claims, raw: string) {
    this.issuer = facts.issuer
    this.subject = facts.subject
    this.clientId = facts.clientId
    this.audience = facts.audience
    this.scopes = facts.scopes
    this.issuedAt = facts.issuedAt
    this.expiresAt = facts.expiresAt
    this.id = facts.id
    this.claims = claims
    this.confirmation = undefined
    this.actor = facts.actor
    this.#raw = raw
  }

  get raw(): string {
    return this.#raw
  }
}
