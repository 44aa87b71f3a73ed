import { createServer } from 'node:http'

/** A server on loopback that nobody has a reason to ask. It does not keep the program alive. */
export async function openTrap(): Promise<{ readonly origin: string; readonly count: () => number }> {
  let count = 0
  const server = createServer((_request, response) => {
    count += 1
    response.end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return { origin: `http://127.0.0.1:${address.port}`, count: () => count }
}
