import type { RefusedEvent } from '@tokenward/core'

import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'

import type { Answer, DemoRequest, Exchange } from '../../docs/examples/demo/src/exchange.ts'

import { readCommand } from '../../docs/examples/demo/src/command-line.ts'
import { curlLine } from '../../docs/examples/demo/src/curl-lines.ts'
import { differences } from '../../docs/examples/demo/src/exchange.ts'
import {
  describeToken,
  exitCode,
  renderExchange,
  renderIntrospections,
  renderSummary,
  renderVerdict,
} from '../../docs/examples/demo/src/report.ts'
import { createStyle, wantsColour } from '../../docs/examples/demo/src/style.ts'

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = `${base64url({ alg: 'RS256', typ: 'at+jwt' })}.${base64url({ sub: 'alice' })}.c2lnbmF0dXJlx7Qk`
const plain = createStyle(false)
const coloured = createStyle(true)
const escape = '\u001B'

const request: DemoRequest = {
  title: "Alice's expired token",
  api: { url: 'http://127.0.0.1:1', remark: undefined, reportTo: () => {}, close: async () => {} },
  method: 'POST',
  path: '/orders',
  authorization: [`Bearer ${token}`],
  obtained: 'client credentials',
  expected: { status: 401, error: 'invalid_token', code: 'TOKEN_EXPIRED' },
}

const expired: RefusedEvent = {
  type: 'refused',
  code: 'TOKEN_EXPIRED',
  message: 'the token expired '.repeat(12).trim(),
}

const answer: Answer = {
  status: 401,
  statusText: 'Unauthorized',
  challenge: 'Bearer realm="orders", error="invalid_token", error_description="The access token expired"',
  retryAfter: undefined,
  body: '',
  refusals: [expired],
  failures: [],
  introspections: undefined,
}

const asExpected: Exchange = { request, answer, differences: [] }
const unexpected: Exchange = { request, answer, differences: ['the status is 401, not 200'] }

describe('an answer is compared in every respect', () => {
  test('the expected one differs in none', () => {
    expect(differences(request.expected, answer)).toEqual([])
  })

  test.each<[string, Partial<Answer>]>([
    ['status', { status: 403 }],
    ['error', { challenge: 'Bearer realm="orders", error="invalid_request"' }],
    ['error, which is missing', { challenge: 'Bearer realm="orders"' }],
    ['scope', { challenge: 'Bearer realm="orders", error="invalid_token", scope="orders:read"' }],
    ['scheme', { challenge: 'Basic realm="orders", error="invalid_token"' }],
    ['challenge, which is missing', { challenge: undefined }],
    ['operator code', { refusals: [{ ...expired, code: 'SIGNATURE_INVALID' }] }],
    ['operator, who hears nothing', { refusals: [] }],
    ['operator, who hears it twice', { refusals: [expired, expired] }],
  ])('another %s', (_, change) => {
    expect(differences(request.expected, { ...answer, ...change })).toHaveLength(1)
  })

  test('an outage has no challenge, but says when to come back', () => {
    const outage: Answer = {
      ...answer,
      status: 503,
      challenge: undefined,
      retryAfter: '1',
      refusals: [{ ...expired, code: 'KEYS_UNAVAILABLE' }],
    }
    const expected = { status: 503, code: 'KEYS_UNAVAILABLE' } as const
    expect(differences(expected, outage)).toEqual([])
    expect(differences(expected, { ...outage, challenge: answer.challenge })).toEqual(['there is a challenge'])
    expect(differences(expected, { ...outage, retryAfter: undefined })).toEqual(['Retry-After is missing'])
  })
})

describe('what is asked of the authorization server is part of the answer', () => {
  const asked: Answer = { ...answer, introspections: 1 }
  const expected = { ...request.expected, introspections: 1 }
  const unavailable: Answer = {
    ...answer,
    status: 503,
    challenge: undefined,
    retryAfter: '1',
    introspections: 0,
    refusals: [{ ...expired, code: 'INTROSPECTION_UNAVAILABLE' }],
    failures: [{ type: 'introspection-failed', issuer: 'https://a.example', reason: 'network', message: 'no answer' }],
  }

  test('the expected number differs in nothing, any other does', () => {
    expect(differences(expected, asked)).toEqual([])
    expect(differences(expected, { ...asked, introspections: 0 })).toEqual(['the number of introspections is 0, not 1'])
    expect(differences({ ...expected, introspections: 0 }, asked)).toEqual(['the number of introspections is 1, not 0'])
    expect(differences(request.expected, asked)).toHaveLength(1)
  })

  test('and so is the reason why it could not be asked', () => {
    const failing = { status: 503, code: 'INTROSPECTION_UNAVAILABLE', failure: 'network', introspections: 0 } as const
    expect(differences(failing, unavailable)).toEqual([])
    expect(differences({ ...failing, failure: 'credentials-refused' }, unavailable)).toHaveLength(1)
    expect(differences(failing, { ...unavailable, failures: [] })).toHaveLength(1)
  })

  test('the report shows both', () => {
    const block = renderExchange(1, { ...asExpected, answer: unavailable }, plain)
    expect(block).toContain('introspection    the authorization server was not asked')
    expect(block).toContain('operator sees    introspection-failed (network): no answer')
    expect(renderExchange(1, { ...asExpected, answer: asked }, plain)).toContain('was asked once')
    expect(renderExchange(1, asExpected, plain)).not.toContain('introspection')
  })

  test('the table is numbered on and says how often', () => {
    const rows = renderIntrospections([{ ...asExpected, answer: asked }, unexpected], plain, 28).split('\n')
    expect(rows.map((row) => row.replaceAll(/ +/g, ' '))).toEqual([
      ' # request credential asked answer operator sees',
      "✓ 28 POST /orders Alice's expired token 1 401 TOKEN_EXPIRED",
      "✗ 29 POST /orders Alice's expired token - 401 TOKEN_EXPIRED",
    ])
  })
})

