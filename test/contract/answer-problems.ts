import type { ErrorCode } from '@tokenward/core'

import type { RawResponse } from '../support/raw-request.ts'
import type { ContractRequest, ExpectedAnswer } from './contract-request.ts'

import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { fieldValues, rawRequest } from '../support/raw-request.ts'
import { contractApi } from './contract-request.ts'
import { echoes } from './echoes.ts'

/** An API as `contractApi` describes it, listening. */
export interface ContractApi {
  /** `http://127.0.0.1:port` */
  readonly baseUrl: string
  /** The operator's codes of all refusals so far. */
  readonly refusals: readonly ErrorCode[]
}

/** Sends one request of the contract. @returns what is wrong with the answer: nothing, if all is well */
export async function answerProblems(api: ContractApi, request: ContractRequest): Promise<string[]> {
  const before = api.refusals.length
  const response = await sendContractRequest(api.baseUrl, request)
  const codes = api.refusals.slice(before)
  const { expected } = request
  const wanted = expected.code === undefined ? [] : [expected.code]
  return [
    ...unless(response.status === expected.status, `status ${response.status}, not ${expected.status}`),
    ...unless(codes.join() === wanted.join(), `codes [${codes.join()}], not [${wanted.join()}]`),
    ...challengeProblems(response, expected),
    ...fieldProblems(response, expected),
    ...bodyProblems(response, request),
    ...echoes(request, response).map((text) => `the answer repeats ${JSON.stringify(text)}`),
  ]
}

export function sendContractRequest(baseUrl: string, request: ContractRequest): Promise<RawResponse> {
  const { method, path, headers, body } = request
  return rawRequest({ port: Number(new URL(baseUrl).port), method, path, headers, body })
}

function challengeProblems(response: RawResponse, { status, error }: ExpectedAnswer): string[] {
  const lines = fieldValues(response, 'WWW-Authenticate')
  if (![400, 401, 403].includes(status)) return unless(lines.length === 0, `a challenge beside ${status}`)
  try {
    const [challenge, ...more] = assertLegalChallenge(lines)
    const { realm, error: named, error_description: description, scope } = challenge?.params ?? {}
    return [
      ...unless(challenge?.scheme === 'Bearer' && more.length === 0, 'not exactly one Bearer challenge'),
      ...unless(realm === 'api', 'no realm'),
      ...unless(named === error, `challenge with error ${named}, not ${error}`),
      ...unless((description === undefined) === (error === undefined), `challenge with description ${description}`),
      ...unless(scope === (status === 403 ? contractApi.scope : undefined), `challenge with scope ${scope}`),
    ]
  } catch (problem) {
    return [String(problem)]
  }
}

function fieldProblems(response: RawResponse, { status }: ExpectedAnswer): string[] {
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
    ...unless(fieldValues(response, 'Set-Cookie').length === 0, 'a cookie'),
  ]
}

function bodyProblems({ body, headers }: RawResponse, { method, expected }: ContractRequest): string[] {
  if (method === 'HEAD') return unless(body === '', 'HEAD with content')
  if (expected.status === 200) return unless(body === contractApi.passed, `body ${body}`)
  if (expected.error === undefined) return unless(body === '', `body ${body} where nothing may be said`)
  const type = fieldValues({ status: 0, headers, body }, 'Content-Type').join()
  return [
    ...unless(/^application\/json(?:; charset=utf-8)?$/u.test(type), `Content-Type ${type}`),
    ...unless(isErrorBody(body, expected.error), `body ${body}`),
  ]
}

function isErrorBody(body: string, error: string): boolean {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return false
    const members = new Map<string, unknown>(Object.entries(parsed))
    return members.size === 2 && members.get('error') === error && typeof members.get('error_description') === 'string'
  } catch {
    return false
  }
}

function unless(fine: boolean, problem: string): string[] {
  return fine ? [] : [problem]
}
