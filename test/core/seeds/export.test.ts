import { createVerifier, jwtIssuer, remoteKeys, staticKeys } from '@tokenward/core'
import { testAlgorithms, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome, scene } from '../scene.ts'
import { seeded, stored } from './seeded.ts'

describe('exportKeys', () => {
  it.each(testAlgorithms)('comes back from JSON as good as it was: %s', async (algorithm) => {
    const { cold, token, requests, seed } = await seeded({ algorithm })
    const verifier = cold()
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    expect(requests()).toBe(0)
    expect(stored(verifier.exportKeys())).toEqual(seed)
  })

  it('says whose keys they are, when they came and how long they live', async () => {
    const { clock, issuer, seed } = await seeded({ cacheControl: 'max-age=1800' })
    expect(seed).toEqual([
      {
        issuer: issuer.issuer,
        keys: [expect.objectContaining({ kid: issuer.kid, alg: 'ES256' })],
        fetchedAtSeconds: clock.nowSeconds(),
        lifeSeconds: 1800,
      },
    ])
  })

  it('is empty before there are keys, for keys that are given, and after all keys were withdrawn', async () => {
    const { verifier, trusting, issuer, clock } = await scene()
    expect(verifier.exportKeys()).toEqual([])
    expect(trusting().exportKeys()).toEqual([])

    await verifier.warmUp()
    expect(verifier.exportKeys()).toHaveLength(1)
    issuer.withdraw(issuer.kid)
    await clock.advance(15 * 60)
    await outcome(verifier.verify(await issuer.mint()))
    expect(verifier.exportKeys()).toEqual([])
  })

  it('holds public members and nothing else, whatever the issuer publishes', async () => {
    const { verifier, issuer } = await scene()
    const [curve, rsa] = [await issuer.addKey('ES256'), await issuer.addKey('RS256')]
    issuer.publish({ ...curve.privateKey, kid: 'leaked-curve', use: 'sig' })
    issuer.publish({ ...rsa.privateKey, kid: 'leaked-rsa' })
    issuer.publish({ kty: 'oct', k: 'c2VjcmV0', kid: 'shared', alg: 'HS256' })
    issuer.publish({ ...issuer.publicKey, kid: 'chatty', x5c: ['AAAA'], secret: 'hunter2', note: { d: 'x' } })
    await verifier.warmUp()

    const exported = JSON.stringify(verifier.exportKeys())
    const [entry] = verifier.exportKeys()
    const members = new Set(entry?.keys.flatMap((key) => Object.keys(key)))
    expect(members).toEqual(new Set(['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg']))
    for (const secret of [curve.privateKey.d, rsa.privateKey.d, rsa.privateKey.p, 'c2VjcmV0', 'hunter2', 'leaked'])
      expect(exported).not.toContain(secret)
    expect(Object.keys(entry ?? {}).toSorted()).toEqual(['fetchedAtSeconds', 'issuer', 'keys', 'lifeSeconds'])
  })

  it('keeps the age of keys that it was given, so that no chain of exports keeps them young', async () => {
    const { clock, cold, token, seed } = await seeded()
    await clock.advance(400)
    const second = cold()
    await second.verify(await token())
    expect(stored(second.exportKeys())).toEqual(seed)
  })

  it('may be changed by whoever has it without harm to the verifier', async () => {
    const { cold, token, seed } = await seeded()
    const verifier = cold()
    for (const entry of verifier.exportKeys()) {
      for (const key of entry.keys) Reflect.set(key, 'kid', 'changed')
      Reflect.set(entry, 'issuer', 'https://changed.example')
    }
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    expect(stored(verifier.exportKeys())).toEqual(seed)
  })
})

describe('a seed is for its issuer', () => {
  it('and is not used for another, not even under equal key ids', async () => {
    const { seed, token, issuer, clock, events } = await seeded()
    const other = await testIssuer({ issuer: 'https://other.example', algorithm: 'ES256', clock })
    expect(other.kid).toBe(issuer.kid)
    const fetch = async (url: string, init: RequestInit) =>
      url.startsWith(other.issuer) ? other.fetch(url, init) : issuer.fetch(url, init)
    const verifier = createVerifier({
      issuer: [issuer.issuer, other.issuer],
      audience: AUDIENCE,
      seedKeys: seed,
      system: { ...clock, fetch },
      onEvent: (event) => void events.push(event),
    })
    const byKeyOf = (signer: typeof issuer, iss: string) => signer.mint({ iss })

    expect(await outcome(verifier.verify(await byKeyOf(issuer, other.issuer)))).toBe('SIGNATURE_INVALID')
    expect(await outcome(verifier.verify(await byKeyOf(other, issuer.issuer)))).toBe('SIGNATURE_INVALID')
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    expect(await outcome(verifier.verify(await other.mint()))).toBe('accepted')
  })

  it.each(['https://issuer.example/', 'https://Issuer.example', 'https://issuer.example.', 'https://nobody.example'])(
    'and is no use under another name: %s',
    async (issuer) => {
      const { seed, cold, token, requests } = await seeded()
      const verifier = cold({ seedKeys: seed.map((entry) => ({ ...entry, issuer })) })
      expect(verifier.exportKeys()).toEqual([])
      expect(verifier.status().issuers).toMatchObject([{ state: 'keyless', keyCount: 0 }])
      expect(await outcome(verifier.verify(await token()))).toBe('accepted')
      expect(requests()).toBe(2)
      expect(verifier.exportKeys().map((entry) => entry.issuer)).toEqual(['https://issuer.example'])
    },
  )

  it('and changes nothing where keys are given', async () => {
    const { seed, cold, issuer } = await seeded()
    const old = issuer.key
    await issuer.rotate()
    const keys = staticKeys(issuer.jwks())
    const verifier = cold({ issuer: jwtIssuer({ issuer: issuer.issuer, keys }), seedKeys: seed })
    expect(await outcome(verifier.verify(await issuer.mint({}, { key: old })))).toBe('KEY_UNKNOWN')
    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })

  it('and serves keys of a URL as well as those of metadata', async () => {
    const { cold, issuer, token, requests } = await seeded()
    const keys = remoteKeys(`${issuer.issuer}/jwks`)
    const verifier = cold({ issuer: jwtIssuer({ issuer: issuer.issuer, keys }) })
    expect(await outcome(verifier.verify(await token()))).toBe('accepted')
    expect(requests()).toBe(0)
  })
})
