import type {
  AccessToken,
  Audience,
  ErrorCode,
  JwtIssuerOptions,
  ResourceServer,
  ResourceServerOptions,
  TokenRequest,
  TokenwardEvent,
  Verifier,
  VerifierOptions,
} from '@tokenward/core'
import { AuthError, createResourceServer, createVerifier, isAuthError, jwtIssuer, staticKeys } from '@tokenward/core'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'

export const AUDIENCE = 'https://api.example'

/** An issuer, a clock that stands still, and an API that trusts the issuer and remembers what it reported. */
export interface Scene {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  readonly system: ManualClock & { readonly fetch: typeof globalThis.fetch }
  readonly events: TokenwardEvent[]
  /** Trusts the issuer, whose metadata it fetches. */
  readonly verifier: Verifier
  /** Trusts the issuer's present keys and fetches nothing. */
  readonly trusting: (options?: Changes) => Verifier
  readonly serving: (options?: Changes & Pick<ResourceServerOptions, 'realm' | 'anonymous'>) => ResourceServer
}

type Changes = Omit<VerifierOptions, 'issuer' | 'audience'> & {
  readonly audience?: Audience
  readonly issuer?: Partial<Omit<JwtIssuerOptions<undefined>, 'audience'>>
}

/** ES256 by default, since such keys are made at once. */
export async function scene(options: TestIssuerOptions = {}): Promise<Scene> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock, ...options })
  const system = { ...clock, fetch: issuer.fetch }
  const events: TokenwardEvent[] = []
  const onEvent = (event: TokenwardEvent): void => {
    if (event.type !== 'verifier-built-repeatedly') events.push(event) // as tests do, for the sake of independence
  }
  const all = ({ issuer: changes, audience = AUDIENCE, ...rest }: Changes = {}): VerifierOptions => ({
    issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys(issuer.jwks()), ...changes }),
    audience,
    system,
    onEvent,
    ...rest,
  })
  return {
    clock,
    issuer,
    system,
    events,
    verifier: createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, system, onEvent }),
    trusting: (changes) => createVerifier(all(changes)),
    serving: ({ realm, ...changes } = {}) => createResourceServer({ ...all(changes), realm, anonymous: 'refuse' }),
  }
}

/** The refusal that `work` rejects with. @throws whatever else it rejects with, or an Error where it does not reject */
export async function refusalOf(work: Promise<unknown>): Promise<AuthError> {
  try {
    await work
  } catch (error) {
    if (isAuthError(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** The code that `work` is refused with, or `accepted`. @throws whatever is no AuthError */
export async function outcome(work: Promise<unknown>): Promise<ErrorCode | 'accepted'> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    if (isAuthError(error)) return error.code
    throw error
  }
}

/** A request with these Authorization field lines. */
export function requestWith(...authorization: readonly string[]): TokenRequest {
  return {
    method: 'GET',
    url: `${AUDIENCE}/orders`,
    headerValues: (name) => (name === 'authorization' ? authorization : []),
  }
}

/** A verifier that answers every token with the same token or the same failure. */
export function verifierAnswering(answer: () => AccessToken | Promise<AccessToken>): Verifier {
  return { ...createVerifier({ issuer: 'https://issuer.example', audience: AUDIENCE }), verify: async () => answer() }
}

/** A resource server whose verifier refuses every token with this code. */
export function refusing(code: ErrorCode, details?: ConstructorParameters<typeof AuthError>[2]): ResourceServer {
  const verifier = verifierAnswering(() => {
    throw new AuthError(code, 'for the operator only', details)
  })
  return createResourceServer({ verifier })
}
