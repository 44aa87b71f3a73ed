import type { TestIssuer } from '@tokenward/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome } from '../scene.ts'
import type { Tenants } from './tenants.ts'
import { anyTenant, tenants } from './tenants.ts'

const NAMES = ['https://a.example', 'https://b.example', 'https://c.example'] as const

/** A token that `signer` signed and that names `named`, sent once and perhaps again. */
interface Sent {
  readonly named: number
  readonly signer: number
}

async function threeTenants(): Promise<{ net: Tenants; issuers: readonly TestIssuer[] }> {
  const net = await tenants()
  const issuers = await Promise.all(NAMES.map(async (name) => net.open(name)))
  return { net, issuers }
}

const { issuers: familiar } = await threeTenants()

it('the three tenants of these tests have equal key ids and different keys', () => {
  expect(new Set(familiar.map(({ kid }) => kid)).size).toBe(1)
  expect(new Set(familiar.map(({ publicKey }) => publicKey.x)).size).toBe(3)
})

verifies('RFC8725-3.8-a')('keys of one tenant never answer for another, in whatever order answers arrive', async () => {
  const index = fc.nat({ max: NAMES.length - 1 })
  const sent = fc.record({ named: index, signer: index })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(sent, { minLength: 1, maxLength: 12 }), async (scheduler, tokens) => {
      const { net, issuers } = await threeTenants()
      const fetch = scheduler.scheduleFunction(net.system.fetch)
      const verifier = net.verifier({ issuer: anyTenant(), system: { ...net.system, fetch } })
      const mint = async ({ named, signer }: Sent) => issuers[signer]?.mint({ iss: NAMES[named] }) ?? ''
      const minted = await Promise.all(tokens.map(mint))
      const work = Promise.all(minted.map(async (token) => outcome(verifier.verify(token))))
      const outcomes = await scheduler.waitFor(work)

      expect(outcomes).toEqual(tokens.map(({ named, signer }) => (named === signer ? 'accepted' : 'SIGNATURE_INVALID')))
    }),
    { numRuns: 60 },
  )
})

it('holds as well while tenants are closed and opened again, rotate their keys and fall silent', async () => {
  const index = fc.nat({ max: NAMES.length - 1 })
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), named: index, signer: index }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), who: index, isCut: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 300 }) }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const { net, issuers } = await threeTenants()
      const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 1 }) })
      const told: (readonly [isHonest: boolean, code: string])[] = []
      for (const next of steps) {
        if (next.kind === 'wait') await net.clock.advance(next.seconds)
        else if (next.kind === 'cut') net.cut(new URL(NAMES[next.who] ?? '').host, next.isCut)
        else {
          const token = await issuers[next.signer]?.mint({ iss: NAMES[next.named] })
          told.push([next.named === next.signer, await outcome(verifier.verify(token ?? ''))])
        }
      }
      const answered = told.filter(([, code]) => code !== 'KEYS_UNAVAILABLE')
      expect(answered).toEqual(answered.map(([isHonest]) => [isHonest, isHonest ? 'accepted' : 'SIGNATURE_INVALID']))
    }),
    { numRuns: 30 },
  )
})

it('a tenant that publishes the key of another vouches only for itself', async () => {
  const { net, issuers } = await threeTenants()
  const [a, b] = issuers
  if (a === undefined || b === undefined) throw new Error('no issuers')
  b.publish({ ...a.publicKey, kid: 'borrowed' })
  const verifier = net.verifier({ issuer: anyTenant() })

  expect(await outcome(verifier.verify(await b.mint({}, { key: a.key, header: { kid: 'borrowed' } })))).toBe('accepted')
  expect(await outcome(verifier.verify(await b.mint({ iss: a.issuer })))).toBe('SIGNATURE_INVALID')
  expect(await outcome(verifier.verify(await a.mint({}, { header: { kid: 'borrowed' } })))).toBe('KEY_UNKNOWN')
})

it('a kid unknown at one tenant uses up nothing of another', async () => {
  const { net, issuers } = await threeTenants()
  const [a, b] = issuers
  if (a === undefined || b === undefined) throw new Error('no issuers')
  const verifier = net.verifier({ issuer: anyTenant() })
  await verifier.verify(await a.mint())
  await verifier.verify(await b.mint())
  for (let n = 0; n < 50; n += 1) await outcome(verifier.verify(await a.mint({}, { header: { kid: `k${n}` } })))

  await b.rotate()
  expect(await outcome(verifier.verify(await b.mint()))).toBe('accepted')
})

it('the metadata of one tenant that names another is an outage of the one alone', async () => {
  const { net, issuers } = await threeTenants()
  const [a, b] = issuers
  if (a === undefined || b === undefined) throw new Error('no issuers')
  const fetch = async (url: string, init: RequestInit) =>
    net.system.fetch(url.startsWith(a.issuer) ? url.replace(a.issuer, b.issuer) : url, init)
  const verifier = net.verifier({ issuer: anyTenant(), system: { ...net.system, fetch } })

  expect(await outcome(verifier.verify(await b.mint({ iss: a.issuer })))).toBe('KEYS_UNAVAILABLE')
  expect(net.events).toContainEqual(expect.objectContaining({ issuer: a.issuer, reason: 'issuer-mismatch' }))
  expect(await outcome(verifier.verify(await b.mint()))).toBe('accepted')
})
