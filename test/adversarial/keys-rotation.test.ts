import { createVerifier, isAuthError } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'

import type { KeysWorld } from './keys-world.ts'

import { verifies } from '../requirements/verifies.ts'
import { body, keysWorld, minutes, status, unreachable, usual } from './keys-world.ts'

const kidOf = (jwks: { keys: readonly { kid?: string }[] }): string => jwks.keys.map(({ kid }) => kid).join()

describe('a new key', () => {
  it('is found at once by the first token that names it, with one fetch for all who come with it', async () => {
    const world = await keysWorld()
    await world.outcome(await world.issuer.mint())
    await world.issuer.rotate()
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, at) => world.issuer.mint({ sub: `user-${at}` })))
    expect(new Set(await Promise.all(tokens.map(world.outcome)))).toEqual(new Set(['granted']))
    expect(world.keyFetches()).toBe(2)
  })
})

describe('a key that is gone', () => {
  it('stops verifying with the set that no longer has it, and is reported', async () => {
    const world = await keysWorld()
    const old = await world.issuer.mint()
    const oldKid = world.issuer.kid
    await world.outcome(old)
    await world.issuer.rotate()
    await world.outcome(await world.issuer.mint())
    expect(await world.outcome(old)).toBe('KEY_UNKNOWN')
    expect(world.events).toContainEqual({ type: 'key-withdrawn', issuer: world.issuer.issuer, kid: oldKid })
  })

  it('is asked for once more outside of the cool-down, and no more than once', async () => {
    const world = await keysWorld()
    const old = await world.issuer.mint()
    await world.outcome(old)
    await world.issuer.rotate()
    await world.outcome(await world.issuer.mint())
    expect(world.keyFetches()).toBe(2)

    const outcomes = await Promise.all(Array.from({ length: 100 }, () => world.outcome(old)))
    expect(new Set(outcomes)).toEqual(new Set(['KEY_UNKNOWN']))
    expect(world.keyFetches()).toBe(3)
    await Promise.all(Array.from({ length: 100 }, () => world.outcome(old)))
    expect(world.keyFetches()).toBe(3)
  })

  it('verifies again when that question brings it back', async () => {
    const world = await keysWorld()
    const old = await world.issuer.mint()
    const before = world.issuer.jwks()
    await world.outcome(old)
    await world.issuer.rotate()
    const token = await world.issuer.mint()
    await world.outcome(token)
    world.answer('jwks', () => Response.json({ keys: [...before.keys, ...world.issuer.jwks().keys] }))
    expect(await world.outcome(old)).toBe('granted')
    expect(await world.outcome(token)).toBe('granted')
  })

  it('one of several leaves the others alone', async () => {
    const world = await keysWorld()
    const second = await world.issuer.addKey('ES256')
    const token = await world.issuer.mint({ exp: world.clock.nowSeconds() + 7200 })
    const other = await world.issuer.mint({ exp: world.clock.nowSeconds() + 7200 }, { key: second })
    await world.outcome(token)
    world.issuer.withdraw(second.kid)
    await world.clock.advance(minutes(11))
    expect(await world.outcome(other)).toBe('KEY_UNKNOWN')
    expect(await world.outcome(token)).toBe('granted')
  })

  it('together with others costs one question outside of the cool-down, not one each', async () => {
    const world = await keysWorld()
    const more = await Promise.all(Array.from({ length: 9 }, () => world.issuer.addKey('ES256')))
    const tokens = await Promise.all([world.issuer.mint(), ...more.map((key) => world.issuer.mint({}, { key }))])
    await Promise.all(tokens.map(world.outcome))
    for (const { kid } of more) world.issuer.withdraw(kid)
    await world.issuer.rotate()
    await world.outcome(await world.issuer.mint())
    const before = world.keyFetches()

    for (const token of tokens) expect(await world.outcome(token)).toBe('KEY_UNKNOWN')
    expect(world.keyFetches() - before).toBe(1)
  })
})

