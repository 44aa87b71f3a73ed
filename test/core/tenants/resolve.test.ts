import type { Issuer } from '@tokenward/core'
import { jwtIssuer, remoteKeys, staticKeys } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { gate } from '../../support/answers.ts'
import { outcome, refusalOf } from '../scene.ts'
import { anyTenant, tenants } from './tenants.ts'

const A = 'https://a.example'
const B = 'https://b.example'

/** A resolver that a caller without types might give. */
const untyped = (resolve: (name: string) => unknown) => resolve as (name: string) => Issuer

describe('resolve', () => {
  it.each<[string, (name: string) => Issuer | Promise<Issuer>]>([
    ['at once', (issuer) => jwtIssuer({ issuer })],
    ['later', async (issuer) => jwtIssuer({ issuer })],
  ])('may answer %s', async (_, resolve) => {
    const net = await tenants()
    const a = await net.open(A)
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it.each<[string, () => undefined | Promise<undefined>]>([
    ['at once', () => undefined],
    ['later', async () => undefined],
  ])(
    'that knows no such tenant, %s: the issuer is untrusted, and is asked about again half a minute later',
    async (_, nobody) => {
      const net = await tenants()
      const a = await net.open(A)
      let asked = 0
      let isKnown = false
      const resolve = (issuer: string) => {
        asked += 1
        return isKnown ? jwtIssuer({ issuer }) : nobody()
      }
      const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
      for (let n = 0; n < 20; n += 1) {
        expect(await outcome(verifier.verify(await a.mint()))).toBe('ISSUER_UNTRUSTED')
      }
      expect(asked).toBe(1)
      expect(net.requests).toEqual([])
      expect(verifier.status().issuers).toEqual([])

      isKnown = true
      await net.clock.advance(30)
      expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
      expect(asked).toBe(2)
    },
  )

  it('that knows many names not at all stays usable for those it knows', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const resolve = (issuer: string) => (issuer === A ? jwtIssuer({ issuer }) : undefined)
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    for (let n = 0; n < 1500; n += 1) {
      await outcome(verifier.verify(await a.mint({ iss: `https://nobody-${n}.example` })))
    }
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it.each<[string, (reason: Error) => never | Promise<never>]>([
    [
      'throws',
      (reason) => {
        throw reason
      },
    ],
    ['rejects', async (reason) => Promise.reject(reason)],
  ])(
    'that %s is an outage of ours, not a bad token, with the cause in the event; the next token asks anew',
    async (_, fail) => {
      const net = await tenants()
      const a = await net.open(A)
      const reason = new Error('database down')
      let isDown = true
      const resolve = (issuer: string) => (isDown ? fail(reason) : jwtIssuer({ issuer }))
      const verifier = net.verifier({ issuer: anyTenant({ resolve }) })

      const refusal = await refusalOf(verifier.verify(await a.mint()))
      expect(refusal.status).toBe(503)
      expect(net.events).toMatchObject([{ type: 'refused', code: refusal.code, cause: reason }])
      expect(net.requests).toEqual([])
      isDown = false
      expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    },
  )

  it('that answers another issuer is a fault, and that issuer is never opened', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const verifier = net.verifier({ issuer: anyTenant({ resolve: () => jwtIssuer({ issuer: B }) }) })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('POLICY_FAULT')
    expect(await outcome(verifier.verify(await b.mint({ iss: A })))).toBe('POLICY_FAULT')
    expect(net.requests).toEqual([])
    expect(verifier.status().issuers).toEqual([])
    expect(await outcome(verifier.verify(await b.mint()))).toBe('accepted')
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['the name', A],
    ['true', true],
    ['an empty object', {}],
    ['half an issuer', { issuer: A, hasAudience: false }],
    ['tenants again', anyTenant()],
    ['an array', [jwtIssuer({ issuer: A })]],
  ])('that answers %s accepts nothing and says so', async (_, answer) => {
    for (const resolve of [untyped(() => answer), untyped(async () => answer)]) {
      const net = await tenants()
      const a = await net.open(A)
      const verifier = net.verifier({ issuer: anyTenant({ resolve }) })

      const refusal = await refusalOf(verifier.verify(await a.mint()))
      expect(refusal.status).toBeGreaterThanOrEqual(500)
      expect(net.events.filter(({ type }) => type === 'refused')).toMatchObject([{ code: refusal.code }])
      expect(net.requests).toEqual([])
    }
  })

  it('is asked once, and the keys are fetched once, for 200 requests at a time', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const answered = gate()
    let asked = 0
    const resolve = async (issuer: string) => {
      asked += 1
      await answered.opened
      return jwtIssuer({ issuer })
    }
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    const tokens = await Promise.all(Array.from({ length: 200 }, async () => a.mint()))
    const outcomes = Promise.all(tokens.map(async (token) => outcome(verifier.verify(token))))
    answered.open()

    expect(new Set(await outcomes)).toEqual(new Set(['accepted']))
    expect(asked).toBe(1)
    expect(net.requests).toHaveLength(2)
  })

  it('is asked once for 200 requests at a time when it fails, and all of them hear so', async () => {
    const net = await tenants()
    const a = await net.open(A)
    let asked = 0
    const resolve = async () => {
      asked += 1
      await Promise.resolve()
      throw new Error('database down')
    }
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    const token = await a.mint()
    const outcomes = await Promise.all(Array.from({ length: 200 }, async () => outcome(verifier.verify(token))))

    expect(new Set(outcomes)).toEqual(new Set(['KEYS_UNAVAILABLE']))
    expect(asked).toBe(1)
  })

  it('that is slow for one tenant holds up no other', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const answered = gate()
    const resolve = async (issuer: string) => {
      if (issuer === A) await answered.opened
      return jwtIssuer({ issuer })
    }
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    const slow = outcome(verifier.verify(await a.mint()))

    expect(await outcome(verifier.verify(await b.mint()))).toBe('accepted')
    answered.open()
    expect(await slow).toBe('accepted')
  })

  it('that never answers is given up: the request gets its 503, and a later one is resolved anew', async () => {
    const net = await tenants()
    const a = await net.open(A)
    let asked = 0
    const resolve = async (issuer: string) => {
      asked += 1
      if (asked === 1) await new Promise<never>(() => {}) // what a runtime leaves of a request that was cancelled
      return jwtIssuer({ issuer })
    }
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    let first = 'still waiting'
    void outcome(verifier.verify(await a.mint())).then((settled) => (first = settled))
    await net.clock.advance(60)
    expect(first).not.toBe('still waiting')
    let second = 'still waiting'
    void outcome(verifier.verify(await a.mint())).then((settled) => (second = settled))
    await net.clock.advance(1)
    expect(second).toBe('accepted')
  })

  it('that never answers for many names holds up no other for good', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const resolve = async (issuer: string) => (issuer === A ? jwtIssuer({ issuer }) : new Promise<never>(() => {}))
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    const flood = Array.from({ length: 200 }, async (_, n) =>
      outcome(verifier.verify(await a.mint({ iss: `https://slow-${n}.example` }))),
    )
    await net.clock.advance(60)
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['KEYS_UNAVAILABLE']))
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it('gives a tenant its own audience, algorithms and source of keys', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const edwards = await b.addKey('Ed25519')
    const resolve = (issuer: string) =>
      issuer === A
        ? jwtIssuer({ issuer })
        : jwtIssuer({ issuer, audience: 'urn:b', algorithms: ['Ed25519'], keys: remoteKeys(`${B}/jwks`) })
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })
    const verdictOn = async (token: Promise<string>) => outcome(verifier.verify(await token))

    expect(await verdictOn(a.mint())).toBe('accepted')
    expect(await verdictOn(a.mint({ aud: 'urn:b' }))).toBe('AUDIENCE_MISMATCH')
    expect(await verdictOn(b.mint({ aud: 'urn:b' }, { key: edwards }))).toBe('accepted')
    expect(await verdictOn(b.mint({}, { key: edwards }))).toBe('AUDIENCE_MISMATCH')
    expect(await verdictOn(b.mint({ aud: 'urn:b' }))).toBe('ALGORITHM_REJECTED')
    expect(net.requests.filter((url) => url.startsWith(B))).toEqual([`${B}/jwks`])
  })

  it('may bring keys that need no network', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const resolve = (issuer: string) => jwtIssuer({ issuer, keys: staticKeys(a.jwks()) })
    const verifier = net.verifier({ issuer: anyTenant({ resolve }) })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    expect(net.requests).toEqual([])
  })

  it('is what permits http on a loopback host: without it such a name is never contacted', async () => {
    const net = await tenants()
    const name = 'http://localhost:4000'
    const local = await net.open(name)
    const strict = net.verifier({ issuer: anyTenant() })
    const lax = net.verifier({
      issuer: anyTenant({ resolve: (issuer) => jwtIssuer({ issuer, allowLoopbackHttp: true }) }),
    })

    expect(await outcome(strict.verify(await local.mint()))).not.toBe('accepted')
    expect(net.requests).toEqual([])
    expect(await outcome(lax.verify(await local.mint()))).toBe('accepted')
  })
})
