import { expect, it } from 'vitest'
import { outcome } from '../scene.ts'
import { anyTenant, tenants } from '../tenants/tenants.ts'
import { stored } from './seeded.ts'

const A = 'https://a.example'
const B = 'https://b.example'

/** Two tenants, and the keys that a verifier of an earlier life knew of them. */
async function seededTenants() {
  const net = await tenants()
  const [a, b] = [await net.open(A), await net.open(B)]
  const earlier = net.verifier({ issuer: anyTenant() })
  await earlier.verify(await a.mint())
  await earlier.verify(await b.mint())
  await earlier.close()
  const seedKeys = stored(earlier.exportKeys())
  const before = net.requests.length
  return { net, a, b, seedKeys, requests: () => net.requests.length - before }
}

it('seeds serve tenants, each its own', async () => {
  const { net, a, b, seedKeys, requests } = await seededTenants()
  const verifier = net.verifier({ issuer: anyTenant(), seedKeys })

  expect(await outcome(verifier.verify(await a.mint({ iss: B })))).toBe('SIGNATURE_INVALID')
  expect(await outcome(verifier.verify(await b.mint({ iss: A })))).toBe('SIGNATURE_INVALID')
  expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  expect(await outcome(verifier.verify(await b.mint()))).toBe('accepted')
  expect(requests()).toBe(0)
})

it('a seed opens no tenant and allows none', async () => {
  const { net, a, seedKeys, requests } = await seededTenants()
  const verifier = net.verifier({ issuer: anyTenant({ allow: (name) => name === B }), seedKeys })
  expect(verifier.status().issuers).toEqual([])
  expect(await outcome(verifier.verify(await a.mint()))).toBe('ISSUER_UNTRUSTED')
  expect(requests()).toBe(0)
})

it('a key that was withdrawn since stays withdrawn when its tenant is closed and opened again', async () => {
  const { net, a, b, seedKeys } = await seededTenants()
  const stolen = a.key
  const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 1 }), seedKeys })
  const withStolenKey = async () => outcome(verifier.verify(await a.mint({}, { key: stolen })))
  expect(await withStolenKey()).toBe('accepted')

  await a.rotate()
  expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted') // and with this the set was replaced
  expect(await withStolenKey()).toBe('KEY_UNKNOWN')

  for (let n = 0; n < 3; n += 1) await verifier.verify(await b.mint())
  await outcome(verifier.verify(await b.mint({ iss: 'https://dead.example' })))
  expect(verifier.status().issuers.map(({ issuer }) => issuer)).not.toContain(A)
  expect(await withStolenKey()).toBe('KEY_UNKNOWN')
})
