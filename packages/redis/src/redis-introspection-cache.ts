import type { SharedCache } from '@tokenward/core'
import type { RedisCommand } from './client.ts'
import { mustBePrefix, mustBeSystem, mustHave, readOptions } from './options.ts'
import type { Clockwork } from './system.ts'
import { clockworkWith, within } from './system.ts'

export interface RedisIntrospectionCacheOptions {
  readonly client: { readonly command: RedisCommand }
  /** Stands before every key. Default `tokenward:`. */
  readonly keyPrefix?: string | undefined
  readonly system?: Partial<Clockwork> | undefined
}

const DEADLINE_MS = 500
const PASSED_OVER_MS = 5_000

/**
 * Introspection answers for `introspectedIssuer({ cache: { shared } })`. While Redis is away it is passed over: a command
 * gets half a second, and after one that failed none is sent for 5 seconds.
 *
 * @throws TypeError that names every problem
 */
export function redisIntrospectionCache(options: RedisIntrospectionCacheOptions): SharedCache {
  const { client, keyPrefix = 'tokenward:', system } = checkOptions(options)
  const clockwork = clockworkWith(system)
  const keyOf = (key: string): string => `${keyPrefix}introspection:${key}`
  let restingUntilMs = -Infinity

  async function command(args: readonly string[]): Promise<unknown> {
    if (clockwork.now() < restingUntilMs) throw new Error('not asked: Redis failed a moment ago')
    try {
      return await within(clockwork, DEADLINE_MS, client.command(args))
    } catch (error) {
      restingUntilMs = clockwork.now() + PASSED_OVER_MS
      throw error
    }
  }

  return Object.freeze({
    get: async (key) => {
      const value = await command(['GET', keyOf(key)])
      if (value === null || value === undefined) return undefined
      if (typeof value === 'string') return value
      throw new TypeError('the client answers GET with something else than a string')
    },
    set: async (key, value, ttlSeconds) => {
      const ttlMs = Math.floor(ttlSeconds * 1000)
      if (ttlMs > 0) await command(['SET', keyOf(key), value, 'PX', String(ttlMs)])
    },
  } satisfies SharedCache)
}

function checkOptions(options: RedisIntrospectionCacheOptions): RedisIntrospectionCacheOptions {
  return readOptions('redisIntrospectionCache', options, {
    client: mustHave('client', ['command'], true),
    keyPrefix: mustBePrefix,
    system: mustBeSystem,
  })
}
