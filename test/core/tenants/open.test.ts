import { describe, expect, it } from 'vitest'
import type { Verifier } from '@tokenward/core'
import { gate } from '../../support/answers.ts'
import { outcome } from '../scene.ts'
import { anyTenant, tenants } from './tenants.ts'

const A = 'https://a.example'
const B = 'https://b.example'
const C = 'https://c.example'
const HOUR = 3600

const openNames = (verifier: Verifier): string[] => verifier.status().issuers.map(({ issuer }) => issuer)

describe('status', () => {
  it('lists the tenants that tokens named, and no others', async () => {
    const net = await tenants()
    const [a, b, c] = [await net.open(A), await net.open(B), await net.open(C)]
    const verifier = net.verifier({ issuer: anyTenant({ allow: (name) => name !== C }) })
    expect(verifier.status().issuers).toEqual([])

    await outcome(verifier.verify(await a.mint()))
    await outcome(verifier.verify(await b.mint()))
    await outcome(verifier.verify(await c.mint()))
    expect(openNames(verifier).toSorted()).toEqual([A, B])
    expect(verifier.status().issuers).toMatchObject([
      { state: 'fresh', keyCount: 1 },
      { state: 'fresh', keyCount: 1 },
    ])
  })

  it('lists a tenant once, however often it is named', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: anyTenant() })
    for (let n = 0; n < 5; n += 1) await verifier.verify(await a.mint())
    expect(openNames(verifier)).toEqual([A])
  })

  it('exports the keys of the open tenants', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const verifier = net.verifier({ issuer: anyTenant() })
    await verifier.verify(await a.mint())
    await verifier.verify(await b.mint())
    const exported = verifier.exportKeys()
    expect(exported.map(({ issuer }) => issuer).toSorted()).toEqual([A, B])
  })
})

describe('mostOpen', () => {
  it('closes the tenant that was not named for longest, and opens it again when it is', async () => {
    const net = await tenants()
    const [a, b, c] = [await net.open(A), await net.open(B), await net.open(C)]
    const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 2 }) })
    for (const issuer of [a, b, a, b, c, c]) await verifier.verify(await issuer.mint())

    expect(openNames(verifier).toSorted()).toEqual([B, C])
    expect(net.asked('a.example')).toBe(2)
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    expect(net.asked('a.example')).toBe(4)
  })

  it('counts being named as use', async () => {
    const net = await tenants()
    const [a, b, c] = [await net.open(A), await net.open(B), await net.open(C)]
    const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 2 }) })
    for (const issuer of [a, a, b, b, a, c, c]) await verifier.verify(await issuer.mint())
    expect(openNames(verifier).toSorted()).toEqual([A, C])
  })

  it('ends the background work of what it closes', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 1 }) })
    for (const issuer of [a, a, b, b]) await verifier.verify(await issuer.mint())
    await net.clock.advance(HOUR)

    expect(net.asked('a.example')).toBe(2)
    expect(net.asked('b.example')).toBeGreaterThan(2) // the one that is open was refreshed by its timer
  })

  it('closes a tenant under the feet of a request without harm to the request', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const answered = gate()
    const fetch = async (url: string, init: RequestInit) => {
      if (url.startsWith(A)) await answered.opened
      return net.system.fetch(url, init)
    }
    const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 1 }), system: { ...net.system, fetch } })
    const pending = outcome(verifier.verify(await a.mint()))
    await net.clock.advance(1)
    await verifier.verify(await b.mint())
    await verifier.verify(await b.mint())
    answered.open()
    expect(await pending).toBe('accepted')
  })

  it('bounds what is open, keys or no keys', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 3 }) })
    for (let n = 0; n < 10; n += 1) {
      const living = await net.open(`https://living-${n}.example`)
      await verifier.verify(await living.mint())
      await verifier.verify(await living.mint())
      await outcome(verifier.verify(await a.mint({ iss: `https://dead-${n}.example` })))
      expect(verifier.status().issuers.length).toBeLessThanOrEqual(6) // three with keys, three that have yet to show some
    }
  })
})

describe('a flood of allowed names that have no keys', () => {
  it.each([
    ['named often', 3],
    ['named once', 1],
  ])('closes no tenant whose keys were seen: %s', async (_, times) => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: anyTenant({ mostOpen: 5 }) })
    for (let n = 0; n < times; n += 1) await verifier.verify(await a.mint())

    for (let n = 0; n < 50; n += 1) {
      expect(await outcome(verifier.verify(await a.mint({ iss: `https://dead-${n}.example` })))).toBe(
        'KEYS_UNAVAILABLE',
      )
    }
    expect(openNames(verifier)).toContain(A)
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    expect(net.asked('a.example')).toBe(2)
  })

  it('asks nobody for ever: one token buys no stream of requests to the host it names', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: anyTenant() })
    await outcome(verifier.verify(await a.mint({ iss: 'https://dead.example' })))
    await net.clock.advance(2 * HOUR)
    expect(net.asked('dead.example')).toBeLessThanOrEqual(10)
  })
})

describe('a tenant that is allowed no more', () => {
  it('is contacted no more, whether its last fetch failed or not', async () => {
    for (const isCut of [false, true]) {
      const net = await tenants()
      const a = await net.open(A)
      const allowed = new Set([A])
      const verifier = net.verifier({ issuer: anyTenant({ allow: (name) => allowed.has(name) }) })
      await verifier.verify(await a.mint())
      await verifier.verify(await a.mint())
      net.cut('a.example', isCut)
      await net.clock.advance(10 * 60)
      allowed.delete(A)
      expect(await outcome(verifier.verify(await a.mint()))).toBe('ISSUER_UNTRUSTED')

      const before = net.requests.length
      await net.clock.advance(2 * HOUR)
      expect(net.requests.length - before, `requests with the host ${isCut ? 'cut off' : 'there'}`).toBe(0)
    }
  })
})

describe('close', () => {
  it('ends background work for the tenants that are open, and for those opened later', async () => {
    for (const isOpenBefore of [true, false]) {
      const net = await tenants()
      const a = await net.open(A)
      const verifier = net.verifier({ issuer: anyTenant() })
      if (isOpenBefore) await verifier.verify(await a.mint())
      await verifier.close()
      expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
      await net.clock.advance(24 * HOUR)
      expect(net.requests, `opened ${isOpenBefore ? 'before' : 'after'} close`).toHaveLength(2)
    }
  })
})

describe('a tenant that recovers', () => {
  it('is served again after an outage, as a fixed issuer is', async () => {
    const net = await tenants()
    const a = await net.open(A)
    net.cut('a.example')
    const verifier = net.verifier({ issuer: anyTenant() })
    expect(await outcome(verifier.verify(await a.mint()))).toBe('KEYS_UNAVAILABLE')
    net.cut('a.example', false)
    await net.clock.advance(60)
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it('keeps verifying through an outage with the keys at hand', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: anyTenant() })
    await verifier.verify(await a.mint())
    net.cut('a.example')
    await net.clock.advance(30 * 60)
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    expect(verifier.status().issuers).toMatchObject([{ issuer: A, state: 'stale' }])
    await net.clock.advance(2 * HOUR)
    expect(await outcome(verifier.verify(await a.mint()))).toBe('KEYS_UNAVAILABLE')
  })
})
