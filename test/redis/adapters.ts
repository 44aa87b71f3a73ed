import type { RedisClient } from '@tokenward/redis'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'

// What the README of the package shows.

// #region ioredis
export function ioredisClient(redis: Redis): RedisClient {
  return {
    command: ([name = '', ...args]) => redis.call(name, ...args),
    async subscribe(channel, onMessage, onDown) {
      const connection = redis.duplicate({ lazyConnect: true, retryStrategy: () => null })
      connection.on('error', () => {}).on('close', onDown)
      connection.on('message', (_channel: string, message: string) => onMessage(message))
      await connection.connect()
      await connection.subscribe(channel)
      return () => connection.disconnect()
    },
  }
}
// #endregion

// #region iovalkey
export function iovalkeyClient(valkey: Valkey): RedisClient {
  return {
    command: ([name = '', ...args]) => valkey.call(name, ...args),
    async subscribe(channel, onMessage, onDown) {
      const connection = valkey.duplicate({ lazyConnect: true, retryStrategy: () => null })
      connection.on('error', () => {}).on('close', onDown)
      connection.on('message', (_channel: string, message: string) => onMessage(message))
      await connection.connect()
      await connection.subscribe(channel)
      return () => connection.disconnect()
    },
  }
}
// #endregion

// #region node-redis
export function nodeRedisClient(client: ReturnType<typeof createClient>, url: string): RedisClient {
  return {
    command: (args) => client.sendCommand([...args]),
    async subscribe(channel, onMessage, onDown) {
      const connection = createClient({ url, socket: { reconnectStrategy: false } })
      connection.on('error', onDown).on('end', onDown)
      await connection.connect()
      await connection.subscribe(channel, onMessage)
      return () => connection.destroy()
    },
  }
}
// #endregion

/** A connected client by its name, and its end. */
export interface Connected {
  readonly client: RedisClient
  readonly close: () => void
}

export const clients: readonly (readonly [name: string, connect: (url: string) => Promise<Connected>])[] = [
  [
    'ioredis',
    async (url) => {
      const redis = new Redis(url).on('error', () => {})
      return { client: ioredisClient(redis), close: () => redis.disconnect() }
    },
  ],
  [
    'iovalkey',
    async (url) => {
      const valkey = new Valkey(url).on('error', () => {})
      return { client: iovalkeyClient(valkey), close: () => valkey.disconnect() }
    },
  ],
  [
    'node-redis',
    async (url) => {
      const client = createClient({ url }).on('error', () => {})
      await client.connect()
      return { client: nodeRedisClient(client as ReturnType<typeof createClient>, url), close: () => client.destroy() } // on() forgets nothing but a type parameter
    },
  ],
]
