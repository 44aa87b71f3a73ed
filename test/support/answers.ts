import type { ServerResponse } from 'node:http'

import { randomBytes } from 'node:crypto'

/** One request as a scripted server saw it, its body read to the end. */
export interface RecordedRequest {
  readonly method: string
  /** The path with its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string
}

/** Writes one response, or deliberately does not. */
export type Answer = (response: ServerResponse, request: RecordedRequest) => void | Promise<void>

/** A promise that a test opens by hand. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

/** A {@link Gate}, closed. */
export function gate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
}

/** Exactly this response; without a content type unless one is given. */
export function reply({ status = 200, headers = {}, body = '' }: Reply): Answer {
  return (response) => {
    response.writeHead(status, headers).end(body)
  }
}

/** A JSON response. */
export function json(value: unknown, { status = 200, headers = {} }: Omit<Reply, 'body'> = {}): Answer {
  return reply({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  })
}

/** Reads the request and never says a word. */
export function hang(): Answer {
  return () => {}
}

/** Waits for the gate, then answers. */
export function held(until: Gate, answer: Answer): Answer {
  return async (response, request) => {
    await until.opened
    await answer(response, request)
  }
}

/** Sends the header section and the start of a body, and then nothing more. */
export function stalledBody(start = '{"keys":'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(start)
  }
}

/** Sends a body a byte at a time, for as long as somebody reads: a slow loris. */
export function tricklingBody(byte = ' '): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(byte), 5)
    response.once('close', () => {
      clearInterval(timer)
    })
  }
}

/** Points elsewhere. */
export function redirect(location: string, status = 302): Answer {
  return reply({ status, headers: { location } })
}

/** A well-formed JSON document of at least this many octets, 5 MB by default. */
export function hugeBody(octets: number = 5 * 1024 * 1024): Answer {
  return json({ keys: [], padding: 'x'.repeat(octets) })
}

/** Random octets that call themselves JSON. */
export function garbage(octets = 512): Answer {
  return (response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(Buffer.concat([Buffer.of(0xff), randomBytes(octets)]))
  }
}

/** Cuts the connection before a response begins, or in the middle of its body. */
export function cut(when: 'before' | 'within' = 'before'): Answer {
  return (response) => {
    if (when === 'before') {
      response.destroy()
      return
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"keys":[', () => response.destroy())
  }
}
