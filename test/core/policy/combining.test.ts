import type { ErrorCode, Policy } from '@tokenward/core'
import { allOf, anyOf, AuthError, claim, createResourceServer, granted, refuse, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { scene } from '../scene.ts'

const { issuer, verifier } = await scene()
const server = createResourceServer({ verifier })
const token = await verifier.verify(await issuer.mint({ scope: 'a b', tenant: 'acme' }))

const yes: Policy = () => granted
const no: Policy = () => refuse('no')
const fault: Policy = () => true as never // a cast: what a policy must not do

function answer(policy: Policy): ErrorCode | 'granted' {
  const decision = server.authorize(token, policy)
  return decision.granted ? 'granted' : decision.error.code
}

function scopesAskedFor(policy: Policy): readonly string[] | undefined {
  const decision = server.authorize(token, policy)
  return decision.granted ? undefined : decision.error.requiredScopes
}

describe('allOf', () => {
  it('grants where every policy grants', () => {
    expect(answer(allOf(yes))).toBe('granted')
    expect(answer(allOf(scopes('a'), scopes('b'), claim('tenant', 'acme')))).toBe('granted')
    expect(answer(allOf(yes, no))).toBe('POLICY_DENIED')
    expect(answer(allOf(no, yes))).toBe('POLICY_DENIED')
  })

  it('names all scopes at once, each once, also those of the policies that grant nothing new', () => {
    expect(scopesAskedFor(allOf(scopes('c'), scopes('d', 'c')))).toEqual(['c', 'd'])
    expect(scopesAskedFor(allOf(scopes('c', 'a'), scopes('d')))).toEqual(['c', 'a', 'd'])
    expect(scopesAskedFor(allOf(scopes('c')))).toEqual(['c'])
  })

  it('tells the operator of every scope that lacks', () => {
    expect(server.authorize(token, allOf(scopes('c'), scopes('d')))).toMatchObject({
      error: { message: 'the token lacks c; it has "a", "b"; the token lacks d; it has "a", "b"' },
    })
  })

  it('does not send a client for scopes that would not help', () => {
    expect(answer(allOf(scopes('c'), no))).toBe('POLICY_DENIED')
    expect(scopesAskedFor(allOf(scopes('c'), no))).toBeUndefined()
  })

  it('is a fault where a policy is one', () => {
    expect(answer(allOf(yes, fault))).toBe('POLICY_FAULT')
    expect(answer(allOf(fault, yes))).toBe('POLICY_FAULT')
    expect(answer(allOf(scopes('c'), fault))).toBe('POLICY_FAULT')
    expect(answer(allOf(no, fault))).not.toBe('granted')
  })

  it('leaves a single refusal as it is', () => {
    const refusal = new AuthError('SCOPE_INSUFFICIENT', 'no', { requiredScopes: ['c'], cause: 'a reason' })

    const decision = server.authorize(
      token,
      allOf(yes, () => refusal),
    )

    expect(decision.granted || decision.error).toBe(refusal)
  })

  it('copes with refusals that name no scopes', () => {
    const bare: Policy = () => new AuthError('SCOPE_INSUFFICIENT', 'bare')

    expect(scopesAskedFor(allOf(bare, scopes('c')))).toEqual(['c'])
  })
})

describe('anyOf', () => {
  it('grants where one policy grants', () => {
    expect(answer(anyOf(yes))).toBe('granted')
    expect(answer(anyOf(no, yes))).toBe('granted')
    expect(answer(anyOf(scopes('c'), no, yes))).toBe('granted')
    expect(answer(anyOf(no, no))).toBe('POLICY_DENIED')
  })

  it('refuses with what a client can act on, else with the first', () => {
    expect(scopesAskedFor(anyOf(no, scopes('c'), scopes('d')))).toEqual(['c'])
    expect(
      server.authorize(
        token,
        anyOf(
          () => refuse('first'),
          () => refuse('second'),
        ),
      ),
    ).toMatchObject({ error: { message: 'first' } })
  })

  it('is a fault where a policy is one, whatever the others say', () => {
    expect(answer(anyOf(yes, fault))).toBe('POLICY_FAULT')
    expect(answer(anyOf(fault, yes))).toBe('POLICY_FAULT')
    expect(answer(anyOf(no, fault))).toBe('POLICY_FAULT')
  })
})

describe('allOf and anyOf', () => {
  it('nest', () => {
    expect(answer(allOf(anyOf(no, scopes('a')), allOf(scopes('b'), yes)))).toBe('granted')
    expect(answer(anyOf(allOf(yes, no), allOf(scopes('a'), scopes('c'))))).toBe('SCOPE_INSUFFICIENT')
    expect(answer(anyOf(yes, allOf(yes, fault)))).toBe('POLICY_FAULT')
  })

  it('hand token and time to every policy', () => {
    const seen: unknown[] = []
    const spy: Policy = (given, nowSeconds) => {
      seen.push(given, nowSeconds)
      return granted
    }
    createResourceServer({ verifier, system: { now: () => 5000 } }).authorize(token, allOf(spy, anyOf(spy)))

    expect(seen).toEqual([token, 5, token, 5])
  })

  it.each([
    ['allOf', allOf],
    ['anyOf', anyOf],
  ])('%s of nothing, or of what is no policy, is a TypeError', (name, combine) => {
    expect(() => combine()).toThrow(`${name}: at least one policy`)
    // casts, as callers in JavaScript make none
    expect(() => combine(yes, undefined as never)).toThrow(TypeError)
    expect(() => combine([yes, no] as never)).toThrow(TypeError)
    expect(() => combine('a' as never)).toThrow(TypeError)
  })
})
