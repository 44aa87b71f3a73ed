import type { Revocation, RevocationSubject } from '@tokenward/core'
import { memoryRevocations } from '@tokenward/core'
import { manualClock } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { pair } from './pair.ts'

const keepSeconds = 1_000
const issuer = 'https://issuer.example'
const CLAIMS = { jti: 'token-1', sid: 'session-1' }

describe('a remembered token', () => {
  it.each<[string, (token: string) => Revocation]>([
    ['its jti', () => ({ issuer, jti: 'token-1', keepSeconds })],
    ['its subject', () => ({ issuer, subject: 'user-1', keepSeconds })],
    ['its session', () => ({ issuer, session: 'session-1', keepSeconds })],
    ['the token itself', (token) => ({ token, keepSeconds })],
  ])('is refused at once where it is revoked by %s, and good again when that is over', async (_, revocation) => {
    const time = manualClock()
    const revocations = memoryRevocations({ system: time })
    const world = await pair({ revocations })
    const token = await world.issuer.mint({ ...CLAIMS, exp: 1_900_000_000 })
    await world.remember(token)

    await revocations.revoke(revocation(token))
    expect(await world.verdict(token)).toBe('TOKEN_REVOKED')
    expect(await world.verdict(token)).toBe('TOKEN_REVOKED')
    await time.advance(keepSeconds + 1)
    expect(await world.verdict(token)).toBe('accepted')
  })

  it('is spared by a revocation of others', async () => {
    const revocations = memoryRevocations()
    const world = await pair({ revocations })
    const token = await world.issuer.mint(CLAIMS)
    await world.remember(token)
    const nowSeconds = world.clock.nowSeconds()
    await revocations.revoke({ issuer: 'https://other.example', jti: 'token-1', keepSeconds })
    await revocations.revoke({ issuer, jti: 'token-2', keepSeconds })
    await revocations.revoke({ issuer, subject: 'user-1', issuedBefore: nowSeconds, keepSeconds })
    await revocations.revoke({ token: await world.issuer.mint(), keepSeconds })
    expect(await world.verdict(token)).toBe('accepted')

    await revocations.revoke({ issuer, subject: 'user-1', issuedBefore: nowSeconds + 1, keepSeconds })
    expect(await world.verdict(token)).toBe('TOKEN_REVOKED')
  })

  it('is asked about each time, with all that it can be revoked by', async () => {
    const asked: RevocationSubject[] = []
    const check = (token: RevocationSubject): 'good' => {
      asked.push(token)
      return 'good'
    }
    const world = await pair({ revocations: { check, needsTokenHash: true } })
    const token = await world.issuer.mint(CLAIMS)
    await world.remember(token)
    for (let request = 0; request < 3; request += 1) await world.verdict(token)

    expect(asked).toHaveLength(12)
    expect(asked[0]).toMatchObject({ issuer, id: 'token-1', subject: 'user-1', session: 'session-1' })
    expect(asked[0]?.tokenHash).toMatch(/^[\w-]{43}$/)
    expect(asked.every((one) => JSON.stringify(one) === JSON.stringify(asked[0]))).toBe(true)
  })

  it.each<[string, () => unknown, string]>([
    ['are unavailable', () => 'unavailable', 'STORE_UNAVAILABLE'],
    ['throw', () => JSON.parse('{'), 'INTERNAL_FAULT'],
    ['answer with a promise', async () => 'good', 'INTERNAL_FAULT'],
    ['answer true', () => true, 'INTERNAL_FAULT'],
  ])('is a 503 while the revocations %s, and good again afterwards', async (_, trouble, code) => {
    let answer: () => unknown = () => 'good'
    // a cast, since breaking the contract is the point
    const world = await pair({ revocations: { check: () => answer() as 'good', retryAfterSeconds: 7 } })
    const token = await world.issuer.mint()
    await world.remember(token)

    answer = trouble
    expect(await world.verdict(token)).toBe(code)
    expect(await world.verdict(token)).toBe(code)
    answer = () => 'good'
    expect(await world.verdict(token)).toBe('accepted')
  })

  it('was never there where it was revoked before', async () => {
    const revocations = memoryRevocations()
    const world = await pair({ revocations })
    const token = await world.issuer.mint(CLAIMS)
    await revocations.revoke({ issuer, jti: 'token-1', keepSeconds })
    for (let request = 1; request <= 4; request += 1) {
      expect(await world.verdict(token)).toBe('TOKEN_REVOKED')
      expect(world.whole()).toBe(request)
    }
  })

  it('that expired is refused for that first, as any other', async () => {
    const revocations = memoryRevocations()
    const world = await pair({ revocations })
    const token = await world.issuer.mint(CLAIMS)
    await world.remember(token)
    await revocations.revoke({ issuer, jti: 'token-1', keepSeconds })
    await world.clock.advance(400)

    expect(await world.verdict(token)).toBe('TOKEN_EXPIRED')
  })
})
