import type { KeySnapshot } from '@tokenward/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outcome } from '../scene.ts'
import { seeded } from './seeded.ts'

const { seed, issuer, cold, token } = await seeded()
const [entry] = seed
const [key] = entry?.keys ?? []
if (entry === undefined || key === undefined) throw new Error('nothing was exported')

function attempt<T>(make: () => T): T | Error {
  try {
    return make()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

/** What storage that nobody looks after might give back. */
const untyped = (seedKeys: unknown) => seedKeys as KeySnapshot
const withKeys = (...keys: unknown[]): unknown => [{ ...entry, keys }]

describe('createVerifier refuses a seed that exportKeys did not make', () => {
  it.each<[string, unknown]>([
    ['text', JSON.stringify(seed)],
    ['an empty text', ''],
    ['a number', 1],
    ['true', true],
    ['a function', () => seed],
    ['an entry alone', entry],
    ['a key set', { keys: entry.keys }],
    ['null among the entries', [entry, null]],
    ['text among the entries', [JSON.stringify(entry)]],
    ['a list among the entries', [[entry]]],
    ['an empty entry', [{}]],
    ['no issuer', [{ ...entry, issuer: undefined }]],
    ['a number as issuer', [{ ...entry, issuer: 1 }]],
    ['a list as issuer', [{ ...entry, issuer: [entry.issuer] }]],
    ['no time', [{ ...entry, fetchedAtSeconds: undefined }]],
    ['a time in text', [{ ...entry, fetchedAtSeconds: String(entry.fetchedAtSeconds) }]],
    ['a time that is no number', [{ ...entry, fetchedAtSeconds: Number.NaN }]],
    ['a time without end', [{ ...entry, fetchedAtSeconds: Infinity }]],
    ['a time before all times', [{ ...entry, fetchedAtSeconds: -1 }]],
    ['a date', [{ ...entry, fetchedAtSeconds: new Date() }]],
    ['no life', [{ ...entry, lifeSeconds: undefined }]],
    ['a life of nothing', [{ ...entry, lifeSeconds: 0 }]],
    ['a life before its birth', [{ ...entry, lifeSeconds: -600 }]],
    ['a life in text', [{ ...entry, lifeSeconds: '600' }]],
    ['an endless life', [{ ...entry, lifeSeconds: Infinity }]],
    ['no keys', [{ ...entry, keys: undefined }]],
    ['an empty list of keys', withKeys()],
    ['keys in text', [{ ...entry, keys: JSON.stringify(entry.keys) }]],
    ['a key set as keys', [{ ...entry, keys: { keys: entry.keys } }]],
    ['too many keys', withKeys(...Array.from({ length: 65 }, () => key))],
    ['text as a key', withKeys('key')],
    ['null as a key', withKeys(null)],
    ['an empty key', withKeys({})],
    ['a good key and text', withKeys(key, 'key')],
    ['a key of an unknown type', withKeys({ ...key, kty: 'AKP' })],
    ['a key without its point', withKeys({ ...key, x: undefined })],
    ['a key with half a point', withKeys({ ...key, x: 'AAAA' })],
    ['a key with a number as kid', withKeys({ ...key, kid: 1 })],
    ['a private key', withKeys(issuer.key.privateKey)],
    ['a private key beside a good one', withKeys(key, { ...issuer.key.privateKey, kid: 'private' })],
    ['a shared secret', withKeys({ kty: 'oct', k: 'c2VjcmV0', kid: 'shared' })],
    ['a shared secret beside a good key', withKeys(key, { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' })],
  ])('%s', (_, seedKeys) => {
    const make = (): unknown => cold({ seedKeys: untyped(seedKeys) })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(/^createVerifier: .*seedKeys/)
  })

  it('never repeats key material in the message', () => {
    const { d = '' } = issuer.key.privateKey
    const material = new RegExp(d)
    const make = (): unknown =>
      cold({ seedKeys: untyped([{ ...entry, keys: [issuer.key.privateKey] }, issuer.key.privateKey, [d], d]) })
    expect(make).toThrow(/seedKeys/)
    expect(make).not.toThrow(material)
  })

  it('takes no seed at all, what an empty store answers, and an empty seed', async () => {
    for (const seedKeys of [undefined, untyped(null), []]) expect(cold({ seedKeys }).exportKeys()).toEqual([])
  })

  it('either refuses a damaged seed or verifies nothing that it should not: whatever was damaged', async () => {
    const impostor = await (await seeded({ algorithm: 'RS256' })).issuer.mint()
    const damage = fc.tuple(
      fc.constantFrom('issuer', 'keys', 'fetchedAtSeconds', 'lifeSeconds', 'kty', 'crv', 'x', 'y', 'kid', 'alg'),
      fc.oneof(fc.jsonValue(), fc.double(), fc.string()),
    )
    await fc.assert(
      fc.asyncProperty(damage, async ([member, value]) => {
        const isKeyMember = Object.hasOwn(key, member)
        const damaged = isKeyMember ? withKeys({ ...key, [member]: value }) : [{ ...entry, [member]: value }]
        const made = attempt(() => cold({ seedKeys: untyped(damaged) }))
        const told = made instanceof Error ? made.name : await outcome(made.verify(impostor))
        expect(['TypeError', 'SIGNATURE_INVALID', 'KEY_UNKNOWN', 'KEYS_UNAVAILABLE']).toContain(told)
      }),
      { numRuns: 200 },
    )
  })
})

it('a seed whose key is no point of its curve is no key: the issuer is asked instead', async () => {
  const scene = await seeded()
  const damaged = scene.seed.map((one) => ({
    ...one,
    keys: one.keys.map((jwk) => ({ ...jwk, x: jwk.kty === 'EC' ? jwk.y : '', y: jwk.kty === 'EC' ? jwk.x : '' })),
  }))
  const verifier = scene.cold({ seedKeys: untyped(damaged) })
  expect(await outcome(verifier.verify(await scene.token()))).toBe('accepted')
})

it('a seed that is changed after construction changes nothing', async () => {
  const copy = structuredClone(seed)
  const verifier = cold({ seedKeys: copy })
  for (const one of copy) for (const jwk of one.keys) Reflect.set(jwk, 'kid', 'changed')
  expect(await outcome(verifier.verify(await token()))).toBe('accepted')
})
