import type { ErrorCode } from '@tokenward/core'
import type { RequestListener } from 'node:http'

import { ERRORS } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

import type { ContractRequest } from '../../../packages/testing/src/contract/requests/contract-request.ts'

import { answerProblems } from '../../../packages/testing/src/contract/answer-problems.ts'
import { contractApi } from '../../../packages/testing/src/contract/contract-api.ts'
import {
  field,
  granted,
  group,
  invalidToken,
  MARK,
  noCredential,
  refusal,
  refusedByServer,
  request,
} from '../../../packages/testing/src/contract/requests/contract-request.ts'
import { encode } from '../../../packages/testing/src/contract/requests/encoding.ts'
import { NODE } from '../../../packages/testing/src/contract/transport.ts'
import { listen } from '../../support/listen.ts'

const codesOf = ({ expected }: ContractRequest): ErrorCode[] =>
  expected.by === 'adapter' && expected.code !== undefined ? [expected.code] : []

/** The problems that the contract finds in an answer of a plain server, whose operator hears the right codes or others. */
async function problemsOf(
  contractRequest: ContractRequest,
  answer: RequestListener,
  codes = codesOf(contractRequest),
  transport = NODE,
) {
  const refusals: ErrorCode[] = []
  await using server = await listen((message, response) => {
    refusals.push(...codes)
    answer(message, response)
  })
  return await answerProblems({ port: server.port, refusals, transport }, contractRequest)
}

function only(drafts: Parameters<typeof group>[1]): ContractRequest {
  const [first] = group('group', drafts)
  if (first === undefined) throw new Error('expected a request')
  return first
}

const { description } = ERRORS.KEY_UNKNOWN
const challenge = `Bearer realm="api", error="invalid_token", error_description="${description}"`
const body = JSON.stringify({ error: 'invalid_token', error_description: description })
const headers = { 'WWW-Authenticate': challenge, 'Cache-Control': 'no-store', 'Content-Type': 'application/json' }
const forged = `${encode(JSON.stringify({ alg: 'RS256', kid: 'secret-key-name' }))}.e30.AAAA`
const bad = only([field('bad', `Bearer ${forged}`, invalidToken('KEY_UNKNOWN'))])
const nothing = only([request('nothing', {}, noCredential)])
const json = { 'Content-Type': 'application/json; charset=utf-8' }
const bare = { 'WWW-Authenticate': 'Bearer realm="api"', 'Cache-Control': 'no-store' }

describe('an answer as the contract has it', () => {
  it.each([
    ['a refusal', bad, 401, headers, body],
    ['a refusal without a word', nothing, 401, bare, ''],
    ['a pass', only([request('good', {}, granted)]), 200, json, contractApi.passed],
  ])('has no problem: %s', async (_name, contractRequest, status, fields, text) => {
    expect(await problemsOf(contractRequest, (_, response) => response.writeHead(status, fields).end(text))).toEqual([])
  })
})

describe('an answer that differs', () => {
  it.each([
    ['status', 403, headers, body],
    ['no challenge', 401, { ...headers, 'WWW-Authenticate': [] }, body],
    ['an illegal challenge', 401, { ...headers, 'WWW-Authenticate': 'Bearer' }, body],
    [
      'a challenge for another scheme',
      401,
      { ...headers, 'WWW-Authenticate': challenge.replace('Bearer', 'DPoP') },
      body,
    ],
    ['another description', 401, headers, body.replace(description, 'No')],
    [
      'another description in the challenge',
      401,
      { ...headers, 'WWW-Authenticate': challenge.replace(description, 'No') },
      body,
    ],
    ['another realm', 401, { ...headers, 'WWW-Authenticate': challenge.replace('"api"', '"apis"') }, body],
    ['one more parameter', 401, { ...headers, 'WWW-Authenticate': `${challenge}, scope="a"` }, body],
    ['two challenges', 401, { ...headers, 'WWW-Authenticate': [challenge, challenge] }, body],
    ['no error in the challenge', 401, { ...headers, 'WWW-Authenticate': 'Bearer realm="api"' }, body],
    ['no Cache-Control', 401, { ...headers, 'Cache-Control': [] }, body],
    ['Retry-After', 401, { ...headers, 'Retry-After': '1' }, body],
    ['a cookie', 401, { ...headers, 'Set-Cookie': 'a=b' }, body],
    ['no body', 401, headers, ''],
    ['another error in the body', 401, headers, body.replace('token', 'request')],
    ['one more member in the body', 401, headers, body.replace('}', ',"code":"KEY_UNKNOWN"}')],
    ['another content type', 401, { ...headers, 'Content-Type': 'text/html' }, body],
    ['a piece of the token in a field', 401, { ...headers, 'X-Token': forged.slice(3, 25) }, body],
    ['a piece of the token in the body', 401, headers, body.replace(description, forged.slice(0, 20))],
    ['a decoded piece in the body', 401, headers, body.replace(description, 'no key secret-key-name')],
    [
      'a decoded piece in the challenge',
      401,
      { ...headers, 'WWW-Authenticate': challenge.replace(description, 'secret-key-name') },
      body,
    ],
    ['the mark in the name of a field', 401, { ...headers, [`x-${MARK}`]: '1' }, body],
  ])('has a problem: %s', async (_name, status, fields, text) => {
    expect(await problemsOf(bad, (_, response) => response.writeHead(status, fields).end(text))).not.toEqual([])
  })

  it('has a problem: an error where no credential came', async () => {
    expect(await problemsOf(nothing, (_, response) => response.writeHead(401, headers).end())).not.toEqual([])
    expect(await problemsOf(nothing, (_, response) => response.writeHead(401, bare).end(body))).not.toEqual([])
  })

  it.each([
    ['none', []],
    ['another', ['SIGNATURE_INVALID']],
    ['one too many', ['KEY_UNKNOWN', 'KEY_UNKNOWN']],
  ] as const)('has a problem: operator codes, %s', async (_name, codes) => {
    expect(await problemsOf(bad, (_, response) => response.writeHead(401, headers).end(body), [...codes])).not.toEqual(
      [],
    )
  })

  it('has a problem: 503 without Retry-After, or with a challenge', async () => {
    const down = only([field('down', 'Bearer x', refusal(503, 'temporarily_unavailable', 'KEYS_UNAVAILABLE'))])
    const text = JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: ERRORS.KEYS_UNAVAILABLE.description,
    })
    const fields = { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' }
    const problems = (more: Record<string, string>) =>
      problemsOf(down, (_, response) => response.writeHead(503, { ...fields, ...more }).end(text))
    expect(await problems({ 'Retry-After': '3' })).toEqual([])
    expect(await problems({})).not.toEqual([])
    expect(await problems({ 'Retry-After': '0' })).not.toEqual([])
    expect(await problems({ 'Retry-After': '1.5' })).not.toEqual([])
    expect(await problems({ 'Retry-After': '3', 'WWW-Authenticate': 'Bearer realm="api"' })).not.toEqual([])
  })
})

