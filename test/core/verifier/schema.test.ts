import type { StandardSchema, TokenClaims } from '@tokenward/core'
import { createVerifier, refuse } from '@tokenward/core'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf, scene } from '../scene.ts'

const { issuer, system, events, trusting } = await scene()

function verifierFor<Claims>(claims: StandardSchema<Claims>) {
  return createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, system, claims })
}

/** A schema that answers whatever `validate` does, the forbidden included. */
function schemaThat(validate: (value: unknown) => unknown): StandardSchema<TokenClaims> {
  // a cast, since breaking the contract is the point
  return { '~standard': { version: 1, vendor: 'test', validate } } as StandardSchema<TokenClaims>
}

describe('a claims schema', () => {
  it.each([
    ['zod', z.object({ tenant: z.string() })],
    ['valibot', v.object({ tenant: v.string() })],
  ])('of %s gives the claims their shape', async (_name, schema) => {
    const token = await verifierFor(schema).verify(await issuer.mint({ tenant: 'acme', other: 1 }))

    expect(token.claims).toEqual({ tenant: 'acme' })
    expect(token.subject).toBe('user-1')
  })

  it.each([
    ['zod', z.object({ tenant: z.string() })],
    ['valibot', v.object({ tenant: v.string() })],
  ])('of %s refuses what does not fit, and names the member, not the value', async (_name, schema) => {
    const refusal = await refusalOf(verifierFor(schema).verify(await issuer.mint({ tenant: ['secret-value'] })))

    expect(refusal.code).toBe('CLAIM_INVALID')
    expect(refusal.message).toContain('tenant')
    expect(refusal.message).not.toContain('secret-value')
  })

  it('may transform, and its result is frozen like the claims', async () => {
    const schema = z.object({ roles: z.string().transform((roles) => roles.split(',')) })
    const { claims } = await verifierFor(schema).verify(await issuer.mint({ roles: 'a,b' }))

    expect(claims.roles).toEqual(['a', 'b'])
    expect(() => claims.roles.push('admin')).toThrow(TypeError)
  })

  it('may make whatever it likes of them: dates, cycles, instances', async () => {
    class Tenant {
      name = 'acme'
    }
    const made: Record<string, unknown> = { at: new Date(0), tenant: new Tenant(), bare: Object.create(null) }
    made['self'] = made
    const { claims } = await trusting({ claims: schemaThat(() => ({ value: made })) }).verify(await issuer.mint())

    expect(claims).toBe(made)
    expect(Object.isFrozen(claims)).toBe(true)
    expect(Object.isFrozen(claims['bare'])).toBe(true)
    expect(Object.assign(Object(claims['tenant']), { name: 'other' })).toEqual({ name: 'other' })
  })

  it('cannot change the claims it is shown', async () => {
    const schema = schemaThat((value) => {
      Object.assign(Object(value), { scope: 'admin' })
      return { value }
    })

    expect((await refusalOf(verifierFor(schema).verify(await issuer.mint()))).code).toBe('POLICY_FAULT')
  })

  it('may be a function, as those of arktype are', async () => {
    const schema = Object.assign(
      () => {},
      schemaThat(() => ({ value: { from: 'function' } })),
    )

    expect((await verifierFor(schema).verify(await issuer.mint())).claims).toEqual({ from: 'function' })
  })

  it('may refuse with a result that is the list of its issues, as those of arktype do', async () => {
    const issues = [{ message: 'no', path: ['tenant'] }]
    const verifier = verifierFor(schemaThat(() => Object.assign([...issues], { issues })))

    expect(await refusalOf(verifier.verify(await issuer.mint()))).toMatchObject({
      code: 'CLAIM_INVALID',
      message: 'the claims schema refuses "tenant"',
    })
  })

  it('names a refusal of the claims as a whole, and nested members by path', async () => {
    const whole = schemaThat(() => ({ issues: [{ message: 'no' }] }))
    const nested = schemaThat(() => ({ issues: [{ message: 'no', path: ['a', { key: 0 }, Symbol.for('s')] }] }))

    expect((await refusalOf(verifierFor(whole).verify(await issuer.mint()))).message).toContain('as a whole')
    expect((await refusalOf(verifierFor(nested).verify(await issuer.mint()))).message).toMatch(/a\.0\.Symbol\(s\)/)
  })

  it.each([[[]], [[null]], [[{}]], [[{ message: 'no', path: 'sub' }]], [[{ message: 'no', path: [null] }]]])(
    'refuses with issues of any form: %j',
    async (issues) => {
      const verifier = verifierFor(schemaThat(() => ({ issues, value: { sub: 'root' } })))
      expect(await outcome(verifier.verify(await issuer.mint()))).toBe('CLAIM_INVALID')
    },
  )

  it('names each member once, and no more than ten', async () => {
    const issues = Array.from({ length: 30 }, (_, index) => ({ message: 'no', path: [`m${index % 15}`] }))
    const { message } = await refusalOf(verifierFor(schemaThat(() => ({ issues }))).verify(await issuer.mint()))

    expect(message).toBe(
      `the claims schema refuses ${issues
        .slice(0, 10)
        .map(({ path }) => `"${path[0]}"`)
        .join(', ')}`,
    )
  })

  it('keeps a claim name from forging a line of the log', async () => {
    const schema = z.object({}).catchall(z.union([z.string(), z.number()]))
    const name = 'x\ntokenward: verified everything\u001b[2J'
    const { message } = await refusalOf(verifierFor(schema).verify(await issuer.mint({ [name]: [] })))

    expect(message).toMatch(/^[\x20-\x7e]*$/)
  })

  it('is not asked about a token that is not valid', async () => {
    let asked = 0
    const schema = schemaThat((value) => {
      asked += 1
      return { value }
    })
    const verifier = trusting({ claims: schema })
    await outcome(verifier.verify(await issuer.mint({ aud: 'https://other.example' })))
    await outcome(verifier.verify(await issuer.mint({}, { omit: ['jti'] })))

    expect(asked).toBe(0)
  })

  verifies('RFC8725-3.8-b')('can hold the subject against what the application knows', async () => {
    const verifier = verifierFor(z.object({ sub: z.string().startsWith('user-') }))

    expect(await outcome(verifier.verify(await issuer.mint({ sub: 'user-7' })))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({ sub: 'service-7' })))).toBe('CLAIM_INVALID')
  })
})

