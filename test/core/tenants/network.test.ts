import { createResourceServer, jwtIssuer, remoteKeys, tenantIssuers, unsafeAnyNetwork } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome, refusalOf, requestWith } from '../scene.ts'
import { tenants } from './tenants.ts'

const A = 'https://a.example'
const allow = (): boolean => true

describe('a list of hosts', () => {
  it('lets its hosts be contacted', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network: ['a.example'] }) })
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it.each([
    'https://b.example',
    'https://a.example.b.example',
    'https://sub.a.example',
    'https://evil-a.example',
    'https://a.example.',
    'https://a.exampl',
    'https://a-example',
  ])('refuses %s without a request: 503, and the reason in an event', async (name) => {
    const net = await tenants()
    const other = await net.open(name)
    const server = createResourceServer({
      issuer: tenantIssuers({ allow, network: ['a.example'] }),
      audience: AUDIENCE,
      system: net.system,
      onEvent: (event) => void net.events.push(event),
      anonymous: 'refuse',
    })

    const decision = await server.authenticate(requestWith(`Bearer ${await other.mint()}`))
    expect(decision).toMatchObject({ granted: false, status: 503, error: { code: 'KEYS_UNAVAILABLE' } })
    expect(net.requests).toEqual([])
    expect(net.events).toContainEqual(
      expect.objectContaining({ type: 'keys-refresh-failed', issuer: name, reason: 'address-refused' }),
    )
  })

  it('refuses a jwks_uri elsewhere: the metadata is read, the keys are not', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const elsewhere = await net.open('https://internal.example')
    const system = {
      ...net.system,
      fetch: async (url: string, init: RequestInit) => {
        const answer = await net.system.fetch(url, init)
        if (!url.includes('.well-known')) return answer
        return Response.json({ issuer: A, jwks_uri: `${elsewhere.issuer}/jwks` })
      },
    }
    const network = ['a.example']
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network }), system })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('KEYS_UNAVAILABLE')
    expect(net.requests).toEqual([`${A}/.well-known/openid-configuration`])
    expect(net.events).toContainEqual(expect.objectContaining({ reason: 'address-refused' }))

    const unlimited = net.verifier({ issuer: tenantIssuers({ allow, network: unsafeAnyNetwork }), system })
    await outcome(unlimited.verify(await a.mint()))
    expect(net.asked('internal.example')).toBe(1)
  })

  it.each([
    ['keys', (issuer: string) => jwtIssuer({ issuer, keys: remoteKeys('https://internal.example/jwks') })],
    [
      'metadataUrl',
      (issuer: string) =>
        jwtIssuer({ issuer, metadataUrl: 'https://internal.example/.well-known/openid-configuration' }),
    ],
  ])('limits what the resolver names in %s', async (_, resolve) => {
    const net = await tenants()
    const a = await net.open(A)
    await net.open('https://internal.example')
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network: ['a.example'], resolve }) })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('KEYS_UNAVAILABLE')
    expect(net.requests).toEqual([])
    expect(net.events).toContainEqual(expect.objectContaining({ reason: 'address-refused' }))
  })

  it('limits the tenants of a fixed list too, where both are given', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: tenantIssuers({ allow: [A], network: ['b.example'] }) })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('KEYS_UNAVAILABLE')
    expect(net.requests).toEqual([])
  })

  it('with a port means that port', async () => {
    const net = await tenants()
    const [usual, other] = [await net.open(A), await net.open(`${A}:8443`)]
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network: ['a.example:8443'] }) })

    expect(await outcome(verifier.verify(await other.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await usual.mint()))).toBe('KEYS_UNAVAILABLE')
    expect(net.asked('a.example')).toBe(0)
  })

  it('means its hosts in whatever case', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network: ['A.Example'] }) })
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it('limits the tenants and nobody else of the same verifier', async () => {
    const net = await tenants()
    const fixed = await net.open('https://fixed.example')
    const verifier = net.verifier({ issuer: [fixed.issuer, tenantIssuers({ allow, network: ['a.example'] })] })
    expect(await outcome(verifier.verify(await fixed.mint()))).toBe('accepted')
  })

  it('refuses for good: the refusal is the same while the tenant has no keys', async () => {
    const net = await tenants()
    const b = await net.open('https://b.example')
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network: ['a.example'] }) })
    for (let minute = 0; minute < 5; minute += 1) {
      const refusal = await refusalOf(verifier.verify(await b.mint()))
      expect(refusal.code).toBe('KEYS_UNAVAILABLE')
      expect(refusal.retryAfterSeconds).toBeGreaterThanOrEqual(1)
      await net.clock.advance(60)
    }
    expect(net.requests).toEqual([])
  })
})

describe('many tenants at a time', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `https://t${n}.example`)

  /** A network on which the hosts t0, t1, … say nothing, and whether anybody asks them to stop they do not hear. */
  async function silent() {
    const net = await tenants()
    const a = await net.open(A)
    const fetch = async (url: string, init: RequestInit) => {
      const answer = net.system.fetch(url, init)
      return new URL(url).host === 'a.example' ? answer : answer.catch(() => new Promise<never>(() => {}))
    }
    const issuer = tenantIssuers({ allow, network: unsafeAnyNetwork, mostOpen: 1000 })
    const verifier = net.verifier({ issuer, system: { ...net.system, fetch } })
    const flood = async (count: number) =>
      Promise.all(names(count).map(async (iss) => outcome(verifier.verify(await a.mint({ iss })))))
    return { net, a, verifier, flood }
  }

  it('have no more than 64 fetches under way', async () => {
    const { net, flood } = await silent()
    const outcomes = flood(300)
    await net.clock.advance(1)
    expect(net.requests).toHaveLength(64)
    await net.clock.advance(60)
    expect(new Set(await outcomes)).toEqual(new Set(['KEYS_UNAVAILABLE']))
  })

  it('that say nothing do not keep a tenant whose keys were seen from refreshing them', async () => {
    const { net, a, verifier, flood } = await silent()
    await verifier.verify(await a.mint())
    await verifier.verify(await a.mint())
    await net.clock.advance(20 * 60)
    const outcomes = flood(64)
    await net.clock.advance(1) // all of them are under way
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    const status = verifier.status().issuers.find(({ issuer }) => issuer === A)
    expect(status).toMatchObject({ state: 'fresh', secondsSinceSuccess: 0, lastError: undefined })
    await net.clock.advance(60)
    await outcomes
  })

  it('that never settle hold up nobody for good', async () => {
    const { net, a, verifier, flood } = await silent()
    const outcomes = flood(64)
    await net.clock.advance(60)
    await outcomes
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })
})
