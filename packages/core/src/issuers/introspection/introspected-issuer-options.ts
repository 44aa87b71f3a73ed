import type { Audience } from '../../claims/audience.ts'
import { checkAudience } from '../../claims/audience.ts'
import { isObject } from '../../internal/guards.ts'
import { OptionProblems } from '../../internal/option-problems.ts'
import { urlProblem } from '../../internal/url.ts'
import type { Algorithm } from '../algorithms.ts'
import { checkAlgorithms } from '../algorithms.ts'
import { checkIssuerIdentifier } from '../issuer.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import type { IntrospectionCacheOptions } from './introspection-cache.ts'

export interface IntrospectedIssuerOptions {
  /** The issuer identifier (RFC 8414 section 2). */
  readonly issuer: string
  /** The introspection endpoint; by default from the issuer's metadata. */
  readonly endpoint?: string | undefined
  /** How the API authenticates there: `clientSecretBasic(...)`, `privateKeyJwt(...)`, ... */
  readonly clientAuthentication: ClientAuthentication
  /** Replaces the verifier's audience for tokens of this issuer. */
  readonly audience?: Audience | undefined
  /** `server`: the authorization server answers `active` only for tokens of this API, so an answer may lack `aud`. */
  readonly audienceFrom?: 'response' | 'server' | undefined
  /** Members that every active answer must have, for servers that answer `active` for refresh or ID tokens too. */
  readonly requires?: readonly string[] | undefined
  /** How the opaque tokens of this issuer begin, where several issuers are introspected. */
  readonly tokenPrefix?: string | undefined
  /** As `tokenPrefix`, for what a prefix cannot tell. */
  readonly accepts?: ((token: string) => boolean) | undefined
  /** Sent as `token_type_hint=access_token` (RFC 7662 section 2.1). Default true. */
  readonly tokenTypeHint?: boolean | undefined
  /** More parameters for the endpoint. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Demands signed answers (RFC 9701); the algorithms allowed for them, RS256 by default. */
  readonly signedAnswers?: true | { readonly algorithms: readonly Algorithm[] } | undefined
  /** `false` asks about every token every time. */
  readonly cache?: IntrospectionCacheOptions | false | undefined
  readonly metadataUrl?: string | undefined
  /** Permits http on a loopback host, for development and tests. */
  readonly allowLoopbackHttp?: boolean | undefined
}

const OPTION_NAMES = [
  'issuer',
  'endpoint',
  'clientAuthentication',
  'audience',
  'audienceFrom',
  'requires',
  'tokenPrefix',
  'accepts',
  'tokenTypeHint',
  'parameters',
  'signedAnswers',
  'cache',
  'metadataUrl',
  'allowLoopbackHttp',
]
const CACHE_NAMES = ['maxAgeSeconds', 'inactiveMaxAgeSeconds', 'mostEntries', 'shared']
const RESERVED_PARAMETERS = [
  'token',
  'token_type_hint',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]

/** @throws TypeError that names every problem */
export function checkIntrospectedIssuer(options: IntrospectedIssuerOptions): IntrospectedIssuerOptions {
  const problems = new OptionProblems('introspectedIssuer')
  const { given, checked } = problems.read(options, OPTION_NAMES)
  const loopback = given['allowLoopbackHttp'] === true
  problems.boolean('allowLoopbackHttp', given['allowLoopbackHttp'])
  checkIssuerIdentifier(problems, 'issuer', given['issuer'], loopback)
  checkPlaces(problems, given, loopback)
  checkAudience(problems, given['audience'], false)
  problems.require(isClientAuthentication(given['clientAuthentication']), CLIENT_AUTHENTICATION_REQUIRED)
  problems.require(
    [undefined, 'response', 'server'].includes(checked.audienceFrom),
    'audienceFrom must be "response" or "server"',
  )
  checkTokens(problems, given)
  checkSignedAnswers(problems, given['signedAnswers'])
  const cache =
    given['cache'] === undefined || given['cache'] === false ? undefined : checkCache(problems, given['cache'])
  problems.throwIfAny()
  return cache === undefined ? checked : { ...checked, cache }
}

const CLIENT_AUTHENTICATION_REQUIRED =
  'clientAuthentication is required: clientSecretBasic(...), clientSecretPost(...), privateKeyJwt(...), clientSecretJwt(...), mutualTls(...), or unsafeNoClientAuthentication(...)'

type Given = Readonly<Record<string, unknown>>

function checkPlaces(problems: OptionProblems, { endpoint, metadataUrl }: Given, loopback: boolean): void {
  for (const [name, url] of Object.entries({ endpoint, metadataUrl })) {
    const problem = url === undefined ? undefined : urlProblem(url, loopback)
    problems.require(problem === undefined, `${name} ${problem}`)
  }
}

function checkTokens(
  problems: OptionProblems,
  { requires, tokenPrefix, accepts, tokenTypeHint, parameters }: Given,
): void {
  const isList = Array.isArray(requires) && requires.every((name) => typeof name === 'string')
  problems.require(requires === undefined || isList, 'requires must be a list of member names')
  problems.require(
    tokenPrefix === undefined || (typeof tokenPrefix === 'string' && tokenPrefix !== ''),
    'tokenPrefix must be a non-empty string',
  )
  problems.require(tokenPrefix === undefined || accepts === undefined, 'tokenPrefix and accepts exclude each other')
  problems.function('accepts', accepts)
  problems.boolean('tokenTypeHint', tokenTypeHint)
  if (parameters === undefined) return
  const entries = isObject(parameters) ? Object.entries(parameters) : [['', undefined] as const]
  const fits = entries.every(([name, value]) => typeof value === 'string' && !RESERVED_PARAMETERS.includes(name))
  problems.require(fits, `parameters must be strings by name, without ${RESERVED_PARAMETERS.join(', ')}`)
}

function checkSignedAnswers(problems: OptionProblems, signedAnswers: unknown): void {
  if (signedAnswers === undefined || signedAnswers === true) return
  if (isObject(signedAnswers)) checkAlgorithms(problems, signedAnswers['algorithms'] ?? [])
  else problems.add('signedAnswers must be true or { algorithms: [...] }')
}

function checkCache(problems: OptionProblems, cache: unknown): IntrospectionCacheOptions {
  if (!isObject(cache)) throw problems.add('cache must be an object or false').toError()
  const { given, checked } = problems.read<IntrospectionCacheOptions>(cache, CACHE_NAMES)
  const { maxAgeSeconds, inactiveMaxAgeSeconds, mostEntries, shared } = given
  problems.numberBetween('cache.maxAgeSeconds', maxAgeSeconds, 0, 3600)
  problems.numberBetween('cache.inactiveMaxAgeSeconds', inactiveMaxAgeSeconds, 0, 3600)
  problems.numberBetween('cache.mostEntries', mostEntries, 1, 10_000_000)
  const isStore = isObject(shared) && typeof shared['get'] === 'function' && typeof shared['set'] === 'function'
  problems.require(shared === undefined || isStore, 'cache.shared must have get and set')
  return checked
}

function isClientAuthentication(value: unknown): boolean {
  return isObject(value) && typeof value['clientId'] === 'string' && typeof value['load'] === 'function'
}
