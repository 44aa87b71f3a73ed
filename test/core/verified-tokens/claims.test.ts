import { inspect } from 'node:util'
import type { AccessToken, StandardSchema, TokenClaims } from '@tokenward/core'
import { allOf, claim, createResourceServer, createVerifier, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AUDIENCE, outcome, requestWith, scene } from '../scene.ts'
import { counting, making, pair } from './pair.ts'

const { issuer, system, trusting } = await scene()

/** A token that `trusting` remembers. */
async function remembered(
  options: Parameters<typeof trusting>[0],
  claims: TokenClaims = {},
): Promise<() => Promise<AccessToken>> {
  const verifier = trusting(options)
  const token = await issuer.mint(claims)
  await verifier.verify(token)
  await verifier.verify(token)
  return () => verifier.verify(token)
}

/** All of it, the hidden included. */
const shown = (value: unknown): string => inspect(value, { depth: Infinity, showHidden: true, getters: true })

describe('a token that is remembered', () => {
  it('is a new object each time, equal to what it was the first time', async () => {
    const verifier = trusting()
    const raw = await issuer.mint({ act: { sub: 'actor' }, roles: ['a', { b: ['c'] }] })
    const first = await verifier.verify(raw)
    for (let request = 0; request < 4; request += 1) {
      const again = await verifier.verify(raw)
      expect(again).not.toBe(first)
      expect(again).toEqual(first)
      expect(again.raw).toBe(raw)
      expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    }
  })

  it('cannot be changed for those who come after', async () => {
    const again = await remembered({}, { act: { sub: 'actor' }, roles: ['a'], nested: { deep: [{ er: 1 }] } })
    const before = JSON.stringify(await again())
    const token = await again()
    const parts: object[] = [token, token.claims, token.audience, token.scopes, Object(token.actor)]
    const inner = [token.claims['roles'], token.claims['nested'], token.claims['act']]
    for (const part of [...parts, ...inner.map(Object)]) {
      expect(Reflect.set(part, 'sub', 'admin')).toBe(false)
      expect(Reflect.defineProperty(part, 'role', { value: 'admin' })).toBe(false)
      expect(Reflect.deleteProperty(part, Object.keys(part)[0] ?? '')).toBe(false)
    }
    expect(() => (token.claims['roles'] as string[]).push('admin')).toThrow(TypeError) // a cast: what a handler may try

    expect(JSON.stringify(await again())).toBe(before)
  })

  it('is refused where it is bound, each time, since it never passes', async () => {
    const { issuer: other, verdict, whole } = await pair()
    const token = await other.mint({ cnf: { jkt: 'x' } })
    for (let request = 1; request <= 4; request += 1) {
      expect(await verdict(token)).toBe('CONFIRMATION_UNSUPPORTED')
      expect(whole()).toBe(request)
    }
  })

  it('is judged anew by every policy', async () => {
    const server = createResourceServer({ verifier: trusting() })
    const raw = await issuer.mint({ scope: 'orders:read' })
    let asked = 0
    const counted = claim('sub', () => ++asked > 0)
    for (let request = 1; request <= 5; request += 1) {
      const decision = await server.authenticate(requestWith(`Bearer ${raw}`))
      const token = decision.granted ? decision.token : undefined
      expect(server.authorize(token, allOf(scopes('orders:read'), counted)).granted).toBe(true)
      expect(server.authorize(token, scopes('orders:write')).granted).toBe(false)
      expect(asked).toBe(request)
    }
  })
})

