import { AuthError } from '../errors.ts'
import { atOnce } from '../internal/at-once.ts'
import { isPending, whenSettled } from '../internal/when-settled.ts'
import type { Policy } from '../policy/policy.ts'
import { granted } from '../policy/policy.ts'
import type { AccessToken, TokenClaims } from '../token.ts'
import type { Decision } from './decision.ts'
import { refusalError } from './refusal-error.ts'
import type { RequestMemory } from './request-memory.ts'
import { requestMemory } from './request-memory.ts'
import type { AuthenticateOptions, ResourceServer } from './resource-server.ts'
import type { TokenRequest } from './token-request.ts'

/**
 * A resource server that remembers, per request object of a framework, what `authenticate` found, so that a later
 * `authorize` judges exactly that. What adapters are built on; the memory ends with the request object.
 */
export interface RequestGate<Claims = TokenClaims, Anonymous extends undefined = never> {
  readonly authenticate: (
    key: object,
    request: TokenRequest,
    options?: AuthenticateOptions,
  ) => Promise<Decision<AccessToken<Claims> | Anonymous>>
  /**
   * As `authenticate`, for frameworks with callbacks: calls `settled` with the decision, before it returns where nothing
   * has to be waited for. What `settled` throws goes to `failed`, as an Error, since frameworks take other values for
   * orders: Express goes on after `'route'`.
   */
  readonly authenticateThen: (
    key: object,
    request: TokenRequest,
    settled: (decision: Decision<AccessToken<Claims> | Anonymous>) => void,
    failed: (error: Error) => void,
  ) => void
  readonly authorize: (key: object, policy: Policy<Claims>) => Decision<AccessToken<Claims>>
  readonly authorizeFresh: (key: object, policy: Policy<Claims>) => Promise<Decision<AccessToken<Claims>>>
  /**
   * @throws AuthError NOT_AUTHENTICATED where the request was never authenticated, TOKEN_MISSING where it came without a
   *   token; with status, headers and a text fit for the error flow of a framework
   */
  readonly accessToken: (key: object) => AccessToken<Claims>
}

export function createRequestGate<Claims, Anonymous extends undefined>(
  server: ResourceServer<Claims, Anonymous>,
): RequestGate<Claims, Anonymous> {
  const seen = memoryOf<AccessToken<Claims> | undefined>(server)
  type Found = Decision<AccessToken<Claims> | Anonymous>

  function find(key: object, request: TokenRequest, options?: AuthenticateOptions): Found | Promise<Found> {
    seen.forget(key) // an earlier answer must not outlive a later refusal
    return whenSettled(atOnce(server.authenticate).call(server, request, options), (decision) => {
      if (decision.granted) seen.remember(key, decision.token)
      return decision
    })
  }

  return {
    authenticate: async (...given) => find(...given),
    authenticateThen: (key, request, settled, failed) => {
      try {
        const decision = find(key, request)
        if (isPending(decision)) decision.then(settled).catch((error: unknown) => failed(toError(error)))
        else settled(decision)
      } catch (error) {
        failed(toError(error))
      }
    },
    authorize: (key, policy) => {
      const found = seen.find(key)
      return found === undefined ? server.refuseUnauthenticated() : server.authorize(found.value, policy)
    },
    authorizeFresh: async (key, policy) => {
      const found = seen.find(key)
      return found === undefined ? server.refuseUnauthenticated() : server.authorizeFresh(found.value, policy)
    },
    accessToken: (key) => {
      const found = seen.find(key)
      const decision =
        found === undefined ? server.refuseUnauthenticated() : server.authorize(found.value, () => granted)
      if (decision.granted) return decision.token
      throw refusalError(decision)
    },
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new AuthError('INTERNAL_FAULT', 'no error was thrown', { cause: thrown })
}

/** One memory per resource server, so that two adapters on it agree on what a request may do. */
const memories = new WeakMap<object, unknown>()

function memoryOf<Token>(server: object): RequestMemory<Token> {
  const known = memories.get(server) as RequestMemory<Token> | undefined // only made below, for this server and its tokens
  if (known !== undefined) return known
  const memory = requestMemory<Token>()
  memories.set(server, memory)
  return memory
}
