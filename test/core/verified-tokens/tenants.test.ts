import { jwtIssuer, tenantIssuers, unsafeAnyNetwork } from '@tokenward/core'
import type { TenantIssuers } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { tenants } from '../tenants/tenants.ts'
import { pair } from './pair.ts'

const NAME = 'https://issuer.example'
const LASTING = { exp: 1_900_000_000 }

/** A tenant that is allowed, until `allow` says otherwise. */
function allowing(allow: (name: string) => boolean, resolve?: () => undefined): TenantIssuers {
  return tenantIssuers({ allow, network: unsafeAnyNetwork, resolve })
}

describe('a remembered token of a tenant', () => {
  verifies('RFC9068-4-c')('is refused once its issuer is allowed no more, and good once it is again', async () => {
    let isAllowed = true
    const { issuer, remember, verdict } = await pair({ issuer: allowing(() => isAllowed) })
    const token = await issuer.mint()
    await remember(token)

    isAllowed = false
    expect(await verdict(token)).toBe('ISSUER_UNTRUSTED')
    isAllowed = true
    expect(await verdict(token)).toBe('accepted')
  })

  it('asks allow each time', async () => {
    let asked = 0
    const { issuer, remember, verdict } = await pair({ issuer: allowing(() => ++asked > 0) })
    const token = await issuer.mint()
    await remember(token)
    const before = asked
    for (let request = 0; request < 5; request += 1) expect(await verdict(token)).toBe('accepted')

    expect(asked - before).toBe(10) // five times for each of the two verifiers
  })

  it.each([
    ['throws', () => JSON.parse('{')],
    ['returns undefined', () => undefined],
    ['returns a promise', async () => true],
  ])('is refused as a fault where allow %s', async (_, fault: () => unknown) => {
    let allow: () => unknown = () => true
    // a cast, as from a caller without types
    const { issuer, remember, verdict } = await pair({ issuer: allowing(() => allow() as boolean) })
    const token = await issuer.mint()
    await remember(token)

    allow = fault
    expect(await verdict(token)).toBe('POLICY_FAULT')
    allow = () => true
    expect(await verdict(token)).toBe('accepted')
  })

  it('has nobody asked for the keys of an issuer that is allowed no more', async () => {
    let isAllowed = true
    const { clock, issuer, remember, verdict, asked, jump } = await pair({ issuer: allowing(() => isAllowed) })
    const token = await issuer.mint(LASTING)
    await remember(token)
    const before = asked.length
    jump(9 * 60) // when a request has them refreshed behind it

    isAllowed = false
    expect(await verdict(token)).toBe('ISSUER_UNTRUSTED')
    await clock.advance(3600)
    expect(asked).toHaveLength(before)
  })

  it('is good through an issuer that made room for others and was opened again', async () => {
    const net = await tenants()
    const [a, b] = [await net.open('https://a.example'), await net.open('https://b.example')]
    const resolved: string[] = []
    const verifier = net.verifier({
      issuer: tenantIssuers({
        allow: () => true,
        network: unsafeAnyNetwork,
        mostOpen: 1,
        resolve: (name) => {
          resolved.push(name)
          return jwtIssuer({ issuer: name })
        },
      }),
    })
    for (const token of [await a.mint(LASTING), await b.mint(LASTING), await a.mint(LASTING)]) {
      for (let request = 0; request < 3; request += 1) {
        expect((await verifier.verify(token)).issuer).toMatch(/^https:\/\/[ab]\.example$/)
      }
    }

    expect(resolved).toEqual(['https://a.example', 'https://b.example', 'https://a.example'])
  })

  it('is refused where its issuer was opened again with another audience', async () => {
    const net = await tenants()
    const [a, b] = [await net.open('https://a.example'), await net.open('https://b.example')]
    let audience = 'https://api.example'
    const verifier = net.verifier({
      issuer: tenantIssuers({
        allow: () => true,
        network: unsafeAnyNetwork,
        mostOpen: 1,
        resolve: (name) => jwtIssuer({ issuer: name, audience }),
      }),
    })
    const token = await a.mint(LASTING)
    for (let request = 0; request < 3; request += 1) await verifier.verify(token)

    audience = 'https://other.example'
    const other = await b.mint({ ...LASTING, aud: audience })
    for (let request = 0; request < 3; request += 1) await verifier.verify(other)
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'AUDIENCE_MISMATCH' })
  })

  it('follows its issuer to tenants that come before and allow it now', async () => {
    let isFirst = false
    const first = tenantIssuers({
      allow: () => isFirst,
      network: unsafeAnyNetwork,
      resolve: (name) => jwtIssuer({ issuer: name, audience: 'https://other.example' }),
    })
    const { issuer, remember, verdict } = await pair({ issuer: [first, allowing(() => true)] })
    const token = await issuer.mint(LASTING)
    await remember(token)

    isFirst = true
    expect(await verdict(token)).toBe('AUDIENCE_MISMATCH')
    isFirst = false
    expect(await verdict(token)).toBe('accepted')
  })

  it('keeps to its issuer where a fixed one stands beside', async () => {
    let isAllowed = true
    const { issuer, remember, verdict } = await pair({
      issuer: ['https://fixed.example', allowing((name) => isAllowed && name === NAME)],
    })
    const token = await issuer.mint()
    await remember(token)
    isAllowed = false

    expect(await verdict(token)).toBe('ISSUER_UNTRUSTED')
  })
})

describe('a remembered token of a fixed issuer', () => {
  it('is no question for tenants beside it', async () => {
    const never = allowing(() => JSON.parse('{'))
    const { issuer, remember, verdict, whole } = await pair({ issuer: [NAME, never] })
    const token = await issuer.mint()
    await remember(token)
    const before = whole()

    expect(await verdict(token)).toBe('accepted')
    expect(whole()).toBe(before)
  })
})
