import type { OptionProblems } from '../internal/option-problems.ts'
import { quote } from '../internal/quote.ts'
import { issuerProblem } from '../internal/url.ts'
import type { Audience } from '../claims/audience.ts'
import type { AuthenticToken, ClaimExpectations } from '../claims/validate-claims.ts'
import type { EventListener } from '../events.ts'
import type { System } from '../system.ts'
import type { Algorithm } from './algorithms.ts'
import type { DecodedJwt } from './decoded-jwt.ts'
import type { WaitUntil } from '../internal/single-flight.ts'
import type { IssuerKeys } from './keys/key-snapshot.ts'
import type { VerificationKey, WantedKey } from './keys/key-set.ts'
import type { KeysStatus } from './keys/key-source.ts'

/** A trusted issuer, as `jwtIssuer` or `introspectedIssuer` makes it. `HasAudience` tells whether it brings an audience of its own. */
export interface Issuer<HasAudience extends boolean = boolean> {
  readonly issuer: string
  /** Whether tokens are verified here or asked about. */
  readonly kind: 'jwt' | 'introspected'
  readonly hasAudience: HasAudience
  /** Whether it knows its opaque tokens by sight. */
  readonly isSelective: boolean
  readonly open: (context: IssuerContext) => OpenIssuer
}

/** What a verifier lends to its issuers: its surroundings, and values for what an issuer leaves open. */
export interface IssuerContext {
  readonly system: System
  readonly emit: EventListener
  readonly audience: Audience | undefined
  readonly algorithms: readonly Algorithm[] | undefined
  readonly clockToleranceSeconds: number
  /** Keys from an earlier life of this program, once. */
  readonly seedFor: (issuer: string) => IssuerKeys | undefined
  /** Whether a timer asks again for keys that were never seen: not where a token chose the issuer. */
  readonly retriesUnseen: boolean
}

/** A token as it was presented, taken apart where it is a JWT. */
export interface PresentedToken {
  readonly raw: string
  readonly jwt: DecodedJwt | undefined
}

export interface AuthenticateToken {
  readonly waitUntil?: WaitUntil | undefined
  /** Nothing that was remembered counts. */
  readonly isFresh?: boolean | undefined
}

/** What an issuer vouches for. */
export interface VouchedToken extends AuthenticToken {
  /** Absent where the issuer has to be asked each time. */
  readonly proof?: Proof
}

/** The key that verified a signature, and what its token told of it. */
export interface Proof {
  readonly key: VerificationKey
  readonly wanted: WantedKey
}

/** An issuer in use by one verifier, with keys and caches that nobody else sees. */
export interface OpenIssuer {
  readonly issuer: string
  /** Whether an opaque token looks like one of this issuer. */
  readonly accepts: (token: string) => boolean
  /** Settles authenticity: what the issuer vouches for. @throws AuthError */
  readonly authenticate: (token: PresentedToken, options?: AuthenticateToken) => VouchedToken | Promise<VouchedToken>
  /** Whether that proof would be found again, by what is known without asking anybody. */
  readonly standsBy: (proof: Proof, waitUntil?: WaitUntil) => boolean
  readonly expectations: ClaimExpectations
  readonly warmUp: () => Promise<void>
  readonly status: () => IssuerStatus
  readonly snapshot: () => IssuerKeys | undefined
  readonly close: () => void
}

export interface IssuerStatus extends Omit<KeysStatus, 'state'> {
  readonly issuer: string
  /** As for keys; `unreachable` while an introspection endpoint that failed repeatedly is left alone. */
  readonly state: KeysStatus['state'] | 'unreachable'
}

/** Issuers that are told apart by data: one per customer, for example. Made by {@link tenantIssuers}. */
export interface TenantIssuers {
  readonly openTenants: (context: IssuerContext) => OpenTenants
}

export interface OpenTenants {
  /** Undefined where the name is not allowed or does not exist. @throws AuthError */
  readonly find: (name: string) => Promise<OpenIssuer | undefined>
  /** Whether an issuer of that name would be this one; undefined where none would be found here. @throws AuthError */
  readonly stillTrusts: (issuer: OpenIssuer) => boolean | undefined
  readonly opened: () => readonly OpenIssuer[]
  readonly close: () => void
}

/** What can be trusted: an issuer identifier, an issuer, or issuers that are told apart by data. */
export type TrustedIssuer = string | Issuer | TenantIssuers

export function isTenantIssuers(value: unknown): value is TenantIssuers {
  return (
    typeof value === 'object' && value !== null && 'openTenants' in value && typeof value.openTenants === 'function'
  )
}

export function isIssuer(value: unknown): value is Issuer {
  return isOpenable(value) && 'issuer' in value && typeof value.issuer === 'string' && 'hasAudience' in value
}

export function isOpenable(value: unknown): value is { open: unknown } {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function'
}

/** Names what is wrong with an issuer identifier. Not repeated where it holds a password. */
export function checkIssuerIdentifier(
  problems: OptionProblems,
  name: string,
  issuer: unknown,
  allowLoopbackHttp: boolean,
): void {
  const problem = issuer === undefined ? 'is required' : issuerProblem(issuer, allowLoopbackHttp)
  if (problem === undefined) return
  problems.add(`${name} ${problem}${/required|credentials/.test(problem) ? '' : `, but is ${quote(issuer)}`}`)
}
