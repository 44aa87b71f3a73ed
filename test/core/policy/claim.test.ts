import { claim, createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { scene } from '../scene.ts'

const { issuer, verifier, trusting } = await scene()
const server = createResourceServer({ verifier })

async function answer(claims: Readonly<Record<string, unknown>>, policy: ReturnType<typeof claim>): Promise<string> {
  const decision = server.authorize(await verifier.verify(await issuer.mint(claims)), policy)
  return decision.granted ? 'granted' : decision.error.code
}

describe('claim', () => {
  it.each([
    ['an equal string', 'acme', 'acme'],
    ['an equal number', 7, 7],
    ['zero', 0, 0],
    ['true', true, true],
    ['false', false, false],
    ['an empty string', '', ''],
    ['a list with the string', ['x', 'acme'], 'acme'],
    ['a list with the number', [1, 7], 7],
  ] as const)('grants by %s', async (_what, value, expected) => {
    expect(await answer({ tenant: value }, claim('tenant', expected))).toBe('granted')
  })

  it.each([
    ['another string', 'ACME', 'acme'],
    ['a longer string', 'acme2', 'acme'],
    ['a string for a number', '7', 7],
    ['a number for a string', 7, '7'],
    ['a number for true', 1, true],
    ['null', null, 'null'],
    ['a list without it', ['x'], 'acme'],
    ['a list in a list', [['acme']], 'acme'],
    ['an empty list', [], ''],
    ['an object', { acme: true }, 'acme'],
  ] as const)('does not grant by %s', async (_what, value, expected) => {
    expect(await answer({ tenant: value }, claim('tenant', expected))).toBe('POLICY_DENIED')
  })

  it('does not grant by a claim that is absent, whatever is expected', async () => {
    expect(await answer({}, claim('tenant', 'undefined'))).toBe('POLICY_DENIED')
    expect(await answer({}, claim('tenant', false))).toBe('POLICY_DENIED')
    expect(
      await answer(
        {},
        claim('tenant', () => true),
      ),
    ).toBe('POLICY_DENIED')
  })

  it('asks a function, with the value', async () => {
    const isOver = (limit: number) => (value: unknown) => typeof value === 'number' && value > limit

    expect(await answer({ level: 3 }, claim('level', isOver(2)))).toBe('granted')
    expect(await answer({ level: 3 }, claim('level', isOver(3)))).toBe('POLICY_DENIED')
  })

  it.each([
    ['nothing', () => undefined],
    ['a truthy value', () => 'yes'],
    ['a promise', async () => true],
    [
      'an exception',
      () => {
        throw new Error('broken')
      },
    ],
  ])('takes %s from a function for a fault', async (_what, test) => {
    // a cast: the type forbids it
    expect(await answer({ tenant: 1 }, claim('tenant', test as never))).toBe('POLICY_FAULT')
  })

  it('does not tell the client or the operator the value', async () => {
    const token = await verifier.verify(await issuer.mint({ tenant: 'personal' }))

    expect(server.authorize(token, claim('tenant', 'acme'))).toMatchObject({
      error: { message: 'the claim tenant is not what the policy expects' },
    })
  })

  it('reads what the claims schema made, and grants nothing by a result that is no object', async () => {
    const odd = {
      '~standard': { version: 1 as const, vendor: 'test', validate: () => ({ value: ['tenant'] }) },
    }
    // a cast: a schema whose output has no members
    const token = await trusting({ claims: odd as never }).verify(await issuer.mint({ tenant: 'acme' }))

    expect(server.authorize(token, claim('tenant', 'acme'))).toMatchObject({ status: 403 })
    expect(server.authorize(token, claim('length', 1))).toMatchObject({ status: 403 })
  })

  it('without a name or a usable expectation is a TypeError', () => {
    expect(() => claim('', 'x')).toThrow('claim: the name of a claim is required')
    // casts, as callers in JavaScript make none
    expect(() => claim(undefined as never, 'x')).toThrow('the name of a claim')
    for (const expected of [undefined, null, {}, [], /x/, Symbol('x'), 1n]) {
      expect(() => claim('tenant', expected as never)).toThrow('claim: the expectation')
    }
  })
})
