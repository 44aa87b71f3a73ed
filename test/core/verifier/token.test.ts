import { format, inspect } from 'node:util'
import { createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { requestWith, scene } from '../scene.ts'

const { issuer, clock, verifier } = await scene()

describe('a verified token', () => {
  it('says what the issuer signed', async () => {
    const raw = await issuer.mint({
      jti: 'token-1',
      scope: 'orders:read orders:write',
      act: { sub: 'service-1', iss: 'https://idp.example', client_id: 'client-2' },
      roles: ['admin'],
    })

    expect(await verifier.verify(raw)).toEqual({
      issuer: issuer.issuer,
      subject: 'user-1',
      clientId: 'client-1',
      audience: ['https://api.example'],
      scopes: ['orders:read', 'orders:write'],
      issuedAt: clock.nowSeconds(),
      expiresAt: clock.nowSeconds() + 300,
      id: 'token-1',
      confirmation: undefined,
      actor: { subject: 'service-1', issuer: 'https://idp.example', clientId: 'client-2' },
      claims: expect.objectContaining({ sub: 'user-1', roles: ['admin'] }),
    })
  })

  verifies(
    'RFC6749-10.3-a',
    'RFC9700-4.9.3-a',
    'MCP-PASS-a',
  )('keeps itself out of JSON, inspection, enumeration and copies', async () => {
    const raw = await issuer.mint()
    const token = await verifier.verify(raw)
    const decision = await createResourceServer({ verifier }).authenticate(requestWith(`Bearer ${raw}`))
    const [, payload = '', signature = ''] = raw.split('.')

    expect(token.raw).toBe(raw)
    expect(Object.keys(token)).not.toContain('raw')
    expect({ ...token }).not.toHaveProperty('raw')
    expect(structuredClone(token)).not.toHaveProperty('raw')
    for (const text of [
      JSON.stringify(token),
      inspect(token, { depth: null }),
      format('%s %o %O %j', token, token, token, token),
      JSON.stringify(decision),
      inspect(decision, { depth: null }),
      inspect(verifier, { depth: null, showHidden: true }),
      JSON.stringify(verifier.status()),
    ]) {
      expect(text).not.toContain(payload)
      expect(text).not.toContain(signature)
    }
  })

  it('cannot be changed, and a failed change poisons nothing', async () => {
    const raw = await issuer.mint({
      roles: ['reader'],
      nested: { list: [{ admin: false }] },
      act: { sub: 'service-1' },
    })
    const token = await verifier.verify(raw)
    const before = JSON.stringify(token)
    const mutations: readonly (() => unknown)[] = [
      () => Object.assign(token, { subject: 'root' }),
      () => Object.assign(token, { raw: 'another' }),
      () => Object.assign(token.claims, { sub: 'root' }),
      () => Array.prototype.push.call(token.scopes, 'admin'),
      () => Array.prototype.push.call(token.audience, 'https://other.example'),
      () => Array.prototype.push.call(token.claims['roles'], 'admin'),
      () => Object.assign(Object(token.claims['nested']).list[0], { admin: true }),
      () => Object.assign(token.actor ?? {}, { subject: 'root' }),
      () => Object.defineProperty(token.claims, 'sub', { value: 'root' }),
      () => Object.setPrototypeOf(token.claims, { admin: true }),
    ]

    for (const mutate of mutations) expect(mutate, mutate.toString()).toThrow(TypeError)
    expect(Reflect.deleteProperty(token.claims, 'sub')).toBe(false)
    expect(JSON.stringify(token)).toBe(before)
    expect(JSON.stringify(await verifier.verify(raw))).toBe(before)
  })

  it('is another object for every request', async () => {
    const raw = await issuer.mint()

    expect(await verifier.verify(raw)).not.toBe(await verifier.verify(raw))
  })
})
