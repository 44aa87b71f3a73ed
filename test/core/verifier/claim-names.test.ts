import { claim, createResourceServer, granted, refuse } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, scene } from '../scene.ts'

const { issuer, clock, trusting } = await scene()
const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: issuer.kid })

/** Claims as JSON text, since an object literal cannot hold all of these names. */
function payloadWith(members: string): string {
  const now = clock.nowSeconds()
  return `{"iss":"${issuer.issuer}","aud":"https://api.example","sub":"user-1","client_id":"client-1","iat":${now},"exp":${now + 300},"jti":"1"${members}}`
}

describe('claims that are named like parts of an object', () => {
  it('stay what they are and touch no prototype', async () => {
    const members = ',"__proto__":{"scope":"admin","polluted":true},"constructor":{"prototype":{"polluted":true}}'
    const token = await trusting().verify(await issuer.signRaw(header, payloadWith(members)))

    expect(token.scopes).toEqual([])
    expect(Object.getPrototypeOf(token.claims)).toBe(Object.prototype)
    expect(Object.hasOwn(token.claims, '__proto__')).toBe(true)
    expect({}).not.toHaveProperty('polluted')
  })

  it('are never taken from a prototype', async () => {
    const server = createResourceServer({ verifier: trusting() })
    const inherited = await trusting().verify(
      await issuer.signRaw(header, payloadWith(',"__proto__":{"role":"admin"},"act":{"__proto__":{"sub":"root"}}')),
    )

    expect(inherited.actor).toEqual({ subject: undefined, issuer: undefined, clientId: undefined })
    for (const name of ['role', 'toString', 'constructor', 'hasOwnProperty']) {
      expect(
        server.authorize(
          inherited,
          claim(name, () => true),
        ),
      ).toMatchObject({ granted: false, status: 403 })
    }
  })

  it('are not taken from a prototype that somebody polluted', async () => {
    const raw = await issuer.signRaw(header, payloadWith(''))
    const names = ['scope', 'act', 'nbf', 'cnf', 'token_use', 'nonce']
    for (const name of names) {
      // oxlint-disable-next-line no-extend-native -- what a polluting package would do, undone below
      Object.defineProperty(Object.prototype, name, { value: 'admin', configurable: true, enumerable: false })
    }
    try {
      for (const profile of ['rfc9068', 'jwt'] as const) {
        const token = await trusting({ issuer: { profile } }).verify(raw)
        expect([token.scopes, token.actor]).toEqual([[], undefined])
      }
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name)
    }
  })

  it('do not stand in for a required claim', async () => {
    const missing = payloadWith('').replace('"sub":"user-1",', '"__proto__":{"sub":"user-1"},')

    expect(await outcome(trusting().verify(await issuer.signRaw(header, missing)))).toBe('CLAIM_MISSING')
  })
})

describe('claims that nobody here knows', () => {
  verifies('RFC7519-4-b')('are passed on and decide nothing', async () => {
    const token = await trusting().verify(await issuer.mint({ 'https://example/x': [1, { y: null }], admin: true }))

    expect(token.claims).toMatchObject({ 'https://example/x': [1, { y: null }], admin: true })
  })

  verifies('RFC9068-4-i')('are there for policies to judge', async () => {
    const server = createResourceServer({ verifier: trusting() })
    const token = await trusting().verify(
      await issuer.mint({ roles: ['editor'], groups: [{ value: 'g-1' }], entitlements: [{ value: 'e-1' }] }),
    )
    const inGroup = claim('groups', (groups) => JSON.stringify(groups).includes('"g-1"'))

    expect(server.authorize(token, claim('roles', 'editor')).granted).toBe(true)
    expect(server.authorize(token, inGroup).granted).toBe(true)
    expect(server.authorize(token, claim('roles', 'admin'))).toMatchObject({ granted: false, status: 403 })
    expect(
      server.authorize(token, ({ claims }) => (claims['entitlements'] === undefined ? refuse('none') : granted))
        .granted,
    ).toBe(true)
  })
})
