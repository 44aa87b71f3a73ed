import type { DemoRequest } from './exchange.ts'
import { describeExpectation } from './report.ts'

/** The request as a line for a POSIX shell, with the whole credential in it, after a comment that says what to expect. */
export function curlLine({ title, method, path, api, authorization, expected }: DemoRequest): string {
  const parts = [
    'curl -sS -i',
    method === 'GET' ? [] : `-X ${method}`,
    authorization.map((line) => `-H ${quoted(`Authorization: ${line}`)}`),
    quoted(`${api.url}${path}`),
  ]
  return `# ${title}: ${describeExpectation(expected)}\n${parts.flat().join(' ')}`
}

/** A token request for a POSIX shell. */
export function tokenRequestLine(
  tokenEndpoint: string,
  client: { id: string; secret: string },
  parameters: Record<string, string>,
): string {
  const data = Object.entries(parameters).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)
  return ['curl -sS', `-u ${quoted(`${client.id}:${client.secret}`)}`, ...data, quoted(tokenEndpoint)].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
