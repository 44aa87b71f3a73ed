import type { ProfileName } from '../claims/access-token-profile.ts'
import type { Audience } from '../claims/audience.ts'
import { checkAudience } from '../claims/audience.ts'
import { OptionProblems } from '../internal/option-problems.ts'
import { urlProblem } from '../internal/url.ts'
import type { Algorithm } from './algorithms.ts'
import { checkAlgorithms } from './algorithms.ts'
import type { Issuer } from './issuer.ts'
import { checkIssuerIdentifier, isIssuer, isOpenable } from './issuer.ts'
import type { KeySource } from './keys/key-source.ts'

export interface JwtIssuerOptions<OwnAudience extends Audience | undefined = Audience | undefined> {
  /** The issuer identifier (RFC 8414 section 2). Compared byte for byte with `iss`; a trailing slash matters. */
  readonly issuer: string
  /** Replaces the verifier's audience for tokens of this issuer. */
  readonly audience?: OwnAudience
  /** The only signature algorithms accepted from this issuer. */
  readonly algorithms?: readonly Algorithm[] | undefined
  /**
   * What proves that a token is an access token. `rfc9068` (default): the type `at+jwt` and all claims of RFC 9068.
   * `jwt`: for issuers that send `typ: JWT` or none; then a positive mark of an access token is demanded.
   */
  readonly profile?: ProfileName | undefined
  /** Where the keys come from; by default from the issuer's metadata. */
  readonly keys?: KeySource | undefined
  /**
   * `introspectedIssuer({ ... })` of the same issuer, asked about every token after its signature: for revocation that
   * takes effect within the life of its cache, and for claims that lightweight JWTs lack.
   */
  readonly introspection?: Issuer | undefined
  /** Where the metadata is, if at neither of the standard locations. */
  readonly metadataUrl?: string | undefined
  /** Permits http on a loopback host, for development and tests. */
  readonly allowLoopbackHttp?: boolean | undefined
}

const OPTION_NAMES = [
  'issuer',
  'audience',
  'algorithms',
  'profile',
  'keys',
  'introspection',
  'metadataUrl',
  'allowLoopbackHttp',
]

/** @throws TypeError that names every problem */
export function checkJwtIssuer(options: JwtIssuerOptions): JwtIssuerOptions {
  const problems = new OptionProblems('jwtIssuer')
  const { given, checked } = problems.read(options, OPTION_NAMES)
  const { issuer, audience, algorithms, profile, keys, metadataUrl, allowLoopbackHttp } = given
  const loopback = allowLoopbackHttp === true
  problems.boolean('allowLoopbackHttp', allowLoopbackHttp)
  checkIssuerIdentifier(problems, 'issuer', issuer, loopback)
  checkAudience(problems, audience, false)
  checkAlgorithms(problems, algorithms)
  problems.require(
    profile === undefined || profile === 'rfc9068' || profile === 'jwt',
    'profile must be "rfc9068" or "jwt"',
  )
  problems.require(keys === undefined || isOpenable(keys), 'keys must come from remoteKeys or staticKeys')
  checkIntrospection(problems, given['introspection'], issuer)
  if (metadataUrl !== undefined) {
    const problem = urlProblem(metadataUrl, loopback)
    problems.require(problem === undefined, `metadataUrl ${problem}`)
    problems.require(keys === undefined, 'metadataUrl has no use beside keys')
  }
  problems.throwIfAny()
  return checked
}

function checkIntrospection(problems: OptionProblems, introspection: unknown, issuer: unknown): void {
  if (introspection === undefined) return
  const fits = isIssuer(introspection) && introspection.kind === 'introspected' && introspection.issuer === issuer
  problems.require(fits, 'introspection must be introspectedIssuer({ ... }) of the same issuer')
}
