import type { ErrorCode } from '@tokenward/core'

/** One header field line; a string is sent as Latin-1. */
export type FieldLine = readonly [name: string, value: string | Uint8Array]

/** What every adapter answers to a request, whatever the framework behind it. */
export interface ExpectedAnswer {
  readonly status: 200 | 400 | 401 | 403 | 500 | 503
  /** The OAuth error code in the challenge and in the body; undefined where nothing may be said. */
  readonly error: string | undefined
  /** What the operator's event says; undefined where the request passes. */
  readonly code: ErrorCode | undefined
}

/** A request as octets, and the answer to it. */
export interface ContractRequest {
  /** What the requests of one group have in common. */
  readonly group: string
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: readonly FieldLine[]
  readonly body: string
  /** `lenient`: a server's own parser refuses these octets unless it was told not to. */
  readonly parser: 'strict' | 'lenient'
  readonly expected: ExpectedAnswer
}

type Draft = Omit<ContractRequest, 'group'>

/** Stands wherever a hostile client may write; no answer may contain it. */
export const MARK = 'zqMARKqz'

/** What the API under test has to be, so that the requests mean something to it. */
export const contractApi = {
  audience: 'https://api.example',
  /** Configured beside the issuer of the tokens, and never reachable. */
  unreachableIssuer: 'https://unreachable.example',
  /** Answers every method behind `authenticate` and `authorize(scopes('orders:read'))`. */
  orders: '/orders',
  scope: 'orders:read',
  /** Behind `authenticate`, and a policy that returns undefined. */
  brokenPolicy: '/broken-policy',
  /** Behind `authorize` alone. */
  unauthenticated: '/unauthenticated',
  /** The body of every answer that passes. */
  passed: '{"ok":true}',
} as const

export const granted: ExpectedAnswer = { status: 200, error: undefined, code: undefined }
export const noCredential: ExpectedAnswer = { status: 401, error: undefined, code: 'TOKEN_MISSING' }
export const malformedRequest: ExpectedAnswer = { status: 400, error: 'invalid_request', code: 'REQUEST_MALFORMED' }
export const scopeInsufficient: ExpectedAnswer = {
  status: 403,
  error: 'insufficient_scope',
  code: 'SCOPE_INSUFFICIENT',
}

export function invalidToken(code: ErrorCode): ExpectedAnswer {
  return { status: 401, error: 'invalid_token', code }
}

/** A request for the orders, with what is given in place of the defaults. */
export function request(name: string, parts: Partial<Draft>, expected: ExpectedAnswer): Draft {
  return { method: 'GET', path: contractApi.orders, headers: [], body: '', parser: 'strict', ...parts, name, expected }
}

/** A request for the orders with exactly this Authorization value. */
export function field(name: string, value: string | Uint8Array, expected: ExpectedAnswer): Draft {
  return request(name, { headers: [['Authorization', value]] }, expected)
}

/** A request for the orders with this token, sent as it should be. */
export function token(name: string, raw: string, expected: ExpectedAnswer): Draft {
  return field(name, `Bearer ${raw}`, expected)
}

export function group(title: string, drafts: readonly Draft[]): readonly ContractRequest[] {
  return drafts.map((draft) => ({ ...draft, group: title }))
}
