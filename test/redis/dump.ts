import type { RedisClient } from '@tokenward/redis'

/** Every key of a server with its value, as text. */
export async function dump({ command }: RedisClient): Promise<string> {
  const found: unknown[] = []
  let cursor = '0'
  do {
    const reply = await command(['SCAN', cursor])
    const [next, keys]: readonly unknown[] = Array.isArray(reply) ? reply : []
    for (const key of Array.isArray(keys) ? keys.map(String) : []) found.push(key, await valueOf(command, key))
    cursor = String(next)
  } while (cursor !== '0')
  return JSON.stringify(found)
}

async function valueOf(command: RedisClient['command'], key: string): Promise<unknown> {
  const type = await command(['TYPE', key])
  if (type === 'string') return command(['GET', key])
  if (type === 'stream') return command(['XRANGE', key, '-', '+'])
  throw new Error(`${key} is of the type ${String(type)}, which nobody should have made`)
}
