import type { Verifier } from '@tokenward/core'
import type { JsonWebKey } from 'node:crypto'

import { createVerifier, isAuthError, jwtIssuer, staticKeys } from '@tokenward/core'

import type { SigningAlgorithm } from './sign.ts'
import { compactJws, signer } from './sign.ts'

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://api.example'
export const NOW_SECONDS = 1_800_000_000

interface Trust {
  readonly issuer?: string
  readonly audience?: string
  readonly nowSeconds?: number
}

/** A verifier that trusts exactly these keys, at a time of the test's choosing. */
export function verifierTrusting(
  keys: readonly object[],
  { issuer = ISSUER, audience = AUDIENCE, nowSeconds = NOW_SECONDS }: Trust = {},
): Verifier {
  return createVerifier({
    issuer: jwtIssuer({ issuer, keys: staticKeys({ keys }) }),
    audience,
    system: { now: () => nowSeconds * 1000 },
  })
}

/** Claims of a good RFC 9068 token; a claim given as undefined is left out of the JSON. */
export function goodClaims(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    iat: NOW_SECONDS - 60,
    exp: NOW_SECONDS + 300,
    jti: 'token-1',
    scope: 'orders:read',
    ...changes,
  }
}

/** A good access token, but for these changes of its header, signed with a published private key. */
export function accessToken(
  algorithm: SigningAlgorithm,
  privateKey: JsonWebKey,
  header: Readonly<Record<string, unknown>> = {},
): string {
  return compactJws({ alg: algorithm, typ: 'at+jwt', ...header }, goodClaims(), signer(algorithm, privateKey))
}

/** The code of the refusal, or `accepted`. */
export async function outcome(verifier: Verifier, token: string): Promise<string> {
  try {
    await verifier.verify(token)
    return 'accepted'
  } catch (error) {
    if (isAuthError(error)) return error.code
    throw error
  }
}

const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi'])

/** What an authorization server would publish of a private key. */
export function publicHalf(
  privateKey: JsonWebKey,
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const published = Object.entries(privateKey).filter(([name]) => !PRIVATE_MEMBERS.has(name))
  return { ...Object.fromEntries(published), ...changes }
}
