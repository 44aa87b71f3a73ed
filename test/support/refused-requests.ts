import type { RefusedEvent } from '@tokenward/core'

import { expect } from 'vitest'

/** Why the policy of `/frozen` refuses. */
export const secretReason = 'operators-only: the account is frozen'

/** A name, a path, a token or the claims of one, and the status and the error code of the answer. */
export type RefusedRequest = readonly [
  name: string,
  path: string,
  given: string | Readonly<Record<string, unknown>> | undefined,
  status: number,
  error: string | undefined,
]

/** A request for each way to be refused, by `/orders`, which needs a scope, and by `/frozen`. */
export const refusedRequests: readonly RefusedRequest[] = [
  ['no credential', '/orders', undefined, 401, undefined],
  ['a malformed field', '/orders', 'a b', 400, 'invalid_request'],
  ['no token', '/orders', 'zqMARKqz', 401, 'invalid_token'],
  ['an expired token', '/orders', { exp: 1 }, 401, 'invalid_token'],
  ['an unknown issuer', '/orders', { iss: 'https://zqMARKqz.example' }, 401, 'invalid_token'],
  ['another audience', '/orders', { aud: 'zqMARKqz' }, 401, 'invalid_token'],
  ['a lacking scope', '/orders', { scope: 'zqMARKqz' }, 403, 'insufficient_scope'],
  ['a policy', '/frozen', {}, 403, 'insufficient_scope'],
]

/** Expects that the one refusal was reported, and that nothing written tells what only the operator may know. */
export function expectKeptFromTheCaller(written: string, [refusal, ...more]: readonly RefusedEvent[]): void {
  expect(more).toEqual([])
  expect(refusal?.message).toMatch(/./u)
  expect(written).not.toContain(refusal?.message)
  expect(written).not.toContain('zqMARKqz')
  expect(written).not.toContain('operators-only')
}
