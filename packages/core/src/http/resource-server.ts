import { AuthError, isAuthError } from '../errors.ts'
import type { EventListener } from '../events.ts'
import { emitter } from '../events.ts'
import type { WaitUntil } from '../issuers/key-source.ts'
import type { Policy } from '../policy/policy.ts'
import { verdict } from '../policy/policy.ts'
import type { System } from '../system.ts'
import type { AccessToken, TokenClaims } from '../token.ts'
import type { Verifier, VerifierOptions } from '../verifier.ts'
import { readAuthorization } from './authorization-header.ts'
import type { Decision } from './decision.ts'
import { grant, refusal } from './decision.ts'
import { checkResourceServer } from './resource-server-options.ts'
import type { TokenRequest } from './token-request.ts'

/** Answers: may this request pass? It knows HTTP and no framework. */
export interface ResourceServer<Claims = TokenClaims, Anonymous extends undefined = never> {
  /** Reads and verifies the token of a request. Never rejects. */
  readonly authenticate: (
    request: TokenRequest,
    options?: { readonly waitUntil?: WaitUntil | undefined },
  ) => Promise<Decision<AccessToken<Claims> | Anonymous>>
  /** Whether the token may do what `policy` guards; without a token, TOKEN_MISSING. Never throws. */
  readonly authorize: (token: AccessToken<Claims> | undefined, policy: Policy<Claims>) => Decision<AccessToken<Claims>>
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
  const { verifier, realm, anonymous, onEvent, now } = checkResourceServer(options)
  const emit = emitter(onEvent)

  async function authenticate(
    request: TokenRequest,
    { waitUntil }: { waitUntil?: WaitUntil | undefined } = {},
  ): Promise<Decision<AccessToken<Claims> | undefined>> {
    try {
      const credentials = readAuthorization(request.headerValues('authorization'))
      if (credentials.kind === 'bearer') return await verified(credentials.token, waitUntil)
      if (credentials.kind === 'none' && anonymous === 'pass') return grant(undefined)
      const why =
        credentials.kind === 'none'
          ? 'the request has no Authorization field'
          : 'the Authorization field has another scheme than Bearer'
      return refused(new AuthError('TOKEN_MISSING', why))
    } catch (error) {
      return refused(asAuthError(error))
    }
  }

  /** The verifier reports its own refusals; they must not be reported twice. */
  async function verified(raw: string, waitUntil: WaitUntil | undefined): Promise<Decision<AccessToken<Claims>>> {
    try {
      return grant(await verifier.verify(raw, { waitUntil }))
    } catch (error) {
      return isAuthError(error) ? refusal(error, realm) : refused(asAuthError(error))
    }
  }

  function authorize(token: AccessToken<Claims> | undefined, policy: Policy<Claims>): Decision<AccessToken<Claims>> {
    if (token === undefined)
      return refused(new AuthError('TOKEN_MISSING', 'the policy needs a token, and the request came without one'))
    const answer = verdict(policy, token, now() / 1000)
    return isAuthError(answer) ? refused(answer, token) : grant(token)
  }

  function refused(error: AuthError, token?: AccessToken<Claims>): Decision<never> {
    const { issuer, subject, clientId } = token ?? {}
    emit({ type: 'refused', code: error.code, message: error.message, cause: error.cause, issuer, subject, clientId })
    return refusal(error, realm)
  }

  const refuseUnauthenticated = (): Decision<never> =>
    refused(
      new AuthError(
        'NOT_AUTHENTICATED',
        'authorize ran on a request that authenticate of the same resource server never saw; register authenticate before it',
      ),
    )

  return Object.freeze({ authenticate, authorize, refuseUnauthenticated, verifier, close: verifier.close })
}

function asAuthError(error: unknown): AuthError {
  return isAuthError(error)
    ? error
    : new AuthError('INTERNAL_FAULT', 'the request could not be judged', { cause: error })
}
