import type { Answer, DemoRequest, Exchange, Expectation } from './exchange.ts'
import { challengeParameter } from './exchange.ts'
import type { Style } from './style.ts'

interface TokenHeader {
  readonly alg: string
  readonly typ?: string
}

const width = 100
const labelWidth = 17

/** One request as a block: what was sent, how it was obtained, what came back, what the operator saw. */
export function renderExchange(number: number, { request, answer, differences }: Exchange, style: Style): string {
  const verdict = differences.length === 0 ? style.green('✓') : style.red('✗')
  const lines = [
    `${String(number).padStart(3)} ${verdict} ${style.bold(request.title)}`,
    ...field(
      'request',
      `${request.method} ${request.path}${request.api.remark === undefined ? '' : ` at ${request.api.remark}`}`,
    ),
    ...sentCredentials(request).flatMap((credential) => field('credential', credential)),
    ...field('obtained by', request.obtained),
    ...field('answer', `${answer.status} ${answer.statusText}${answer.status < 300 ? ` ${answer.body}` : ''}`),
    ...field('WWW-Authenticate', answer.challenge),
    ...field('Retry-After', answer.retryAfter),
    ...field('introspection', describeIntrospections(answer.introspections)),
    ...answer.failures.flatMap(({ type, reason, message }) =>
      field('operator sees', `${type} (${reason}): ${message}`),
    ),
    ...answer.refusals.flatMap(({ code, message }) => field('operator sees', `${code}: ${message}`)),
  ]
  const complaints = differences.flatMap((difference) => field('UNEXPECTED', difference)).map(style.red)
  return [...lines, ...complaints].join('\n')
}

/** All requests in one table, one line each, numbered on from `first`. */
export function renderSummary(exchanges: readonly Exchange[], style: Style, first = 1): string {
  const rows = exchanges.map(({ request, answer }, index) => [
    String(index + first).padStart(3),
    `${request.method} ${request.path}`,
    request.title,
    String(answer.status),
    challengeParameter(answer.challenge, 'error') ?? '-',
    codesOf(answer),
  ])
  return withVerdicts(
    align([['  #', 'request', 'credential', 'answer', 'error', 'operator sees'], ...rows]),
    exchanges,
    style,
  )
}

/** As `renderSummary`, with how often the authorization server was asked in place of the error, which the code implies. */
export function renderIntrospections(exchanges: readonly Exchange[], style: Style, first = 1): string {
  const rows = exchanges.map(({ request, answer }, index) => [
    String(index + first).padStart(3),
    `${request.method} ${request.path}`,
    request.title,
    String(answer.introspections ?? '-').padStart(5),
    String(answer.status),
    codesOf(answer),
  ])
  return withVerdicts(
    align([['  #', 'request', 'credential', 'asked', 'answer', 'operator sees'], ...rows]),
    exchanges,
    style,
  )
}

function codesOf({ refusals }: Answer): string {
  return refusals.map(({ code }) => code).join(' ') || '-'
}

function withVerdicts(table: readonly string[], exchanges: readonly Exchange[], style: Style): string {
  return table
    .map((line, index) => {
      if (index === 0) return style.dim(`  ${line}`)
      return `${exchanges[index - 1]?.differences.length === 0 ? style.green('✓') : style.red('✗')} ${line}`
    })
    .join('\n')
}

/** One line that says whether all went as expected. */
export function renderVerdict(exchanges: readonly Exchange[], style: Style): string {
  const unexpected = exchanges.filter(({ differences }) => differences.length > 0).length
  if (unexpected === 0) return style.green(`All ${exchanges.length} answers are as expected.`)
  return style.red(`${unexpected} of ${exchanges.length} answers are not as expected.`)
}

/** 0 where every answer was as expected, else 1. */
export function exitCode(exchanges: readonly Exchange[]): 0 | 1 {
  return exchanges.every(({ differences }) => differences.length === 0) ? 0 : 1
}

/** The expected answer in a few words. */
export function describeExpectation({ status, error, code }: Expectation): string {
  return [String(status), error, code].filter((part) => part !== undefined).join(' ')
}

/** A token in a form that fits a line and cannot be used: `eyJhbGciOi…x7Qk (RS256 at+jwt)`. */
export function describeToken(token: string): string {
  const [header = '', payload] = token.split('.')
  const short = token.length > 20 ? `${token.slice(0, 10)}…${token.slice(-4)}` : token
  if (payload === undefined) return `${short} (opaque)`
  const { alg, typ = 'without typ' }: TokenHeader = JSON.parse(Buffer.from(header, 'base64url').toString())
  return `${short} (${alg} ${typ})`
}

function describeIntrospections(count: number | undefined): string | undefined {
  if (count === undefined) return undefined
  const times = count === 0 ? 'not asked' : count === 1 ? 'asked once' : `asked ${count} times`
  return `the authorization server was ${times}`
}

function sentCredentials({ authorization }: DemoRequest): string[] {
  if (authorization.length === 0) return ['none']
  return authorization.map((line) => {
    const [scheme = '', credential = ''] = line.split(' ')
    return scheme === 'Bearer' ? `Bearer ${describeToken(credential)}` : line
  })
}

function field(label: string, text: string | undefined): string[] {
  if (text === undefined) return []
  const indent = 6 + labelWidth
  return wrap(text, width - indent).map(
    (line, index) => `${' '.repeat(6)}${(index === 0 ? label : '').padEnd(labelWidth)}${line}`,
  )
}

/** Breaks between words; what stands in quotes stays together. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const [word] of text.matchAll(/(?:"[^"]*"|\S)+/g)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
