import { createResourceServer, granted, refuse, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, scene } from '../scene.ts'

const { issuer, trusting } = await scene()
const strict = trusting()
const lax = trusting({ issuer: { profile: 'jwt' } })

describe('scope', () => {
  it.each([
    ['one', 'a', ['a']],
    ['several, in their order', 'b A c', ['b', 'A', 'c']],
    ['one twice', 'a b a', ['a', 'b']],
    ['more spaces than one', ' a  b ', ['a', 'b']],
    ['none', '', []],
    ['only spaces', '   ', []],
    ['the outermost octets of a scope', '! # [ ] ~', ['!', '#', '[', ']', '~']],
  ])('is a list with spaces between: %s', async (_what, scope, expected) => {
    expect((await strict.verify(await issuer.mint({ scope }))).scopes).toEqual(expected)
    expect((await lax.verify(await issuer.mint({ scope }))).scopes).toEqual(expected)
  })

  verifies('RFC6749-3.3-b')('grants nothing by what is no scope token', async () => {
    for (const scope of ['a"b', 'a\\b', 'a\tb', 'a\nb', '\u00e4', 'a\u00a0b', 'a\u2003b', '\0', 'a\u007f']) {
      const token = await strict.verify(await issuer.mint({ scope: `${scope} ok` }))
      expect(token.scopes).toEqual(['ok'])
    }
    for (const scope of ['a"b', 'a\\b', 'a\tb', '\u00e4', 'a b', '']) {
      expect(() => scopes(scope)).toThrow(TypeError)
    }
  })

  verifies('RFC8693-4.2-a')('is a string: a list is refused, and so is everything else', async () => {
    for (const scope of [['orders:read'], [], null, 1, true, { read: true }]) {
      for (const verifier of [strict, lax]) {
        const refusal = await refusalOf(verifier.verify(await issuer.mint({ scope })))
        expect([scope, refusal.code]).toEqual([scope, 'CLAIM_INVALID'])
      }
    }
  })

  verifies('RFC9068-2.2.3-a')('that belongs to another audience of the token grants nothing here', async () => {
    const server = createResourceServer({ verifier: strict })
    const token = await strict.verify(
      await issuer.mint({
        aud: ['https://api.example', 'https://other.example'],
        scope: 'https://other.example/delete https://api.example/read',
      }),
    )
    const onlyForUs = scopes('https://api.example/read')

    expect(server.authorize(token, onlyForUs).granted).toBe(true)
    expect(server.authorize(token, scopes('https://api.example/delete'))).toMatchObject({ status: 403 })
    expect(
      server.authorize(token, ({ audience }) => (audience.length > 1 ? refuse('ambiguous scopes') : granted)),
    ).toMatchObject({ status: 403 })
  })
})

describe('scp', () => {
  it.each([
    ['a string', 'a b', ['a', 'b']],
    ['a list', ['a', 'b', 'a'], ['a', 'b']],
    ['an empty list', [], []],
    ['a list with what is no scope', ['a', 1, null, 'b c', '', ['d']], ['a']],
  ])('counts under the profile "jwt" as %s', async (_what, scp, expected) => {
    expect((await lax.verify(await issuer.mint({ scp }, { omit: ['scope'] }))).scopes).toEqual(expected)
    expect((await strict.verify(await issuer.mint({ scp }, { omit: ['scope'] }))).scopes).toEqual([])
  })

  it('of another form is refused under the profile "jwt"', async () => {
    for (const scp of [1, null, true, { a: true }]) {
      expect(await outcome(lax.verify(await issuer.mint({ scp }, { omit: ['scope'] })))).toBe('CLAIM_INVALID')
    }
  })

  it('gives way to scope', async () => {
    expect((await lax.verify(await issuer.mint({ scope: 'a', scp: ['admin'] }))).scopes).toEqual(['a'])
    expect((await lax.verify(await issuer.mint({ scope: '', scp: ['admin'] }))).scopes).toEqual([])
  })
})
