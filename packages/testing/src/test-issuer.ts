import type { JWK } from 'jose'

import type { MintOptions, TestMembers } from './mint.ts'
import type { TestAlgorithm, TestKey, TestKeyOptions } from './test-keys.ts'

import { inMemoryFetch } from './in-memory-fetch.ts'
import { keyRing } from './key-ring.ts'
import { accessTokenClaims, idTokenClaims, signClaims, signCompact } from './mint.ts'

/** Options of {@link testIssuer}. */
export interface TestIssuerOptions {
  /** Issuer identifier, `https://issuer.example` by default. */
  readonly issuer?: string
  /** What tokens are signed with, `RS256` by default. */
  readonly algorithm?: TestAlgorithm
  /** Where `iat` and `exp` count from; the real time by default. */
  readonly clock?: { now(): number }
  /** The `typ` of access tokens, `at+jwt` by default. */
  readonly typ?: string
  /**
   * Two issuers with one identifier have the same keys within one program, since making RSA keys is
   * slow. Give an impostor another series and its keys differ.
   */
  readonly keySeries?: string
  /**
   * Asked before the issuer answers a request. What it returns is the answer, `undefined` leaves the
   * answer to the issuer, and a rejection is a network failure.
   */
  readonly respond?: (url: string) => Response | Promise<Response> | undefined
}

/** An authorization server without a network: it publishes keys and mints tokens, good or broken. */
export interface TestIssuer {
  readonly issuer: string
  /** Answers the metadata and JWK Set locations from memory and everything else with a 404. */
  readonly fetch: typeof globalThis.fetch
  /** The URLs asked so far, oldest first. */
  readonly requests: readonly string[]
  /** The current signing key as the JWK Set shows it. */
  readonly publicKey: JWK
  /** The current signing key's identifier. */
  readonly kid: string
  /** The current signing key. */
  readonly key: TestKey
  /** The JWK Set (RFC 7517 section 5) as published now. */
  jwks(): { keys: JWK[] }
  /** The authorization server metadata (RFC 8414 section 2). */
  metadata(): Record<string, unknown>
  /** An access token of RFC 9068, valid for 300 seconds, with the given claims put over the defaults. */
  mint(claims?: TestMembers, options?: MintOptions): Promise<string>
  /** An OpenID Connect ID token for `client-1`: `typ` `JWT`, with `nonce`, `at_hash` and `auth_time`. */
  idToken(claims?: TestMembers, options?: MintOptions): Promise<string>
  /** A new key of the same algorithm takes the place of the current one, also in the JWK Set. */
  rotate(options?: TestKeyOptions): Promise<TestKey>
  /** Publishes one more key; `mint` uses it when it is given as `key`. */
  addKey(algorithm: TestAlgorithm, options?: TestKeyOptions): Promise<TestKey>
  /** Puts any JSON value among the published keys, however broken. */
  publish(jwk: unknown): void
  /** Takes the keys with this identifier out of the JWK Set. */
  withdraw(kid: string): void
  /** A compact JWS over exactly these texts or octets, whatever they are. */
  signRaw(
    protectedHeader: string | Uint8Array,
    payload: string | Uint8Array,
    options?: { readonly key?: TestKey },
  ): Promise<string>
}

/**
 * Creates a {@link TestIssuer}.
 *
 * @throws TypeError when `issuer` is no URL or `algorithm` is unknown.
 */
export async function testIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { issuer = 'https://issuer.example', algorithm = 'RS256', typ = 'at+jwt' } = options
  const keys = await keyRing(JSON.stringify([options.keySeries ?? '', issuer]), algorithm)
  const jwks = (): { keys: JWK[] } => ({ keys: keys.published() })
  const network = inMemoryFetch(issuer, jwks, options.respond)
  const nowSeconds = (): number => Math.floor((options.clock?.now() ?? Date.now()) / 1000)

  return {
    issuer,
    fetch: network.fetch,
    requests: network.requests,
    get publicKey() {
      return keys.current().publicKey
    },
    get kid() {
      return keys.current().kid
    },
    get key() {
      return keys.current()
    },
    jwks,
    metadata: network.metadata,
    mint(claims = {}, how = {}) {
      const all = { ...accessTokenClaims(issuer, nowSeconds()), ...claims }
      return signClaims(typ, all, how.key ?? keys.current(), how)
    },
    async idToken(claims = {}, how = {}) {
      const all = { ...(await idTokenClaims(issuer, nowSeconds())), ...claims }
      return signClaims('JWT', all, how.key ?? keys.current(), how)
    },
    signRaw: (header, payload, { key } = {}) => signCompact(header, payload, key ?? keys.current()),
    rotate: keys.rotate,
    addKey: keys.addKey,
    publish: keys.publish,
    withdraw: keys.withdraw,
  }
}
