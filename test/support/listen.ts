import type { RequestListener, Server, ServerOptions } from 'node:http'

import { createServer } from 'node:http'

/** An HTTP server on an ephemeral loopback port, closed with all its connections on disposal. */
export interface Listening extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly origin: string
}

/** Serves a request listener, which an Express application is as well. */
export async function listen(listener: RequestListener, options: ServerOptions = {}): Promise<Listening> {
  const server = createServer(options, listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    server,
    port: address.port,
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      server.closeAllConnections()
      await closed
    },
  }
}
