import type { HttpEvent } from '@tokenward/aws-lambda'
import type { ALBResult, Context } from 'aws-lambda'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

import type { Asked } from './events.ts'

import { albEvent, functionUrlEvent, httpApi1Event, httpApiEvent, lambdaContext, restEvent } from './events.ts'

/** A source of events: how it tells of a request, and what it reads of a result. */
export interface EventSource {
  readonly eventOf: (asked: Asked) => HttpEvent
  readonly reads: readonly ('headers' | 'multiValueHeaders')[]
}

/** What the AWS documentation says of each. */
export const sources = {
  'HTTP API': { eventOf: httpApiEvent, reads: ['headers'] },
  'HTTP API, payload 1.0': { eventOf: httpApi1Event, reads: ['headers', 'multiValueHeaders'] },
  'REST API': { eventOf: restEvent, reads: ['headers', 'multiValueHeaders'] },
  'function URL': { eventOf: functionUrlEvent, reads: ['headers'] },
  'load balancer': { eventOf: (asked) => albEvent('single', asked), reads: ['headers'] },
  'load balancer, multi-value headers': { eventOf: (asked) => albEvent('multi', asked), reads: ['multiValueHeaders'] },
} satisfies Record<string, EventSource>

/** A result of any source: they differ in which members they read. */
export type Result = { readonly [Member in keyof ALBResult]?: ALBResult[Member] | undefined }
export type Invocable = (event: HttpEvent, context: Context) => Promise<Result>

/** Stands before a function as the source does: turns requests into events and results into answers, through JSON. */
export function gateway({ eventOf, reads }: EventSource, invocable: Invocable): RequestListener {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { pathname, search } = new URL(request.url ?? '', 'http://gateway.example')
    const event = eventOf({
      method: request.method ?? '',
      path: pathname,
      query: search.slice(1),
      fields: pairs(request.rawHeaders).filter(([name]) => name.toLowerCase() !== 'host'),
      body: Buffer.concat(chunks).toString(),
    })
    write(response, reads, overJson(await invocable(overJson(event), lambdaContext)))
  }
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(502, { 'X-Failure': encodeURIComponent(String(error)) }).end()
    })
  }
}

function write(response: ServerResponse, reads: EventSource['reads'], result: Result): void {
  response.statusCode = result.statusCode ?? 200
  for (const member of reads) {
    for (const [name, value] of Object.entries(result[member] ?? {})) {
      response.setHeader(name, Array.isArray(value) ? value.map(String) : String(value))
    }
  }
  response.end(Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8'))
}

export function overJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}

function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  return rawHeaders.flatMap((value, at) => (at % 2 === 1 ? [[rawHeaders[at - 1] ?? '', value]] : []))
}