describe('replicas of an issuer that disagree', () => {
  /** Two replicas, each with a key of its own, that take turns to answer. */
  async function flapping() {
    const world = await keysWorld()
    const one = world.issuer.jwks()
    const oldToken = await world.issuer.mint()
    await world.issuer.rotate()
    const two = world.issuer.jwks()
    const newToken = await world.issuer.mint()
    let turn = 0
    world.answer('jwks', () => {
      turn += 1
      return Response.json(turn % 2 === 1 ? one : two)
    })
    expect(kidOf(one)).not.toBe(kidOf(two))
    return { world, oldToken, newToken, one, two }
  }

  it('cause at most two fetches in 30 seconds, however the tokens alternate', async () => {
    const { world, oldToken, newToken } = await flapping()
    await world.outcome(oldToken)
    const before = world.keyFetches()
    for (let round = 0; round < 50; round += 1) {
      await world.outcome(round % 2 === 0 ? newToken : oldToken)
    }
    expect(world.keyFetches() - before).toBeLessThanOrEqual(2)
  })

  it('cause at most two fetches in 30 seconds when forged tokens alternate', async () => {
    const { world, oldToken, newToken } = await flapping()
    await world.outcome(oldToken)
    const before = world.keyFetches()
    const forged = [newToken, oldToken].map((token) => `${token.slice(0, -10)}AAAAAAAAAA`)
    for (let round = 0; round < 50; round += 1) await world.outcome(forged[round % 2] ?? '')
    expect(world.keyFetches() - before).toBeLessThanOrEqual(2)
  })

  it('never make a key serve that the newest answer does not have', async () => {
    const { world, oldToken, newToken, one } = await flapping()
    for (let round = 0; round < 20; round += 1) {
      const token = round % 3 === 0 ? newToken : oldToken
      const outcome = await world.outcome(token)
      const held = world.verifier
        .exportKeys()[0]
        ?.keys.map(({ kid }) => kid)
        .join()
      const mine = token === oldToken ? kidOf(one) : world.issuer.kid
      expect(outcome).toBe(held === mine ? 'granted' : 'KEY_UNKNOWN')
    }
  })

  it('recover within 30 seconds of agreeing', async () => {
    const { world, oldToken, newToken } = await flapping()
    for (let round = 0; round < 9; round += 1) await world.outcome(round % 2 === 0 ? newToken : oldToken)
    world.answer('jwks', usual)
    await world.clock.advance(30)
    expect(await world.outcome(newToken)).toBe('granted')
  })
})

describe('where the metadata is', () => {
  const locations = (world: KeysWorld): readonly string[] => world.asked.map(({ url }) => new URL(url).pathname)
  const openid = '/.well-known/openid-configuration'
  const oauth = '/.well-known/oauth-authorization-server'

  verifies('RFC8414-5-a')('is remembered where the second place had it', async () => {
    const world = await keysWorld()
    world.answer('metadata', ({ url }) => (url.endsWith(openid) ? new Response('', { status: 404 }) : undefined))
    const token = await world.issuer.mint({ exp: world.clock.nowSeconds() + 100_000 })
    await world.outcome(token)
    expect(locations(world)).toEqual([openid, oauth, '/jwks'])
    await world.clock.advance(minutes(90))
    expect(await world.outcome(token)).toBe('granted')
    expect(locations(world).slice(3)).toEqual([oauth, '/jwks'])
  })

  it('is looked for everywhere again when that place no longer has it', async () => {
    const world = await keysWorld()
    world.answer('metadata', ({ url }) => (url.endsWith(openid) ? new Response('', { status: 404 }) : undefined))
    const token = await world.issuer.mint({ exp: world.clock.nowSeconds() + 100_000 })
    await world.outcome(token)
    world.answer('metadata', ({ url }) => (url.endsWith(oauth) ? new Response('', { status: 404 }) : undefined))
    await world.clock.advance(minutes(90))
    await world.outcome(token)
    await world.clock.advance(10)
    expect(await world.outcome(token)).toBe('granted')
    expect(world.status().state).toBe('fresh')
  })

  it('is not the second place where the first is only broken', async () => {
    const world = await keysWorld()
    world.answer('metadata', ({ url }) => (url.endsWith(openid) ? new Response('', { status: 500 }) : undefined))
    expect(await world.outcome(await world.issuer.mint())).toBe('KEYS_UNAVAILABLE')
    expect(locations(world)).toEqual([openid])
  })

  it('is asked anew when the keys are no longer where it said', async () => {
    const world = await keysWorld()
    const token = await world.issuer.mint({ exp: world.clock.nowSeconds() + 100_000 })
    await world.outcome(token)
    world.answer('metadata', () =>
      Response.json({ issuer: world.issuer.issuer, jwks_uri: 'https://issuer.example/new/jwks' }),
    )
    world.answer('jwks', ({ url }) =>
      url.endsWith('/new/jwks') ? Response.json(world.issuer.jwks()) : new Response('', { status: 404 }),
    )
    await world.clock.advance(minutes(9))
    await world.outcome(token)
    await world.clock.advance(10)
    expect(world.status()).toMatchObject({ state: 'fresh', lastError: undefined })
    expect(world.asked.at(-1)?.url).toBe('https://issuer.example/new/jwks')
  })

  it('can be told', async () => {
    const world = await keysWorld({ changes: { metadataUrl: 'https://elsewhere.example/.well-known/custom' } })
    world.answer('metadata', () => Response.json(world.issuer.metadata()))
    expect(await world.outcome(await world.issuer.mint())).toBe('granted')
    expect(world.asked[0]?.url).toBe('https://elsewhere.example/.well-known/custom')
  })

  verifies('OIDCD-4.1-a', 'RFC8414-3-a')(
    'follows from the issuer, with a path and with a slash at its end',
    async () => {
      const world = await keysWorld({ issuer: 'https://login.example/tenant/' })
      world.answer('metadata', ({ url }) =>
        url.endsWith('openid-configuration') ? new Response('', { status: 404 }) : undefined,
      )
      expect(await world.outcome(await world.issuer.mint())).toBe('granted')
      expect(world.asked.map(({ url }) => url).slice(0, 2)).toEqual([
        'https://login.example/tenant/.well-known/openid-configuration',
        'https://login.example/.well-known/oauth-authorization-server/tenant',
      ])
    },
  )
})

