import { base64url } from 'jose'

import type { TestKey } from './test-keys.ts'

/** Claims or header parameters of any JSON value; a member given as `undefined` is left out. */
export type TestMembers = Readonly<Record<string, unknown>>

/** How one token differs from a good one. */
export interface MintOptions {
  /** Header parameters to add or replace. `alg` changes what the header claims, not what signs. */
  readonly header?: TestMembers
  /** Names of claims to leave out. */
  readonly omit?: readonly string[]
  /** The signing key; the issuer's current one by default. */
  readonly key?: TestKey
}

/**
 * A compact JWS (RFC 7515 section 7.1) over exactly these texts or octets, whatever they are.
 */
export async function signCompact(
  protectedHeader: string | Uint8Array,
  payload: string | Uint8Array,
  key: TestKey,
): Promise<string> {
  const signingInput = `${base64url.encode(protectedHeader)}.${base64url.encode(payload)}`
  const signature = await key.sign(new TextEncoder().encode(signingInput))
  return `${signingInput}.${base64url.encode(signature)}`
}

/** Signs claims, with the header that fits the key unless the options say otherwise. */
export function signClaims(
  typ: string,
  claims: TestMembers,
  key: TestKey,
  { header, omit = [] }: MintOptions,
): Promise<string> {
  const kept = Object.fromEntries(Object.entries(claims).filter(([name]) => !omit.includes(name)))
  const protectedHeader = { alg: key.algorithm, typ, kid: key.kid, ...header }
  return signCompact(JSON.stringify(protectedHeader), JSON.stringify(kept), key)
}

/** The claims of a good access token (RFC 9068 section 2.2). */
export function accessTokenClaims(issuer: string, nowSeconds: number): TestMembers {
  return {
    iss: issuer,
    aud: 'https://api.example',
    sub: 'user-1',
    client_id: 'client-1',
    iat: nowSeconds,
    exp: nowSeconds + 300,
    jti: crypto.randomUUID(),
    scope: 'orders:read',
  }
}

/** The claims of a good ID token (OpenID Connect Core section 2). */
export async function idTokenClaims(issuer: string, nowSeconds: number): Promise<TestMembers> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('an access token'))
  return {
    iss: issuer,
    aud: 'client-1',
    sub: 'user-1',
    iat: nowSeconds,
    exp: nowSeconds + 300,
    auth_time: nowSeconds - 5,
    nonce: crypto.randomUUID(),
    // OpenID Connect Core section 3.1.3.6: the left half of the hash.
    at_hash: base64url.encode(new Uint8Array(hash, 0, hash.byteLength / 2)),
  }
}
