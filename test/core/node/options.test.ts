import type { GuardedFetchOptions } from '@tokenward/core/node'
import { guardedFetch } from '@tokenward/core/node'
import { describe, expect, it } from 'vitest'

describe('guardedFetch refuses at construction', () => {
  it.each<[string, unknown, RegExp]>([
    ['options that are none', 'allowLoopback', /options must be an object/],
    ['a misspelt option', { allowloopback: true }, /unknown option "allowloopback"/],
    ['a text that looks like a no and counts as a yes', { allowLoopback: 'false' }, /allowLoopback must be a boolean/],
    ['a look-up that is none', { lookup: { localhost: '127.0.0.1' } }, /lookup must be a function/],
    ['everything at once', { lookup: 1, allowLoopback: 1 }, /lookup .*allowLoopback |allowLoopback .*lookup /],
  ])('%s', (_, options, problem) => {
    const make = (): unknown => guardedFetch(options as GuardedFetchOptions) // as from a caller without types
    expect(make).toThrow(TypeError)
    expect(make).toThrow(/^guardedFetch: /)
    expect(make).toThrow(problem)
  })

  it('nothing of what is right', () => {
    const made = [guardedFetch(), guardedFetch({}), guardedFetch({ allowLoopback: false, lookup: async () => [] })]
    for (const fetch of made) expect(fetch).toBeTypeOf('function')
  })
})
