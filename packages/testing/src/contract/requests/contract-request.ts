import type { ErrorCode } from '@tokenward/core'

import { ERRORS } from '@tokenward/core'

import { contractApi } from '../contract-api.ts'

/** One header field line; a string is sent as Latin-1. */
export type FieldLine = readonly [name: string, value: string | Uint8Array]

/** What every adapter answers to a request, whatever the framework behind it. */
export interface AdapterAnswer {
  readonly by: 'adapter'
  readonly status: 200 | 400 | 401 | 403 | 500 | 503
  /** The OAuth error code in the challenge and in the body; undefined where nothing may be said. */
  readonly error: string | undefined
  /** What the operator's event says; undefined where the request passes. */
  readonly code: ErrorCode | undefined
  /** The realm of the challenge. */
  readonly realm: string
  /** The body of an answer that passes. */
  readonly body: string
}

/** An answer that is not the adapter's: it knows nothing of the request, or has nothing to say to it. */
export interface ForeignAnswer {
  /** The server or gateway in front, what does CORS, or the framework that has no such route. */
  readonly by: 'transport' | 'cors' | 'framework'
  readonly statuses: readonly number[]
}

export type ExpectedAnswer = AdapterAnswer | ForeignAnswer

/** A request as octets, and the answer to it. */
export interface ContractRequest {
  /** What the requests of one group have in common. */
  readonly group: string
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: readonly FieldLine[]
  readonly body: string
  readonly expected: ExpectedAnswer
  /** The answer under other circumstances. */
  readonly otherwise?: { readonly where: Circumstance; readonly expected: ExpectedAnswer }
}

/** What was declared of the transport or the adapter, and changes which answer is right. */
export type Circumstance =
  | 'control characters are refused'
  | 'large fields are refused'
  | 'the last of repeated fields counts'
  | 'the innermost resource server decides'

export type Draft = Omit<ContractRequest, 'group'>

/** Stands wherever a hostile client may write; no answer may contain it. */
export const MARK = 'zqMARKqz'

/** What the resource servers of the contract trust and want. */
export const NAMES = {
  issuer: 'https://issuer.example',
  /** Configured beside the issuer of the tokens, and never reachable. */
  unreachableIssuer: 'https://unreachable.example',
  audience: 'https://api.example',
  /** Of `servers.outer` and `servers.inner`. */
  outerAudience: 'https://outer.example',
  innerAudience: 'https://inner.example',
  scope: 'orders:read',
} as const

export const granted = pass()
export const noCredential = refusal(401, undefined, 'TOKEN_MISSING')
export const malformedRequest = refusal(400, 'invalid_request', 'REQUEST_MALFORMED')
export const scopeInsufficient = refusal(403, 'insufficient_scope', 'SCOPE_INSUFFICIENT')
/** Node's own answer to what its parser refuses. */
export const refusedByServer: ForeignAnswer = { by: 'transport', statuses: [400] }
/** RFC 6585 section 5, or what servers said before it. */
export const tooLargeForServer: ForeignAnswer = { by: 'transport', statuses: [400, 431] }

/** The answer to a request that passes. */
export function pass(body: string = contractApi.passed): AdapterAnswer {
  return { by: 'adapter', status: 200, error: undefined, code: undefined, realm: 'api', body }
}

export function refusal(
  status: AdapterAnswer['status'],
  error: string | undefined,
  code: ErrorCode,
  realm = 'api',
): AdapterAnswer {
  return { by: 'adapter', status, error, code, realm, body: '' }
}

export function invalidToken(code: ErrorCode): AdapterAnswer {
  return refusal(401, 'invalid_token', code)
}

/** What the answer says of the error: a constant. */
export function descriptionOf({ code }: AdapterAnswer): string | undefined {
  return code === undefined ? undefined : ERRORS[code].description
}

/** A request for the orders, with what is given in place of the defaults. */
export function request(name: string, parts: Partial<Draft>, expected: ExpectedAnswer): Draft {
  return { method: 'GET', path: contractApi.orders, headers: [], body: '', ...parts, name, expected }
}

/** A request for the orders with exactly this Authorization value. */
export function field(name: string, value: string | Uint8Array, expected: ExpectedAnswer): Draft {
  return request(name, { headers: [['Authorization', value]] }, expected)
}

/** A request for the orders with this token, sent as it should be. */
export function token(name: string, raw: string, expected: ExpectedAnswer): Draft {
  return field(name, `Bearer ${raw}`, expected)
}

/** The same request, with the answer under other circumstances. */
export function where(circumstance: Circumstance, expected: ExpectedAnswer, draft: Draft): Draft {
  return { ...draft, otherwise: { where: circumstance, expected } }
}

export function group(title: string, drafts: readonly Draft[]): readonly ContractRequest[] {
  return drafts.map((draft) => ({ ...draft, group: title }))
}