describe('the report', () => {
  test('shows what was sent, what came back and what the operator saw, within 100 columns', () => {
    const lines = renderExchange(7, asExpected, plain).split('\n')
    expect(lines.slice(0, 6)).toEqual([
      "  7 ✓ Alice's expired token",
      '      request          POST /orders',
      `      credential       Bearer eyJhbGciOi…x7Qk (RS256 at+jwt)`,
      '      obtained by      client credentials',
      '      answer           401 Unauthorized',
      '      WWW-Authenticate Bearer realm="orders", error="invalid_token",',
    ])
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(`operator sees TOKEN_EXPIRED: ${expired.message}`)
  })

  test('never shows a token that could be used', () => {
    const text = [
      renderExchange(1, asExpected, plain),
      renderSummary([asExpected], plain),
      renderIntrospections([asExpected], plain),
    ].join('\n')
    expect(text).not.toContain(token)
    expect(describeToken('a-refresh-token-of-some-length')).toBe('a-refresh-…ngth (opaque)')
  })

  test('says what is unexpected', () => {
    expect(renderExchange(1, unexpected, plain)).toMatch(/✗ Alice[^]*UNEXPECTED +the status is 401, not 200$/)
    expect(renderSummary([asExpected, unexpected], plain)).toMatch(/✓ +1 .*\n✗ +2 /)
    expect(renderVerdict([asExpected, unexpected], plain)).toBe('1 of 2 answers are not as expected.')
    expect(renderVerdict([asExpected], plain)).toBe('All 1 answers are as expected.')
  })

  test('fails the command when a single answer is unexpected', () => {
    expect(exitCode([asExpected, asExpected])).toBe(0)
    expect(exitCode([asExpected, unexpected])).toBe(1)
  })

  test.each([asExpected, unexpected])('is plain text unless colours are wanted', (exchange) => {
    const render = (style: typeof plain) => [
      renderExchange(1, exchange, style),
      renderSummary([exchange], style),
      renderIntrospections([exchange], style),
      renderVerdict([exchange], style),
    ]
    const [plainTexts, colouredTexts] = [render(plain), render(coloured)]
    for (const [index, text] of plainTexts.entries()) {
      expect(text).not.toContain(escape)
      expect(colouredTexts[index]).toContain(escape)
      expect(stripVTControlCharacters(colouredTexts[index] ?? '')).toBe(text)
    }
  })
})

describe('colours', () => {
  test.each<[boolean, Record<string, string>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('terminal %s, environment %o: %s', (isTerminal, environment, colour) => {
    expect(wantsColour(isTerminal, environment)).toBe(colour)
  })
})

test.each<[string[], unknown]>([
  [[], { kind: 'run', serve: false }],
  [['--serve'], { kind: 'run', serve: true }],
  [['--', '--serve'], { kind: 'run', serve: true }],
  [['--help'], { kind: 'help' }],
  [['-h', '--serve'], { kind: 'help' }],
  [['--server'], { kind: 'wrong', message: expect.stringContaining('--server') }],
  [['--serve=yes'], { kind: 'wrong', message: expect.stringContaining('--serve') }],
  [['serve'], { kind: 'wrong', message: expect.stringContaining('serve') }],
])('the command line %j', (args, command) => {
  expect(readCommand(args)).toEqual(command)
})

test('a curl line carries every credential whole, quoted for a shell', () => {
  const twice = { ...request, authorization: [`Bearer ${token}`, "Basic it's"] }
  expect(curlLine(twice)).toBe(
    `# Alice's expired token: 401 invalid_token TOKEN_EXPIRED\n` +
      String.raw`curl -sS -i -X POST -H 'Authorization: Bearer ${token}' -H 'Authorization: Basic it'\''s' 'http://127.0.0.1:1/orders'`,
  )
})
