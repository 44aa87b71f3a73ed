import type { RedisIntrospectionCacheOptions } from '@tokenward/redis'
import { redisIntrospectionCache } from '@tokenward/redis'
import { manualClock } from '@tokenward/testing'
import { expect, it } from 'vitest'
import { MemoryServer } from './memory-server.ts'

function world() {
  const server = new MemoryServer()
  const clock = manualClock()
  const { client, connection } = server.connect()
  return { server, clock, client, connection, cache: redisIntrospectionCache({ client, system: clock }) }
}

it('keeps a value for its life', async () => {
  const { server, cache } = world()
  await cache.set('k', 'v', 1.5)
  expect(await cache.get('k')).toBe('v')
  expect(await cache.get('other')).toBeUndefined()
  expect(server.commands[0]).toEqual(['SET', 'tokenward:introspection:k', 'v', 'PX', '1500'])
})

it('sends nothing for a value without a life', async () => {
  const { server, cache } = world()
  await cache.set('k', 'v', 0)
  expect(server.commands).toEqual([])
})

it('waits half a second and then leaves Redis alone for five', async () => {
  const { server, clock, connection, cache } = world()
  connection.isSilent = true
  const waiting = cache.get('k').catch(String)
  await clock.advance(0.5)
  expect(await waiting).toContain('no answer within 500 ms')
  await expect(cache.get('k')).rejects.toThrow('not asked')
  expect(server.commands).toHaveLength(1)
  connection.isSilent = false
  await clock.advance(5)
  expect(await cache.get('k')).toBeUndefined()
})

it('takes nothing but strings', async () => {
  const cache = redisIntrospectionCache({ client: { command: async () => Buffer.from('v') } })
  await expect(cache.get('k')).rejects.toThrow(TypeError)
})

it('names what is wrong with its options', () => {
  const wrong = { client: {}, prefix: '' } as unknown as RedisIntrospectionCacheOptions // wrong on purpose
  expect(() => redisIntrospectionCache(wrong)).toThrow(
    'unknown option "prefix" (known: client, keyPrefix, system); client',
  )
})