describe('a claims schema', () => {
  it('is asked until the token is remembered, and its answer is kept', async () => {
    const { schema, asked } = counting(making(({ sub }) => ({ user: sub })))
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, system, claims: schema })
    const token = await issuer.mint()
    const answers = [await verifier.verify(token), await verifier.verify(token)]
    expect(asked()).toBe(2)
    for (let request = 0; request < 3; request += 1) answers.push(await verifier.verify(token))

    expect(asked()).toBe(2)
    expect(answers.map(({ claims }) => claims)).toEqual(Array.from({ length: 5 }, () => ({ user: 'user-1' })))
  })

  it('that would refuse or throw by now is not asked again', async () => {
    let answer = (): TokenClaims => ({ fine: true })
    const again = await remembered({ claims: making(() => answer()) })
    answer = () => {
      throw new Error('no more')
    }

    expect((await again()).claims).toEqual({ fine: true })
  })

  it('that refuses is asked each time', async () => {
    const { schema, asked } = counting(z.object({ tenant: z.string() }))
    const verifier = trusting({ claims: schema })
    const token = await issuer.mint()
    for (let request = 1; request <= 4; request += 1) {
      expect(await outcome(verifier.verify(token))).toBe('CLAIM_INVALID')
      expect(asked()).toBe(request)
    }
  })

  it('that answers with a promise is refused each time', async () => {
    const schema: StandardSchema<TokenClaims> = {
      '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: {} }) },
    }
    const verifier = trusting({ claims: schema })
    const token = await issuer.mint()
    for (let request = 0; request < 4; request += 1) expect(await outcome(verifier.verify(token))).toBe('POLICY_FAULT')
  })
})

describe('what a claims schema makes', () => {
  it('is frozen for all who see it', async () => {
    const schema = z.object({ roles: z.string().transform((roles) => roles.split(',')) })
    const again = await remembered({ claims: schema }, { roles: 'a,b' })
    const { claims } = await again()

    expect(() => (claims['roles'] as string[]).push('admin')).toThrow(TypeError) // a cast: what a handler may try
    expect((await again()).claims).toEqual({ roles: ['a', 'b'] })
  })

  class Tenant {
    names = ['acme']
  }
  it.each<[string, () => object, (made: never) => unknown]>([
    ['a Set', () => ({ roles: new Set(['reader']) }), ({ roles }: { roles: Set<string> }) => roles.add('admin')],
    ['a Map', () => ({ roles: new Map() }), ({ roles }: { roles: Map<string, string> }) => roles.set('admin', 'yes')],
    ['a Date', () => ({ until: new Date(0) }), ({ until }: { until: Date }) => until.setTime(1)],
    ['an instance', () => ({ tenant: new Tenant() }), ({ tenant }: { tenant: Tenant }) => tenant.names.push('all')],
    ['an instance alone', () => new Tenant(), (tenant: Tenant) => tenant.names.push('all')],
    ['a list of sets', () => [[new Set()]], ([[roles]]: [[Set<string>]]) => roles.add('admin')],
    ['octets', () => ({ octets: new Uint8Array(1) }), ({ octets }: { octets: Uint8Array }) => octets.fill(7)],
    [
      'a function',
      () => ({ of: Object.assign(() => 1, { x: [1] }) }),
      ({ of }: { of: { x: number[] } }) => of.x.push(2),
    ],
    [
      'a symbol',
      () => ({ [Symbol.for('x')]: [1] }),
      (made: Record<symbol, number[]>) => made[Symbol.for('x')]?.push(2),
    ],
    [
      'a hidden member',
      () => Object.defineProperty({}, 'hidden', { value: ['x'] }),
      ({ hidden }: { hidden: string[] }) => hidden.push('y'),
    ],
    [
      'an accessor',
      () => {
        let role = 'reader'
        return {
          get role() {
            return role
          },
          set role(to) {
            role = to
          },
        }
      },
      (made: { role: string }) => (made.role = 'admin'),
    ],
  ])('and could be changed, such as %s, is made anew for each request', async (_, make, change) => {
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, system, claims: making(make) })
    const token = await issuer.mint()
    for (let request = 0; request < 5; request += 1) {
      const { claims } = await verifier.verify(token)
      expect(shown(claims)).toBe(shown(make()))
      change(claims as never) // each changes what the row above makes
      expect(claims).not.toBe((await verifier.verify(token)).claims)
    }
  })

  it('may hold itself, and plain parts of any shape', async () => {
    const plain: Record<string, unknown> = { list: [[{ n: 1n }], null, undefined], bare: Object.create(null) }
    plain['self'] = plain
    const { schema, asked } = counting(making(() => plain))
    const again = await remembered({ claims: schema })
    await again()

    expect(asked()).toBe(2)
  })
})