describe('two issuers with one key id', () => {
  async function twins() {
    const clock = manualClock()
    const [one, two] = [
      await testIssuer({ algorithm: 'ES256', clock, issuer: 'https://one.example' }),
      await testIssuer({ algorithm: 'ES256', clock, issuer: 'https://two.example' }),
    ]
    expect(one.kid).toBe(two.kid)
    expect(one.publicKey['x']).not.toBe(two.publicKey['x'])
    const requests: string[] = []
    const fetch = (url: string, init: RequestInit): Promise<Response> => {
      requests.push(url)
      return url.startsWith(one.issuer) ? one.fetch(url, init) : two.fetch(url, init)
    }
    const trusting = (issuer: string | readonly string[]) =>
      createVerifier({ issuer, audience: 'https://api.example', system: { ...clock, fetch } })
    return { one, two, requests, trusting }
  }

  verifies('RFC8725-3.8-a')('never answer for each other, in whatever order they are seen', async () => {
    const { one, two, trusting } = await twins()
    const verifier = trusting([one.issuer, two.issuer])
    const crossed = [await one.mint({ iss: two.issuer }), await two.mint({ iss: one.issuer })]
    const own = [await one.mint(), await two.mint()]
    for (const tokens of [crossed, own, crossed, own.toReversed(), crossed.toReversed()]) {
      const expected = tokens.some((token) => crossed.includes(token)) ? 'SIGNATURE_INVALID' : 'granted'
      for (const token of tokens) {
        const outcome = await verifier.verify(token).then(
          () => 'granted',
          (error: unknown) => (isAuthError(error) ? error.code : String(error)),
        )
        expect(outcome).toBe(expected)
      }
    }
  })

  it('share nothing between verifiers of one program', async () => {
    const { one, two, requests, trusting } = await twins()
    const [first, second] = [trusting(one.issuer), trusting(two.issuer)]
    const token = await one.mint()
    await first.verify(token)
    await expect(second.verify(token)).rejects.toMatchObject({ code: 'ISSUER_UNTRUSTED' })
    await expect(second.verify(await one.mint({ iss: two.issuer }))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    })
    await expect(first.verify(token)).resolves.toBeDefined()
    expect(requests).toHaveLength(4)
  })

  it('ask only the issuer that a token names', async () => {
    const { one, two, requests, trusting } = await twins()
    await trusting([one.issuer, two.issuer]).verify(await two.mint())
    expect(requests.filter((url) => url.startsWith(one.issuer))).toEqual([])
  })

  it('tell nobody of each other', async () => {
    const { one, two, trusting } = await twins()
    const verifier = trusting([one.issuer, two.issuer])
    const error: unknown = await verifier
      .verify(await one.mint({}, { header: { kid: 'other' } }))
      .catch((reason: unknown) => reason)
    expect(isAuthError(error) && error.message).not.toContain('two.example')
  })

  it('fail one by one', async () => {
    const { one, two } = await twins()
    const clock = manualClock()
    const verifier = createVerifier({
      issuer: [one.issuer, two.issuer],
      audience: 'https://api.example',
      system: {
        ...clock,
        fetch: (url, init) =>
          url.startsWith(one.issuer) ? Promise.reject(new TypeError('fetch failed')) : two.fetch(url, init),
      },
    })
    await expect(verifier.verify(await one.mint())).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
    await expect(verifier.verify(await two.mint())).resolves.toMatchObject({ issuer: two.issuer })
  })
})

describe('the impostor of an issuer', () => {
  it('that publishes under the same name is believed no more than its own keys', async () => {
    const world = await keysWorld()
    const impostor = await testIssuer({ algorithm: 'ES256', clock: world.clock, keySeries: 'impostor' })
    await world.outcome(await world.issuer.mint())
    expect(impostor.kid).toBe(world.issuer.kid)
    expect(await world.outcome(await impostor.mint())).toBe('SIGNATURE_INVALID')
    world.answer('both', unreachable)
    expect(await world.outcome(await impostor.mint())).toBe('SIGNATURE_INVALID')
    world.answer('both', status(500))
    await world.clock.advance(minutes(11))
    expect(await world.outcome(await impostor.mint())).toBe('SIGNATURE_INVALID')
    world.answer('both', body('{}'))
    expect(await world.outcome(await impostor.mint())).toBe('SIGNATURE_INVALID')
  })
})
