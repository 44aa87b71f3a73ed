import type { RequestListener } from 'node:http'

import type { ContractApp } from './contract-api.ts'
import type { Transport } from './transport.ts'

import { createServer } from 'node:http'

/**
 * Serves a request listener of Node on an ephemeral loopback port, with room for the large header fields of the
 * contract unless told otherwise. Applications of Express are listeners, `app.routing` of Fastify is one.
 *
 * @param transport what the server's own parser lets through; declare the same to {@link adapterContract}
 */
export async function serve(
  listener: RequestListener,
  { controlCharacters = 'refused', largeFields = 'carried' }: Transport = {},
): Promise<ContractApp> {
  const server = createServer(
    {
      insecureHTTPParser: controlCharacters === 'carried',
      ...(largeFields === 'carried' && { maxHeaderSize: 1024 * 1024 }),
    },
    listener,
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
