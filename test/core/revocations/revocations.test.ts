import type { Revocations, RevocationSubject } from '@tokenward/core'
import { AuthError, memoryRevocations } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, requestWith, scene } from '../scene.ts'

const { issuer, clock, trusting, serving, events } = await scene()
const good: Revocations = { check: () => 'good' }
const answering = (answer: () => unknown): Revocations => ({ check: answer as Revocations['check'] }) // wrong ones too, as from JavaScript
const thrower = (error: Error) => (): never => {
  throw error
}

describe('a verifier with revocations', () => {
  verifies('RFC6750-3.1-e')('answers a revoked token with invalid_token', async () => {
    const revocations = memoryRevocations({ system: clock })
    const server = serving({ revocations })
    const request = requestWith(`Bearer ${await issuer.mint({ jti: 'one' })}`)
    expect(await server.authenticate(request)).toMatchObject({ granted: true })
    await revocations.revoke({ issuer: issuer.issuer, jti: 'one', keepSeconds: 600 })
    expect(await server.authenticate(request)).toMatchObject({
      granted: false,
      status: 401,
      error: { code: 'TOKEN_REVOKED' },
      body: { error: 'invalid_token', error_description: 'The access token was revoked' },
    })
  })

  it('says 503 and when to come back where nobody can tell', async () => {
    const server = serving({ revocations: { check: () => 'unavailable', retryAfterSeconds: 7 } })
    const decision = await server.authenticate(requestWith(`Bearer ${await issuer.mint()}`))
    expect(decision).toMatchObject({ granted: false, status: 503, error: { code: 'STORE_UNAVAILABLE' } })
    expect(decision.headers).toContainEqual(['Retry-After', '7'])
    expect(decision.headers.map(([name]) => name)).not.toContain('WWW-Authenticate')
  })

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['true', () => true],
    ['a Promise of a verdict', async () => 'good'],
    ['a Promise that rejects', () => Promise.reject(new Error('late'))],
    ['another word', () => 'fine'],
    ['a throw', thrower(new Error('broken'))],
    ['the throw of a refusal', thrower(new AuthError('SCOPE_INSUFFICIENT', 'not its place'))],
  ])('refuses where the answer is %s', async (_, answer) => {
    const refusal = await refusalOf(trusting({ revocations: answering(answer) }).verify(await issuer.mint()))
    expect(refusal).toMatchObject({ code: 'INTERNAL_FAULT', status: 503 })
  })

  it('refuses where the question for the hash throws, whatever it throws', async () => {
    const revocations = {
      check: good.check,
      get needsTokenHash(): boolean {
        throw new AuthError('SCOPE_INSUFFICIENT', 'not its place')
      },
    }
    expect(await outcome(trusting({ revocations }).verify(await issuer.mint()))).toBe('INTERNAL_FAULT')
  })

  it('shows what the token says, and its hash to those who ask', async () => {
    const asked: RevocationSubject[] = []
    const check: Revocations['check'] = (token) => {
      asked.push(token)
      return 'good'
    }
    const token = await issuer.mint({ jti: 'a', sid: 'session-1' })
    await trusting({ revocations: { check } }).verify(token)
    await trusting({ revocations: { check, needsTokenHash: true } }).verify(token)
    const facts = {
      issuer: issuer.issuer,
      id: 'a',
      subject: 'user-1',
      session: 'session-1',
      issuedAt: clock.nowSeconds(),
    }
    expect(asked).toEqual([
      { ...facts, tokenHash: undefined },
      { ...facts, tokenHash: expect.stringMatching(/^[\w-]{43}$/u) },
    ])
  })

  it('asks after the schema and before possession', async () => {
    const claims = z.object({ tenant: z.string() })
    const verifier = trusting({ claims, revocations: { check: () => 'revoked' } })
    expect(await outcome(verifier.verify(await issuer.mint({ cnf: { jkt: 'x' } })))).toBe('CLAIM_INVALID')
    expect(await outcome(verifier.verify(await issuer.mint({ tenant: 'a', cnf: { jkt: 'x' } })))).toBe('TOKEN_REVOKED')
    expect(await outcome(verifier.verify(await issuer.mint({ tenant: 'a', exp: 1 })))).toBe('TOKEN_EXPIRED')
  })

  it('refuses a sid that no revocation could name', async () => {
    const token = await issuer.mint({ sid: 7 })
    expect(await outcome(trusting({ revocations: good }).verify(token))).toBe('CLAIM_INVALID')
    expect(await outcome(trusting().verify(token))).toBe('accepted')
  })

  it('keeps the token out of what it reports', async () => {
    const revocations = memoryRevocations({ system: clock })
    const token = await issuer.mint()
    await revocations.revoke({ token, keepSeconds: 600 })
    await refusalOf(trusting({ revocations }).verify(token))
    const [, , signature = ''] = token.split('.')
    expect(JSON.stringify([events, revocations.entries()])).not.toContain(signature)
  })
})

it('takes only what can be asked', () => {
  for (const revocations of [7, {}, { check: 'good' }, []] as unknown as Revocations[])
    expect(() => trusting({ revocations })).toThrow('revocations must have check')
})
