import type { Policy, ResourceServer, TokenClaims } from '@tokenward/core'

/**
 * The API that is asked. Every route takes every method. Requests that pass are answered with 200, `application/json`
 * and the body {@link contractApi.passed}; the refusals are the adapter's.
 */
export const contractApi = {
  /** `servers.orders` authenticates and `policies.orders` authorizes. */
  orders: '/orders',
  /** The same, in a router, module or prefix of the framework that is mounted at `/mounted`. */
  mounted: '/mounted/orders',
  /**
   * The same, behind what the framework has for CORS, registered before the adapter and for this path alone: it allows
   * {@link contractApi.origin}, the request field Authorization, and scripts to read WWW-Authenticate.
   */
  cors: '/cors/orders',
  /** `servers.twoChallenges` authenticates and `policies.orders` authorizes. */
  twoChallenges: '/two-challenges',
  /** `servers.outer` authenticates, and inside of it `servers.inner`, on which `policies.orders` authorizes. */
  nested: '/nested/orders',
  /** `servers.anonymous` authenticates. The body is `{"subject":"user-1"}`: the token's, or null where there is no token. */
  anonymous: '/anonymous',
  /** `servers.orders` authenticates and `policies.broken` authorizes. */
  brokenPolicy: '/broken-policy',
  /** `policies.orders` authorizes on `servers.orders`, and nothing has authenticated. */
  unauthenticated: '/unauthenticated',
  /** The body of every answer that passes, but for `anonymous`. */
  passed: '{"ok":true}',
  /** The origin that may call {@link contractApi.cors}. */
  origin: 'https://app.example',
} as const

/** The routes of {@link contractApi} that an adapter may be unable to express. */
export type OptionalRoute = 'mounted' | 'cors' | 'nested' | 'unauthenticated'

/** What the API under test is made of. */
export interface ContractParts {
  /** Resource servers to hand to the adapter as they are. The contract watches and closes them. */
  readonly servers: {
    readonly orders: ResourceServer
    /** Lets requests without an Authorization field through. */
    readonly anonymous: ResourceServer<TokenClaims, undefined>
    /** Refuses with two challenges, as a resource server does that takes tokens of two kinds. */
    readonly twoChallenges: ResourceServer
    readonly outer: ResourceServer
    readonly inner: ResourceServer
  }
  readonly policies: {
    readonly orders: Policy
    /** Returns undefined, as one written in JavaScript may. */
    readonly broken: Policy
  }
}

/** The API under test, listening. */
export interface ContractApp {
  /** Where it listens, such as `http://127.0.0.1:8080`: loopback, without TLS. */
  readonly baseUrl: string
  readonly close: () => unknown
}
