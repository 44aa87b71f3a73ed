import { deepFreeze } from './internal/freeze.ts'

/** The claims of a verified token where no schema gives them a type. */
export type TokenClaims = Readonly<Record<string, unknown>>

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

export function createAccessToken<Claims>(facts: Omit<AccessToken<Claims>, 'raw'>, raw: string): AccessToken<Claims> {
  const token = Object.defineProperty({ ...facts }, 'raw', { get: () => raw, enumerable: false }) // a getter, since inspection can show hidden values
  deepFreeze(token)
  return token as AccessToken<Claims> // defineProperty does not widen the type by the property it adds
}
