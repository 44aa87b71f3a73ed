import { jwtIssuer, staticKeys } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import type { Pair } from './pair.ts'
import { pair } from './pair.ts'

const minutes = (count: number): number => count * 60
const keyFetches = ({ asked }: Pair): number => asked.filter((url) => url.endsWith('/jwks')).length

/** A token that outlives every key. */
const LASTING = { exp: 1_900_000_000 }

/** Has both ask the issuer for its keys again. */
async function refresh(world: Pair): Promise<void> {
  await world.clock.advance(minutes(9) + 30)
}

describe('the key of a remembered token', () => {
  verifies('RFC9068-4-e')('withdrawn: the token is refused from the refresh on', async () => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    await issuer.rotate()

    expect(await verdict(token)).toBe('accepted') // nobody knows yet
    await refresh(world)
    expect(await verdict(token)).toBe('KEY_UNKNOWN')
    expect(await verdict(token)).toBe('KEY_UNKNOWN')
    await world.remember(await issuer.mint(LASTING))
  })

  it('pushed out of the four that are tried: the token is refused', async () => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING, { header: { kid: undefined } })
    await world.remember(token)
    const { publicKey } = issuer
    issuer.withdraw(issuer.kid)
    for (let count = 0; count < 4; count += 1) await issuer.addKey('ES256')
    issuer.publish(publicKey)

    await refresh(world)
    expect(await verdict(token)).not.toBe('accepted')
  })

  it('withdrawn by what another token made the verifier fetch: refused at once', async () => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    await issuer.rotate()
    expect(await verdict(await issuer.mint())).toBe('accepted')

    expect(await verdict(token)).toBe('KEY_UNKNOWN')
  })

  it('published again after it was withdrawn: the token is good again', async () => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    const { publicKey } = issuer
    await issuer.rotate()
    await refresh(world)
    expect(await verdict(token)).toBe('KEY_UNKNOWN')

    issuer.publish(publicKey)
    await refresh(world)
    await world.remember(token)
  })

  it('replaced by another under the same kid: the token is refused', async () => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    const { kid } = issuer
    issuer.withdraw(kid)
    await issuer.rotate({ kid })
    await refresh(world)

    expect(await verdict(token)).toBe('SIGNATURE_INVALID')
    await world.remember(await issuer.mint(LASTING))
  })

  it.each([
    ['limited to encryption', { use: 'enc' }],
    ['without leave to verify', { key_ops: ['encrypt'] }],
    ['limited to another algorithm', { alg: 'ES512' }],
    ['turned symmetric', { kty: 'oct', k: 'AAAA' }],
  ])('%s at its issuer: the token is refused', async (_, change) => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    const { publicKey } = issuer
    await issuer.rotate()
    issuer.publish({ ...publicKey, ...change })
    await refresh(world)

    expect(await verdict(token)).toBe('KEY_UNKNOWN')
  })

  it('withdrawn, of a token that names no key: the token is refused', async () => {
    const world = await pair()
    const { issuer, verdict } = world
    const token = await issuer.mint(LASTING, { header: { kid: undefined } })
    await world.remember(token)
    await issuer.rotate()
    await refresh(world)

    expect(await verdict(token)).toBe('KEY_UNKNOWN')
  })

  it('kept by its issuer, among others that come and go: the token stays remembered', async () => {
    const world = await pair()
    const { issuer, verdict, whole } = world
    const token = await issuer.mint(LASTING)
    await world.remember(token)
    const before = whole()
    for (let refreshed = 0; refreshed < 5; refreshed += 1) {
      const { kid } = await issuer.addKey('ES256')
      await refresh(world)
      expect(await verdict(token)).toBe('accepted')
      issuer.withdraw(kid)
    }

    expect(whole()).toBe(before)
    expect(keyFetches(world)).toBe(6)
  })

  it('given, not fetched: the token is never asked about again', async () => {
    const elsewhere = await pair()
    const keys = staticKeys(elsewhere.issuer.jwks())
    const world = await pair({ issuer: jwtIssuer({ issuer: elsewhere.issuer.issuer, keys }) })
    const token = await world.issuer.mint(LASTING)
    await world.remember(token)
    const before = world.whole()
    await world.clock.advance(minutes(600))

    expect(await world.verdict(token)).toBe('accepted')
    expect(world.whole()).toBe(before)
    expect(world.asked).toEqual([])
  })
})