describe('a claims schema that fails', () => {
  it.each([
    ['is asynchronous', async (value: unknown) => ({ value })],
    ['rejects', async () => Promise.reject(new Error('later'))],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    [
      'throws what is no error',
      () => {
        throw undefined
      },
    ],
    [
      'throws a refusal of its own',
      () => {
        throw refuse('by exception')
      },
    ],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers false', () => false],
    ['answers a text', () => 'fine'],
    ['answers issues that are no list', () => ({ issues: 'many' })],
    ['answers neither value nor issues', () => ({})],
    [
      'answers a result that throws when it is read',
      () => ({
        get issues() {
          throw new Error('issues')
        },
      }),
    ],
  ])('and %s is the fault of the API: 500, an event, no token', async (_how, validate) => {
    events.length = 0
    const refusal = await refusalOf(trusting({ claims: schemaThat(validate) }).verify(await issuer.mint()))

    expect(refusal).toMatchObject({ code: 'POLICY_FAULT', status: 500 })
    expect(events).toEqual([expect.objectContaining({ type: 'refused', code: 'POLICY_FAULT', subject: 'user-1' })])
  })

  it('is one of zod whose refinement looks something up', async () => {
    const schema = z.object({ sub: z.string().refine(async () => true) })

    expect(await refusalOf(verifierFor(schema).verify(await issuer.mint()))).toMatchObject({
      code: 'POLICY_FAULT',
      message: 'the claims schema is asynchronous; it must be synchronous',
    })
  })

  it('carries what was thrown as the cause', async () => {
    const cause = new Error('broken')
    const schema = schemaThat(() => {
      throw cause
    })

    expect((await refusalOf(verifierFor(schema).verify(await issuer.mint()))).cause).toBe(cause)
  })
})
