import { createResourceServer, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { scene } from '../scene.ts'

const { issuer, verifier } = await scene()
const server = createResourceServer({ verifier })
const holding = async (scope: string) => verifier.verify(await issuer.mint({ scope }))

describe('scopes', () => {
  verifies('RFC6749-3.3-a')('are a set: order is nothing, case is something, and a part is not the whole', async () => {
    const token = await holding('b A read:all')

    expect(server.authorize(token, scopes('A', 'b')).granted).toBe(true)
    expect(server.authorize(token, scopes('b')).granted).toBe(true)
    for (const scope of ['a', 'B', 'read', 'all', 'read:al', 'read:all2']) {
      expect(server.authorize(token, scopes(scope))).toMatchObject({
        granted: false,
        status: 403,
        body: { error: 'insufficient_scope' },
      })
    }
  })

  it('are all needed', async () => {
    expect(server.authorize(await holding('a'), scopes('a', 'b')).granted).toBe(false)
    expect(server.authorize(await holding('a b c'), scopes('a', 'b')).granted).toBe(true)
    expect(server.authorize(await holding('a'), scopes('a', 'a')).granted).toBe(true)
  })

  it('that lack are told to the operator, with those that are held', async () => {
    const some = server.authorize(await holding('a x'), scopes('a', 'b', 'c'))
    const none = server.authorize(await holding(''), scopes('a'))

    expect(some).toMatchObject({
      error: {
        code: 'SCOPE_INSUFFICIENT',
        message: 'the token lacks b c; it has "a", "x"',
        requiredScopes: ['a', 'b', 'c'],
      },
    })
    expect(none).toMatchObject({ error: { message: 'the token lacks a; it has no scope' } })
  })

  it('cannot be changed from outside', async () => {
    const required: [string, ...string[]] = ['a']
    const policy = scopes(...required)
    required.push('b')
    const decision = server.authorize(await holding(''), policy)

    expect(server.authorize(await holding('a'), policy).granted).toBe(true)
    expect(() => Array.prototype.push.call(decision.granted || decision.error.requiredScopes, 'c')).toThrow(TypeError)
  })

  it('without one are a TypeError, and so is what is no scope', () => {
    // casts, as callers in JavaScript make none
    expect(() => (scopes as () => unknown)()).toThrow('at least one scope')
    expect(() => scopes(['a', 'b'] as never)).toThrow(TypeError)
    expect(() => scopes(undefined as never)).toThrow(TypeError)
    expect(() => scopes(7 as never)).toThrow(TypeError)
    expect(() => scopes('a', 'b c')).toThrow(
      'scopes: "b c" cannot be a scope; give each scope as an argument of its own',
    )
  })
})