describe('an answer with two challenges', () => {
  const twofold = only([request('nothing', { path: contractApi.twoChallenges }, noCredential)])
  const lines = ['Bearer realm="api"', 'DPoP algs="ES256 EdDSA"']
  const problems = (fields: readonly string[], transport = NODE) =>
    problemsOf(
      twofold,
      (_, response) => response.writeHead(401, { ...bare, 'WWW-Authenticate': [...fields] }).end(),
      undefined,
      transport,
    )
  const joined = { ...NODE, challengeLines: 'joined' } as const

  it('has both, on lines of their own', async () => {
    expect(await problems(lines)).toEqual([])
    expect(await problems([lines.join(', ')])).not.toEqual([])
    expect(await problems(lines.slice(0, 1))).not.toEqual([])
    expect(await problems(lines.slice(1))).not.toEqual([])
    expect(await problems(lines.toReversed())).not.toEqual([])
  })

  it('has both, on one line where there is room for one', async () => {
    expect(await problems([lines.join(', ')], joined)).toEqual([])
    expect(await problems([lines.join(',')], joined)).toEqual([])
    expect(await problems(lines, joined)).not.toEqual([])
    expect(await problems(lines.slice(0, 1), joined)).not.toEqual([])
    expect(await problems([lines.join('; ')], joined)).not.toEqual([])
  })
})

describe('an answer through CORS', () => {
  const headersOf = (method: string) => [['Origin', contractApi.origin] as const, ['X-Method', method] as const]
  const preflight = only([
    request(
      'preflight',
      { method: 'OPTIONS', path: contractApi.cors, headers: headersOf('OPTIONS') },
      { by: 'cors', statuses: [204] },
    ),
  ])
  const refused = only([request('nothing', { path: contractApi.cors, headers: headersOf('GET') }, noCredential)])
  const allowed = { 'Access-Control-Allow-Origin': contractApi.origin }

  it('lets a preflight pass, and names the field', async () => {
    const problems = (status: number, fields: Record<string, string>) =>
      problemsOf(preflight, (_, response) => response.writeHead(status, fields).end())
    const named = { 'Access-Control-Allow-Headers': 'Authorization' }
    expect(await problems(204, { ...allowed, ...named })).toEqual([])
    expect(await problems(401, { ...allowed, ...named })).not.toEqual([])
    expect(await problems(204, { ...allowed, ...named, 'WWW-Authenticate': 'Bearer realm="api"' })).not.toEqual([])
    expect(await problems(204, named)).not.toEqual([])
    expect(await problems(204, { ...named, 'Access-Control-Allow-Origin': '*' })).not.toEqual([])
    expect(await problems(204, allowed)).not.toEqual([])
    expect(await problems(204, { ...allowed, 'Access-Control-Allow-Headers': '*' })).not.toEqual([])
  })

  it('lets scripts read a refusal', async () => {
    const problems = (fields: Record<string, string>) =>
      problemsOf(refused, (_, response) => response.writeHead(401, { ...bare, ...fields }).end())
    const exposed = { 'Access-Control-Expose-Headers': 'Retry-After, WWW-Authenticate' }
    expect(await problems({ ...allowed, ...exposed })).toEqual([])
    expect(await problems(exposed)).not.toEqual([])
    expect(await problems(allowed)).not.toEqual([])
  })
})

describe('an answer of the server', () => {
  const control = only([request('control', {}, refusedByServer)])

  it('is no answer of the adapter', async () => {
    const problems = (status: number, fields: Record<string, string>, codes: ErrorCode[] = []) =>
      problemsOf(control, (_, response) => response.writeHead(status, fields).end(), codes)
    expect(await problems(400, {})).toEqual([])
    expect(await problems(200, {})).not.toEqual([])
    expect(await problems(400, { 'WWW-Authenticate': 'Bearer realm="api"' })).not.toEqual([])
    expect(await problems(400, {}, ['REQUEST_MALFORMED'])).not.toEqual([])
  })
})
