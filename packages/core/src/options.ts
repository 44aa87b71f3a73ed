import type { Audience } from './claims/audience.ts'
import { unsafeAnyAudience } from './claims/audience.ts'
import { quote } from './internal/encoding.ts'
import { OptionProblems, urlProblem } from './internal/option-problems.ts'
import { isObject } from './internal/strict-json.ts'
import { ALGORITHMS, isAlgorithm } from './issuers/algorithms.ts'
import type { Issuer, TrustedIssuer } from './issuers/issuer.ts'
import { isTenantIssuers } from './issuers/issuer.ts'
import { checkSnapshot } from './issuers/key-snapshot.ts'
import type { JwtIssuerOptions } from './issuers/jwt-issuer.ts'
import type { System } from './system.ts'
import { systemWith } from './system.ts'
import type { VerifierOptions } from './verifier.ts'

const VERIFIER_OPTIONS = [
  'issuer',
  'audience',
  'algorithms',
  'claims',
  'clockToleranceSeconds',
  'maxTokenBytes',
  'onEvent',
  'system',
]
const JWT_ISSUER_OPTIONS = ['issuer', 'audience', 'algorithms', 'profile', 'keys', 'metadataUrl', 'allowLoopbackHttp']
const SYSTEM_OPTIONS = ['now', 'fetch', 'schedule', 'random']
/** RFC 7519 section 4.1.4: a small leeway, no more than a few minutes. */
const MOST_TOLERANCE_SECONDS = 300

/** Verifier options after the checks. Issuers given as strings are still strings. */
export interface CheckedVerifierOptions<Claims> extends Omit<VerifierOptions<Claims>, 'issuer' | 'system'> {
  readonly issuers: readonly TrustedIssuer[]
  readonly system: System
}

/** @throws TypeError that names every problem */
export function checkVerifier<Claims>(options: VerifierOptions<Claims>): CheckedVerifierOptions<Claims> {
  const problems = new OptionProblems('createVerifier')
  const given = problems.record(options, VERIFIER_OPTIONS)
  const { claims, clockToleranceSeconds, maxTokenBytes, onEvent, system } = given
  const issuers: readonly unknown[] = Array.isArray(given['issuer']) ? given['issuer'] : [given['issuer']]
  checkIssuers(problems, given['issuer'], issuers)
  const bringTheirOwn = issuers.length > 0 && issuers.every((issuer) => isIssuer(issuer) && issuer.hasAudience)
  checkAudience(problems, given['audience'], !bringTheirOwn)
  checkAlgorithms(problems, given['algorithms'])
  checkSchema(problems, claims)
  checkSnapshot(problems, given['seedKeys'])
  problems.numberBetween('clockToleranceSeconds', clockToleranceSeconds, 0, MOST_TOLERANCE_SECONDS)
  problems.numberBetween('maxTokenBytes', maxTokenBytes, 256, 1024 * 1024)
  problems.function('onEvent', onEvent)
  checkSystem(problems, system)
  problems.throwIfAny()
  return { ...frozenCopy(options), issuers: issuers.filter(isIssuerOption), system: systemWith(options.system) }
}

/** @throws TypeError that names every problem */
export function checkJwtIssuer(options: JwtIssuerOptions): JwtIssuerOptions {
  const problems = new OptionProblems('jwtIssuer')
  const { issuer, audience, algorithms, profile, keys, metadataUrl, allowLoopbackHttp } = problems.record(
    options,
    JWT_ISSUER_OPTIONS,
  )
  const loopback = allowLoopbackHttp === true
  problems.require(
    allowLoopbackHttp === undefined || typeof allowLoopbackHttp === 'boolean',
    'allowLoopbackHttp must be a boolean',
  )
  checkIssuerIdentifier(problems, 'issuer', issuer, loopback)
  checkAudience(problems, audience, false)
  checkAlgorithms(problems, algorithms)
  problems.require(
    profile === undefined || profile === 'rfc9068' || profile === 'jwt',
    'profile must be "rfc9068" or "jwt"',
  )
  problems.require(keys === undefined || isOpenable(keys), 'keys must come from remoteKeys or staticKeys')
  if (metadataUrl !== undefined) {
    const problem = urlProblem(metadataUrl, loopback)
    problems.require(problem === undefined, `metadataUrl ${problem}`)
    problems.require(keys === undefined, 'metadataUrl has no use beside keys')
  }
  problems.throwIfAny()
  return frozenCopy(options)
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
    const name = isIssuer(issuer) ? issuer.issuer : issuer
    if (isTenantIssuers(issuer)) continue
    if (!isIssuer(issuer)) checkIssuerIdentifier(problems, 'issuer', issuer, false)
    if (typeof name !== 'string') continue
    problems.require(!seen.has(name), `issuer ${quote(name)} stands twice`)
    seen.add(name)
  }
}

/** RFC 8414 section 2: an https URL without query and fragment. */
function checkIssuerIdentifier(
  problems: OptionProblems,
  name: string,
  issuer: unknown,
  allowLoopbackHttp: boolean,
): void {
  if (issuer === undefined) {
    problems.add(`${name} is required`)
    return
  }
  const problem = urlProblem(issuer, allowLoopbackHttp)
  if (problem !== undefined) problems.add(`${name} ${problem}, but is ${quote(issuer)}`)
  else
    problems.require(
      typeof issuer === 'string' && !/[?#]/.test(issuer),
      `${name} must have no query and no fragment, but is ${quote(issuer)}`,
    )
}

function checkAudience(problems: OptionProblems, audience: unknown, isRequired: boolean): void {
  if (audience === undefined) {
    problems.require(!isRequired, 'audience is required: the aud value that names this API, or a list of them')
    return
  }
  if (audience === unsafeAnyAudience) return
  const names: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  problems.require(names.length > 0, 'audience must not be an empty list')
  for (const name of names) {
    problems.require(
      typeof name === 'string' && name !== '',
      `audience must be a non-empty string or a list of them, but has ${quote(name)}`,
    )
    // RFC 8707 section 2
    const hasFragment = typeof name === 'string' && URL.canParse(name) && name.includes('#')
    problems.require(!hasFragment, `audience ${quote(name)} must not have a fragment`)
  }
}

function checkAlgorithms(problems: OptionProblems, algorithms: unknown): void {
  if (algorithms === undefined) return
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    problems.add('algorithms must be a list with at least one algorithm')
    return
  }
  for (const name of algorithms) {
    problems.require(isAlgorithm(name), `algorithms has ${quote(name)}; possible are ${ALGORITHMS.join(', ')}`)
  }
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
  for (const name of SYSTEM_OPTIONS) problems.function(`system.${name}`, system[name])
}

function isIssuerOption(value: unknown): value is TrustedIssuer {
  return typeof value === 'string' || isIssuer(value) || isTenantIssuers(value)
}

function isIssuer(value: unknown): value is Issuer {
  return isOpenable(value) && 'issuer' in value && typeof value.issuer === 'string' && 'hasAudience' in value
}

function isOpenable(value: unknown): value is { open: unknown } {
  return typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function'
}

/** Nobody changes a verifier by changing the options it was made from. */
function frozenCopy<T extends { readonly audience?: Audience | undefined }>(options: T): T {
  const copy = { ...options }
  for (const [name, value] of Object.entries(copy)) {
    if (Array.isArray(value)) Object.assign(copy, { [name]: Object.freeze([...value]) })
  }
  return Object.freeze(copy)
}
