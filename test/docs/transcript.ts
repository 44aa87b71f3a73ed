import type { IncomingMessage, RequestListener } from 'node:http'

import { request } from 'node:http'

import { listen } from '../support/listen.ts'

/** What Node and Express add to every answer, which the pages leave out. */
const omitted = new Set([
  'connection',
  'content-length',
  'date',
  'etag',
  'keep-alive',
  'transfer-encoding',
  'x-powered-by',
])

/**
 * Does what a `curl -i` line says, against the application instead of localhost:3000, and gives what curl prints, the
 * command in front. `$NAME` stands for a variable.
 */
export async function transcript(
  app: RequestListener,
  command: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  await using server = await listen(app)
  const { method, url, headers } = readCommand(command, variables)
  const answer = await send(new URL(url.replace('http://localhost:3000', server.origin)), method, headers)
  const fields = pairs(answer.response.rawHeaders).filter(([name]) => !omitted.has(name.toLowerCase()))
  return [
    `$ ${command}`,
    `HTTP/1.1 ${answer.response.statusCode} ${answer.response.statusMessage}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(answer.body === '' ? [] : ['', answer.body]),
  ].join('\n')
}

function readCommand(
  command: string,
  variables: Readonly<Record<string, string>>,
): { method: string; url: string; headers: readonly string[] } {
  const words = [...command.matchAll(/"([^"]*)"|\S+/gu)].map(([word, quoted]) =>
    (quoted ?? word).replaceAll(/\$(\w+)/gu, (_, name: string) => {
      const value = variables[name]
      if (value === undefined) throw new Error(`${name} has no value`)
      return value
    }),
  )
  const [program, ...rest] = words
  if (program !== 'curl') throw new Error(`${program} is not curl`)
  const after = (option: string): string[] => rest.filter((_, at) => rest[at - 1] === option)
  const url = rest.find((word) => word.startsWith('http://localhost:3000'))
  if (url === undefined || !rest.includes('-i')) throw new Error(`cannot follow ${command}`)
  return { method: after('-X')[0] ?? 'GET', url, headers: after('-H') }
}

async function send(
  url: URL,
  method: string,
  headers: readonly string[],
): Promise<{ response: IncomingMessage; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const lines = headers.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
    request(url, { method, headers: ['Host', url.host, ...lines.map((part) => part.trim())] }, resolve)
      .on('error', reject)
      .end()
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(Buffer.from(chunk))
  return { response, body: Buffer.concat(chunks).toString() }
}

function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  return rawHeaders.flatMap((value, at) => (at % 2 === 1 ? [[rawHeaders[at - 1] ?? '', value]] : []))
}
