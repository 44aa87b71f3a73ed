import type { RequestListener } from 'node:http'

import { Readable } from 'node:stream'

/** Serves a fetch handler with node:http, as runtimes do that have a `serve` of their own. */
export function fetchListener(handler: (request: Request) => Response | Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    const answer = async (): Promise<void> => {
      const method = incoming.method ?? 'GET'
      const headers = new Headers()
      for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
        headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '')
      }
      const { pathname, search } = new URL(incoming.url ?? '/', 'http://served.example')
      const hasBody = method !== 'GET' && method !== 'HEAD'
      const request = new Request(`http://served.example${pathname}${search}`, {
        method,
        headers,
        ...(hasBody && { body: Readable.toWeb(incoming), duplex: 'half' }),
      })
      const response = await handler(request)
      outgoing.statusCode = response.status
      for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
      if (response.body !== null && method !== 'HEAD') for await (const chunk of response.body) outgoing.write(chunk)
      outgoing.end()
    }
    // what no web request can be made of, such as a field with a NUL, a server refuses by itself
    answer().catch(() => outgoing.writeHead(400).end())
  }
}
