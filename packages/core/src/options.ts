import type { Audience } from './claims/audience.ts'
import { checkAudience } from './claims/audience.ts'
import type { StandardSchema } from './claims/schema.ts'
import type { EventListener } from './events.ts'
import { quote } from './internal/quote.ts'
import { OptionProblems } from './internal/option-problems.ts'
import { isObject } from './internal/guards.ts'
import type { Algorithm } from './issuers/algorithms.ts'
import { checkAlgorithms } from './issuers/algorithms.ts'
import type { Issuer, TrustedIssuer } from './issuers/issuer.ts'
import { checkIssuerIdentifier, isIssuer, isTenantIssuers } from './issuers/issuer.ts'
import type { KeySnapshot } from './issuers/keys/key-snapshot.ts'
import { checkSnapshot } from './issuers/keys/key-snapshot.ts'
import type { VerifiedTokensOptions } from './issuers/verified-tokens.ts'
import type { Revocations } from './revocations/revocations.ts'
import { checkRevocations } from './revocations/revocations.ts'
import type { System } from './system.ts'
import { systemWith } from './system.ts'
import type { TokenClaims } from './token.ts'

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
  readonly seedKeys?: KeySnapshot | null | undefined
  /** What is remembered of verified tokens, so that one seen before costs a look-up. `false` remembers none. It changes no decision. */
  readonly cache?: VerifiedTokensOptions | false | undefined
  /** Knows which tokens were revoked, and is asked on every verification: `memoryRevocations()`, or one over Redis. */
  readonly revocations?: Revocations | undefined
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

const OPTION_NAMES = [
  'issuer',
  'audience',
  'algorithms',
  'claims',
  'clockToleranceSeconds',
  'maxTokenBytes',
  'seedKeys',
  'cache',
  'revocations',
  'onEvent',
  'system',
]
const SYSTEM_MEMBERS = ['now', 'fetch', 'schedule', 'random']
/** RFC 7519 section 4.1.4: a small leeway, no more than a few minutes. */
const MOST_TOLERANCE_SECONDS = 300

/** Verifier options after the checks. Issuers given as strings are still strings. */
export interface CheckedVerifierOptions<Claims> extends Omit<VerifierOptions<Claims>, 'issuer' | 'system'> {
  readonly issuers: readonly TrustedIssuer[]
  readonly system: System
}

/**
 * @param problems collects under the name of the function that the user called
 * @param otherNames options that belong to that function
 * @throws TypeError that names every problem
 */
export function checkVerifier<Claims>(
  options: VerifierOptions<Claims>,
  problems: OptionProblems = new OptionProblems('createVerifier'),
  otherNames: readonly string[] = [],
): CheckedVerifierOptions<Claims> {
  const { given, checked } = problems.read(options, [...OPTION_NAMES, ...otherNames])
  const { issuer, audience, system } = given
  const issuers: readonly unknown[] = Array.isArray(issuer) ? issuer : [issuer]
  checkIssuers(problems, issuer, issuers)
  const bringTheirOwn = issuers.length > 0 && issuers.every((entry) => isIssuer(entry) && entry.hasAudience)
  checkAudience(problems, audience, !bringTheirOwn)
  checkAlgorithms(problems, given['algorithms'])
  checkSchema(problems, given['claims'])
  checkSnapshot(problems, given['seedKeys'])
  checkCache(problems, given['cache'])
  checkRevocations(problems, given['revocations'])
  problems.numberBetween('clockToleranceSeconds', given['clockToleranceSeconds'], 0, MOST_TOLERANCE_SECONDS)
  problems.numberBetween('maxTokenBytes', given['maxTokenBytes'], 256, 1024 * 1024)
  problems.function('onEvent', given['onEvent'])
  checkSystem(problems, system)
  problems.throwIfAny()
  return { ...checked, issuers: issuers.filter(isTrustedIssuer), system: systemWith(checked.system) }
}

function checkIssuers(problems: OptionProblems, given: unknown, issuers: readonly unknown[]): void {
  if (given === undefined || issuers.length === 0) {
    problems.add(
      'issuer is required: an issuer identifier, jwtIssuer({ ... }), tenantIssuers({ ... }), or a list of them',
    )
    return
  }
  const seen = new Set<string>()
  for (const issuer of issuers) {
    if (isTenantIssuers(issuer)) continue
    if (!isIssuer(issuer)) checkIssuerIdentifier(problems, 'issuer', issuer, false)
    const name = isIssuer(issuer) ? issuer.issuer : issuer
    if (typeof name !== 'string') continue
    const kind = isIssuer(issuer) ? issuer.kind : 'jwt'
    problems.require(!seen.has(`${kind} ${name}`), `issuer ${quote(name)} stands twice`)
    seen.add(`${kind} ${name}`)
  }
  const introspected = issuers.filter((issuer) => isIssuer(issuer) && issuer.kind === 'introspected')
  const areTold = introspected.length < 2 || introspected.every((issuer) => isIssuer(issuer) && issuer.isSelective)
  problems.require(
    areTold,
    'several introspected issuers need a tokenPrefix or accepts each, since a token is shown to one of them only',
  )
}

function checkCache(problems: OptionProblems, cache: unknown): void {
  if (cache === undefined || cache === false) return
  if (!isObject(cache)) {
    problems.add('cache must be an object or false')
    return
  }
  const { maxTokens } = problems.read(cache, ['maxTokens']).given
  problems.numberBetween('cache.maxTokens', maxTokens, 1, 10_000_000)
  problems.require(maxTokens === undefined || Number.isInteger(maxTokens), 'cache.maxTokens must be a whole number')
}

function checkSchema(problems: OptionProblems, schema: unknown): void {
  if (schema === undefined) return
  const isHolder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function' // arktype's schemas are functions
  const standard: unknown = isHolder ? Reflect.get(schema, '~standard') : undefined
  const fits = isObject(standard) && standard['version'] === 1 && typeof standard['validate'] === 'function'
  problems.require(fits, 'claims must be a Standard Schema (zod, valibot, arktype)')
}

function checkSystem(problems: OptionProblems, system: unknown): void {
  if (system === undefined) return
  if (!isObject(system)) {
    problems.add('system must be an object')
    return
  }
  for (const name of SYSTEM_MEMBERS) problems.function(`system.${name}`, system[name])
}

function isTrustedIssuer(value: unknown): value is TrustedIssuer {
  return typeof value === 'string' || isIssuer(value) || isTenantIssuers(value)
}
