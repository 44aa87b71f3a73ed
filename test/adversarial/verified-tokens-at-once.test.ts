import { createVerifier, jwtIssuer, memoryRevocations, staticKeys } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { outcome, scene } from '../core/scene.ts'
import { hanging, keysWorld, lost, minutes } from './keys-world.ts'

const LASTING = { exp: 1_900_000_000 }
const MANY = 64

/** So many at once, and the different things that came of them. */
async function atOnce(work: () => Promise<string>, count = MANY): Promise<readonly string[]> {
  return [...new Set(await Promise.all(Array.from({ length: count }, work)))]
}

/** A world in which that many tokens are remembered. */
async function remembering(count = 1, options?: Parameters<typeof keysWorld>[0]) {
  const world = await keysWorld(options)
  const tokens = await Promise.all(Array.from({ length: count }, () => world.issuer.mint(LASTING)))
  for (const token of [...tokens, ...tokens]) await world.verify(token)
  return { ...world, token: tokens[0] ?? '', tokens, status: world.status, keyFetches: world.keyFetches }
}

describe('many requests at once with one token', () => {
  it('are all accepted after one fetch, where it is new, and each gets an object of its own', async () => {
    const world = await keysWorld()
    const token = await world.issuer.mint()
    const first = await Promise.all(Array.from({ length: MANY }, () => world.verify(token)))
    const again = await Promise.all(Array.from({ length: MANY }, () => world.verify(token)))

    expect(new Set([...first, ...again]).size).toBe(2 * MANY)
    expect(new Set([...first, ...again].map((one) => JSON.stringify(one))).size).toBe(1)
    expect(world.keyFetches()).toBe(1)
  })

  it('are all refused once its key is withdrawn, though it was remembered', async () => {
    const world = await remembering()
    await world.issuer.rotate()
    await world.clock.advance(minutes(9))

    expect(await atOnce(() => world.outcome(world.token))).toEqual(['KEY_UNKNOWN'])
  })

  it('wait for what one of them has fetched, where its keys ran out, and are answered by what it brings', async () => {
    const world = await remembering(1, { schedule: () => () => {} })
    await world.issuer.rotate()
    await world.clock.advance(minutes(12))

    expect(await atOnce(() => world.outcome(world.token))).toEqual(['KEY_UNKNOWN'])
    expect(world.keyFetches()).toBe(3) // and one more, for a key that was there a moment ago
  })

  it('do not wait while keys are refreshed behind them, however slowly', async () => {
    const world = await remembering(1, { schedule: () => () => {} })
    await world.clock.advance(minutes(9))
    world.answer('jwks', lost)

    expect(await atOnce(() => world.outcome(world.token))).toEqual(['granted'])
    expect(world.keyFetches()).toBe(2)
  })

  it('are answered with old keys after the one fetch that they wait for hangs', async () => {
    const world = await remembering()
    world.answer('both', hanging)
    await world.clock.advance(minutes(9))
    const fetched = world.asked.length
    await world.clock.advance(minutes(3))
    const answers = atOnce(() => world.outcome(world.token))
    await world.clock.advance(20)

    expect(await answers).toEqual(['granted'])
    expect(world.asked.length - fetched).toBeLessThanOrEqual(3)
  })

  it('are all refused where the clock passes its expiry, and none before', async () => {
    const world = await keysWorld()
    const token = await world.issuer.mint({ exp: world.clock.nowSeconds() + 10 })
    expect(await atOnce(() => world.outcome(token))).toEqual(['granted'])
    await world.clock.advance(39)
    expect(await atOnce(() => world.outcome(token))).toEqual(['granted'])
    await world.clock.advance(1)

    expect(await atOnce(() => world.outcome(token))).toEqual(['TOKEN_EXPIRED'])
  })
})

describe('a verification that is under way', () => {
  it.each(['ES256', 'ES384'] as const)(
    'when its key is withdrawn leaves nothing behind that is good: %s',
    async (algorithm) => {
      const world = await keysWorld({ algorithm })
      const token = await world.issuer.mint(LASTING)
      await world.verify(token)
      const old = await Promise.all(Array.from({ length: 3 }, () => world.issuer.mint(LASTING)))
      await world.issuer.rotate()
      const fresh = await world.issuer.mint(LASTING) // has the keys fetched that withdraw the old one
      await Promise.all([fresh, token, ...old, token, ...old].map((one) => world.outcome(one)))

      for (const one of [token, ...old]) expect(await world.outcome(one)).toBe('KEY_UNKNOWN')
      expect(await world.outcome(fresh)).toBe('granted')
    },
  )

  it('when the token is revoked leaves nothing behind that is good', async () => {
    const { issuer, trusting } = await scene()
    const revocations = memoryRevocations()
    const verifier = trusting({ revocations })
    const token = await issuer.mint()
    await verifier.verify(token)
    const answers = Array.from({ length: 8 }, () => outcome(verifier.verify(token)))
    await revocations.revoke({ token, keepSeconds: 500 })
    await Promise.all(answers)

    for (let request = 0; request < 3; request += 1) {
      expect(await outcome(verifier.verify(token))).toBe('TOKEN_REVOKED')
    }
  })
})

describe('many tokens at once', () => {
  it.each([1, 8, 1_000])('are never taken for each other, with room for %d', async (maxTokens) => {
    const { issuer, system } = await scene()
    const verifier = createVerifier({
      issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys(issuer.jwks()) }),
      audience: 'https://api.example',
      cache: { maxTokens },
      system,
    })
    const minted = Array.from({ length: 50 }, async (_, at) => ({
      sub: `user-${at}`,
      raw: await issuer.mint({ sub: `user-${at}` }),
    }))
    const tokens = await Promise.all(minted)
    for (let round = 0; round < 4; round += 1) {
      const mixed = [...tokens, ...tokens.toReversed(), ...tokens.slice(0, 5), ...tokens.slice(0, 5)]
      const answers = await Promise.all(mixed.map(({ raw }) => verifier.verify(raw)))
      expect(answers.map(({ subject, raw }) => ({ sub: subject, raw }))).toEqual(mixed)
    }
  })

  it('good and forged ones with the same end, are told apart', async () => {
    const world = await remembering(20)
    const forged = world.tokens.map((token) =>
      token.replace(/\.[^.]+\./u, `.${btoa('{"iss":"https://issuer.example"}').replace(/=+$/u, '')}.`),
    )
    const all = world.tokens.flatMap((token, at) => [token, forged[at] ?? '', token])
    const answers = await Promise.all(all.map((token) => world.outcome(token)))

    expect(answers).toEqual(world.tokens.flatMap(() => ['granted', 'SIGNATURE_INVALID', 'granted']))
  })
})
