import type { ErrorCode } from '@tokenward/core'

import type { RawResponse } from './raw-request.ts'
import type { AdapterAnswer, ContractRequest, ExpectedAnswer } from './requests/contract-request.ts'
import type { KnownTransport } from './transport.ts'

import { challengeProblems } from './challenge-problems.ts'
import { contractApi } from './contract-api.ts'
import { corsProblems, isCrossOrigin } from './cors-problems.ts'
import { echoes } from './echoes.ts'
import { unless } from './problems.ts'
import { fieldValues, rawRequest } from './raw-request.ts'
import { descriptionOf } from './requests/contract-request.ts'

/** Where requests go, and what is known of the way there. */
export interface Target {
  readonly host?: string
  readonly port: number
  /** The operator's codes of all refusals so far. */
  readonly refusals: readonly ErrorCode[]
  readonly transport: KnownTransport
}

/** Sends one request of the contract. @returns what is wrong with the answer: nothing, if all is well */
export async function answerProblems(
  target: Target,
  request: ContractRequest,
  expected: ExpectedAnswer = request.expected,
): Promise<string[]> {
  const before = target.refusals.length
  const response = await send(target, request)
  const codes = target.refusals.slice(before).join()
  const code = expected.by === 'adapter' ? (expected.code ?? '') : ''
  return [
    ...unless(codes === code, `codes [${codes}], not [${code}]`),
    ...(expected.by === 'adapter'
      ? adapterProblems(response, request, expected, target.transport)
      : foreignProblems(response, expected.statuses)),
    ...unless(fieldValues(response, 'Set-Cookie').length === 0, 'a cookie'),
    // what a framework says of a route that it does not have is its own affair
    ...(expected.by === 'framework' ? [] : allRoundProblems(response, request)),
  ]
}

function allRoundProblems(response: RawResponse, request: ContractRequest): string[] {
  return [
    ...(isCrossOrigin(request) ? corsProblems(response, request) : []),
    ...echoes(request, response).map((text) => `the answer repeats ${text}`),
  ]
}

/** Fields that may differ between an answer to HEAD and one to GET. */
const MESSAGE_FIELDS = new Set(['date', 'content-length', 'transfer-encoding', 'connection', 'keep-alive'])

/** Sends a request with HEAD and with GET. @returns where the fields differ (RFC 9110 section 9.3.2) */
export async function headProblems(target: Target, request: ContractRequest): Promise<string[]> {
  const head = await send(target, request)
  const get = await send(target, { ...request, method: 'GET' })
  const fields = ({ headers }: RawResponse): string =>
    headers
      .filter(([name]) => !MESSAGE_FIELDS.has(name.toLowerCase()))
      .map((line) => line.join(': '))
      .toSorted((one, other) => one.localeCompare(other))
      .join('; ')
  const [length] = fieldValues(head, 'Content-Length')
  const [lengthOfGet] = fieldValues(get, 'Content-Length')
  return [
    ...unless(fields(head) === fields(get), `HEAD with the fields ${fields(head)}, GET with ${fields(get)}`),
    ...unless(length === undefined || length === lengthOfGet, `HEAD with Content-Length ${length}, not ${lengthOfGet}`),
  ]
}

function send({ host = '127.0.0.1', port }: Target, request: ContractRequest): Promise<RawResponse> {
  const { method, path, headers, body } = request
  return rawRequest({ host, port, method, path, headers, body })
}

function adapterProblems(
  response: RawResponse,
  request: ContractRequest,
  expected: AdapterAnswer,
  transport: KnownTransport,
): string[] {
  const { status } = expected
  const isTwofold = request.path === contractApi.twoChallenges
  return [
    ...unless(response.status === status, `status ${response.status}, not ${status}`),
    ...challengeProblems(fieldValues(response, 'WWW-Authenticate'), expected, {
      isTwofold,
      isJoined: transport.challengeLines === 'joined',
    }),
    ...fieldProblems(response, status),
    ...bodyProblems(response, request.method, expected),
  ]
}

function foreignProblems(response: RawResponse, statuses: readonly number[]): string[] {
  return [
    ...unless(statuses.includes(response.status), `status ${response.status}, not ${statuses.join(' or ')}`),
    ...unless(fieldValues(response, 'WWW-Authenticate').length === 0, `a challenge beside ${response.status}`),
  ]
}

function fieldProblems(response: RawResponse, status: number): string[] {
  const one = (name: string): string | undefined => {
    const values = fieldValues(response, name)
    return values.length > 1 ? `${values.length} times` : values[0]
  }
  const retryAfter = one('Retry-After')
  return [
    ...unless(
      status === 503 ? /^[1-9]\d*$/u.test(retryAfter ?? '') : retryAfter === undefined,
      `Retry-After ${retryAfter} beside ${status}`,
    ),
    ...unless(status === 200 || one('Cache-Control') === 'no-store', `Cache-Control ${one('Cache-Control')}`),
  ]
}

function bodyProblems(response: RawResponse, method: string, expected: AdapterAnswer): string[] {
  const { status, error } = expected
  const { body } = response
  const type = fieldValues(response, 'Content-Type').join()
  if (method === 'HEAD') return unless(body === '', 'HEAD with content')
  if (status !== 200 && error === undefined) return unless(body === '', `body ${body} where nothing may be said`)
  return [
    ...unless(/^application\/json(?:; ?charset=utf-8)?$/iu.test(type), `Content-Type ${type}`),
    ...unless(
      status === 200
        ? body === expected.body
        : isErrorBody(body, { error, error_description: descriptionOf(expected) }),
      `body ${body}`,
    ),
  ]
}

function isErrorBody(body: string, expected: Readonly<Record<string, unknown>>): boolean {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return false
    const members = new Map<string, unknown>(Object.entries(parsed))
    const names = Object.keys(expected)
    return members.size === names.length && names.every((name) => members.get(name) === expected[name])
  } catch {
    return false
  }
}
