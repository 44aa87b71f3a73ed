import { AuthError, isAuthError } from '../errors.ts'
import type { EventIdentity, EventListener } from '../events.ts'
import { emitter } from '../events.ts'
import { atOnce, promising } from '../internal/at-once.ts'
import type { WaitUntil } from '../internal/single-flight.ts'
import { isPending } from '../internal/when-settled.ts'
import type { Policy } from '../policy/policy.ts'
import { isGranted, verdict } from '../policy/policy.ts'
import type { System } from '../system.ts'
import type { AccessToken, TokenClaims } from '../token.ts'
import type { VerifierOptions } from '../options.ts'
import type { VerifyOptions } from '../verification.ts'
import type { Verifier } from '../verifier.ts'
import { recognized } from '../verifier.ts'
import { readAuthorization } from './authorization-header.ts'
import type { Decision, RefusedDecision } from './decision.ts'
import { grant, refusal } from './decision.ts'
import type { CheckedResourceServer } from './resource-server-options.ts'
import { checkResourceServer } from './resource-server-options.ts'
import type { TokenRequest } from './token-request.ts'

export interface AuthenticateOptions {
  /** Anchors background work that outlives the request, on runtimes that have it. */
  readonly waitUntil?: WaitUntil | undefined
}

/** Answers: may this request pass? It knows HTTP and no framework. */
export interface ResourceServer<Claims = TokenClaims, Anonymous extends undefined = never> {
  /** Reads and verifies the token of a request. Never rejects. */
  readonly authenticate: (
    request: TokenRequest,
    options?: AuthenticateOptions,
  ) => Promise<Decision<AccessToken<Claims> | Anonymous>>
  /** Whether the token may do what `policy` guards; without a token, TOKEN_MISSING. Never throws. */
  readonly authorize: (token: AccessToken<Claims> | undefined, policy: Policy<Claims>) => Decision<AccessToken<Claims>>
  /** As `authorize`, after asking an introspected issuer again: for what must not wait until a remembered answer runs out. Never rejects. */
  readonly authorizeFresh: (
    token: AccessToken<Claims> | undefined,
    policy: Policy<Claims>,
    options?: AuthenticateOptions,
  ) => Promise<Decision<AccessToken<Claims>>>
  /** The refusal of a request that `authenticate` never saw: the API's own mistake, hence 500. */
  readonly refuseUnauthenticated: () => Decision<never>
  readonly verifier: Verifier<Claims>
  readonly close: () => Promise<void>
}

export interface HttpOptions<Mode extends 'refuse' | 'pass'> {
  /** The protection space named in challenges (RFC 9110 section 11.5). Default `api`. */
  readonly realm?: string | undefined
  /** `pass` lets a request without any Authorization field through, without a token. A bad credential is always refused. */
  readonly anonymous?: Mode | undefined
}

/** A verifier of your own; the listener given here hears what the resource server refuses itself. */
export interface WithVerifier<Claims> {
  readonly verifier: Verifier<Claims>
  readonly onEvent?: EventListener | undefined
  readonly system?: Pick<System, 'now'> | undefined
  // these are the verifier's own
  readonly issuer?: never
  readonly audience?: never
  readonly algorithms?: never
  readonly claims?: never
  readonly clockToleranceSeconds?: never
  readonly maxTokenBytes?: never
  readonly seedKeys?: never
}

export type ResourceServerOptions<
  Claims = TokenClaims,
  Mode extends 'refuse' | 'pass' = 'refuse' | 'pass',
> = HttpOptions<Mode> & (VerifierOptions<Claims> | WithVerifier<Claims>)

/**
 * Makes a resource server from the options of a verifier, or from a verifier.
 *
 * @throws TypeError that names every problem of the options
 */
export function createResourceServer<Claims = TokenClaims>(
  options: ResourceServerOptions<Claims, 'refuse'>,
): ResourceServer<Claims>
export function createResourceServer<Claims = TokenClaims>(
  options: ResourceServerOptions<Claims>,
): ResourceServer<Claims, undefined>
export function createResourceServer<Claims = TokenClaims>(
  options: ResourceServerOptions<Claims>,
): ResourceServer<Claims, undefined> {
  return resourceServerFrom(checkResourceServer(options))
}

