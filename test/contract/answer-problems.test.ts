import type { ErrorCode } from '@tokenward/core'
import type { RequestListener } from 'node:http'

import { describe, expect, it } from 'vitest'

import type { ContractRequest } from './contract-request.ts'

import { listen } from '../support/listen.ts'
import { answerProblems } from './answer-problems.ts'
import { contractApi, field, granted, group, invalidToken, MARK, noCredential, request } from './contract-request.ts'
import { encode } from './encoding.ts'

const codesOf = ({ expected: { code } }: ContractRequest): ErrorCode[] => (code === undefined ? [] : [code])

/** The problems that the contract finds in an answer of a plain server, whose operator hears the right codes or others. */
async function problemsOf(contractRequest: ContractRequest, answer: RequestListener, codes = codesOf(contractRequest)) {
  const refusals: ErrorCode[] = []
  await using server = await listen((message, response) => {
    refusals.push(...codes)
    answer(message, response)
  })
  return await answerProblems({ baseUrl: server.origin, refusals }, contractRequest)
}

function only(drafts: Parameters<typeof group>[1]): ContractRequest {
  const [first] = group('group', drafts)
  if (first === undefined) throw new Error('expected a request')
  return first
}

const challenge = 'Bearer realm="api", error="invalid_token", error_description="No"'
const body = JSON.stringify({ error: 'invalid_token', error_description: 'No' })
const headers = { 'WWW-Authenticate': challenge, 'Cache-Control': 'no-store', 'Content-Type': 'application/json' }
const forged = `${encode(JSON.stringify({ alg: 'RS256', kid: 'secret-key-name' }))}.e30.AAAA`
const bad = only([field('bad', `Bearer ${forged}`, invalidToken('KEY_UNKNOWN'))])
const nothing = only([request('nothing', {}, noCredential)])
const bare = { 'WWW-Authenticate': 'Bearer realm="api"', 'Cache-Control': 'no-store' }

describe('an answer as the contract has it', () => {
  it.each([
    ['a refusal', bad, 401, headers, body],
    ['a refusal without a word', nothing, 401, bare, ''],
    ['a pass', only([request('good', {}, granted)]), 200, {}, contractApi.passed],
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
    ['a piece of the token in the body', 401, headers, body.replace('No', forged.slice(0, 20))],
    ['a decoded piece in the body', 401, headers, body.replace('No', 'no key secret-key-name')],
    [
      'a decoded piece in the challenge',
      401,
      { ...headers, 'WWW-Authenticate': challenge.replace('No', 'secret-key-name') },
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
    const down = only([
      field('down', 'Bearer x', { status: 503, error: 'temporarily_unavailable', code: 'KEYS_UNAVAILABLE' }),
    ])
    const text = JSON.stringify({ error: 'temporarily_unavailable', error_description: 'No' })
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
