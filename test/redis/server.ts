import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A Redis server on loopback that keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** As if the machine lost its power. */
  readonly kill: () => Promise<void>
  /** Begins again on the same port, with nothing in it. */
  readonly start: () => Promise<void>
}

/** @throws Error where redis-server is not installed or does not start */
export async function redisServer(): Promise<RedisServer> {
  const port = await freePort()
  let server = await startOn(port)
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start: async () => {
      server = await startOn(port)
    },
    [Symbol.asyncDispose]: kill,
  }
}

async function startOn(port: number): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server, 'spawn')
  for await (const line of createInterface(server.stdout)) {
    if (line.includes('Ready to accept connections')) {
      server.stdout.resume()
      return server
    }
  }
  throw new Error('redis-server ended instead of starting')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}