/** The resource server of options that were checked. */
export function resourceServerFrom<Claims>({
  verifier,
  realm,
  anonymous,
  onEvent,
  now,
}: CheckedResourceServer<Claims>): ResourceServer<Claims, undefined> {
  const refused = refuser(realm, emitter(onEvent))

  const verified = verifying(verifier, (error) => (isAuthError(error) ? refusal(error, realm) : refused(error)))
  const authorize = authorizer<Claims>(refused, now)

  return Object.freeze({
    authenticate: promising((request, options) => {
      try {
        const values = request.headerValues('authorization')
        const known = recognizedAmong(values, verifier, options?.waitUntil)
        if (known !== undefined) return grant(known)
        const credentials = readAuthorization(values)
        if (credentials.kind === 'bearer') return verified(credentials.token, { waitUntil: options?.waitUntil })
        if (credentials.kind === 'none' && anonymous === 'pass') return grant(undefined)
        return refused(new AuthError('TOKEN_MISSING', ABSENT[credentials.kind]))
      } catch (error) {
        return refused(error)
      }
    }),
    authorize,
    authorizeFresh: async (token, policy, options) => {
      if (token === undefined) return authorize(token, policy)
      const renewed = await verified(token.raw, { waitUntil: options?.waitUntil, fresh: true })
      return renewed.granted ? authorize(renewed.token, policy) : renewed
    },
    refuseUnauthenticated: () => refused(new AuthError('NOT_AUTHENTICATED', NEVER_AUTHENTICATED)),
    verifier,
    close: verifier.close,
  } satisfies ResourceServer<Claims, undefined>)
}

type Refuse = (reason: unknown, identity?: EventIdentity) => RefusedDecision

/** As most requests come: with one credential, which is a token that was there before. */
function recognizedAmong<Claims>(
  values: readonly string[],
  verifier: Verifier<Claims>,
  waitUntil: WaitUntil | undefined,
): AccessToken<Claims> | undefined {
  const [value = ''] = values
  if (values.length > 1 || !value.startsWith(BEARER)) return undefined
  return recognized(verifier, value.slice(BEARER.length), waitUntil)
}

type Verified<Claims> = Decision<AccessToken<Claims>>

/** @param unverified the verifier reports its own refusals; they must not be reported twice */
function verifying<Claims>(
  verifier: Verifier<Claims>,
  unverified: (error: unknown) => RefusedDecision,
): (raw: string, options: VerifyOptions) => Verified<Claims> | Promise<Verified<Claims>> {
  const later = async (token: Promise<AccessToken<Claims>>): Promise<Verified<Claims>> => {
    try {
      return grant(await token)
    } catch (error) {
      return unverified(error)
    }
  }
  return (raw, options) => {
    try {
      const token = atOnce(verifier.verify).call(verifier, raw, options)
      return isPending(token) ? later(token) : grant(token)
    } catch (error) {
      return unverified(error)
    }
  }
}

function authorizer<Claims>(refused: Refuse, now: () => number): ResourceServer<Claims>['authorize'] {
  return (token, policy) => {
    if (token === undefined) return refused(new AuthError('TOKEN_MISSING', ABSENT.anonymous))
    try {
      const answer = verdict(policy, token, now() / 1000)
      return isGranted(answer) ? grant(token) : refused(answer, token)
    } catch (error) {
      return refused(error, token)
    }
  }
}

const BEARER = 'Bearer '
const ABSENT = {
  none: 'the request has no Authorization field',
  other: 'the Authorization field has another scheme than Bearer',
  anonymous: 'the policy needs a token, and the request came without one',
}
const NEVER_AUTHENTICATED =
  'authorize ran on a request that authenticate of the same resource server never saw; register authenticate before it'

/** Reports a refusal and makes the answer. What is no AuthError is a failure of ours, and is answered as such. */
function refuser(realm: string, emit: EventListener): Refuse {
  return (reason: unknown, { issuer, subject, clientId }: EventIdentity = {}): RefusedDecision => {
    const error = isAuthError(reason)
      ? reason
      : new AuthError('INTERNAL_FAULT', 'the request could not be judged', { cause: reason })
    emit({ type: 'refused', code: error.code, message: error.message, cause: error.cause, issuer, subject, clientId })
    return refusal(error, realm)
  }
}
