import { jwtIssuer, staticKeys, tenantIssuers, unsafeAnyNetwork } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { outcome, refusalOf } from '../scene.ts'
import { anyTenant, tenants } from './tenants.ts'

const A = 'https://a.example'
const B = 'https://b.example'

/** A function that a caller without types might give. */
const untyped = (allow: (name: string) => unknown) => allow as (name: string) => boolean

/** What `await` takes for a promise and is none. */
function thenable(then: (resolve: unknown, reject: (reason: unknown) => void) => void): object {
  return Object.fromEntries(new Map([['then', then]]))
}

describe('allow', () => {
  it('is asked for every token, with exactly its iss, before the resolver and the network', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const order: string[] = []
    const verifier = net.verifier({
      issuer: anyTenant({
        allow: (name) => {
          order.push(`allow ${name} after ${net.requests.length} requests`)
          return true
        },
        resolve: (name) => {
          order.push(`resolve ${name} after ${net.requests.length} requests`)
          return jwtIssuer({ issuer: name })
        },
      }),
    })
    await verifier.verify(await a.mint())
    await verifier.verify(await a.mint())
    await verifier.verify(await a.mint())

    expect(order).toEqual([
      `allow ${A} after 0 requests`,
      `resolve ${A} after 0 requests`,
      `allow ${A} after 2 requests`,
      `allow ${A} after 2 requests`,
    ])
  })

  it.each([
    'https://c.example',
    `${A}/`,
    `${A}.evil.example`,
    'https://A.example',
    'https://a.exampl',
    'a.example',
    '',
  ])('refuses %j, which the list does not have, without asking anybody anything', async (name) => {
    const net = await tenants()
    const a = await net.open(A)
    await net.open('https://c.example')
    const resolved: string[] = []
    const resolve = (wanted: string) => {
      resolved.push(wanted)
      return jwtIssuer({ issuer: wanted })
    }
    const verifier = net.verifier({
      issuer: tenantIssuers({ allow: [A, B], network: unsafeAnyNetwork, resolve }),
    })

    expect(await outcome(verifier.verify(await a.mint({ iss: name })))).toBe('ISSUER_UNTRUSTED')
    expect(resolved).toEqual([])
    expect(net.requests).toEqual([])
  })

  it('refuses whatever the predicate refuses, without asking anybody anything', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const resolved: string[] = []
    const resolve = (wanted: string) => {
      resolved.push(wanted)
      return jwtIssuer({ issuer: wanted })
    }
    const verifier = net.verifier({ issuer: anyTenant({ allow: (name) => name === A, resolve }) })

    for (let n = 0; n < 20; n += 1) {
      expect(await outcome(verifier.verify(await b.mint()))).toBe('ISSUER_UNTRUSTED')
    }
    expect(resolved).toEqual([])
    expect(net.requests).toEqual([])
    expect(verifier.status().issuers).toEqual([])
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })

  it.each([[1], [[A]], [{ toString: () => A }], [null], [true], [undefined]])(
    'is not asked about an iss that is no string: %j',
    async (iss) => {
      const net = await tenants()
      const a = await net.open(A)
      const asked: unknown[] = []
      const allow = (name: unknown) => {
        asked.push(name)
        return true
      }
      const verifier = net.verifier({ issuer: anyTenant({ allow }) })

      expect(await outcome(verifier.verify(await a.mint({ iss })))).toBe('ISSUER_UNTRUSTED')
      expect(asked).toEqual([])
      expect(net.requests).toEqual([])
    },
  )

  it('takes a name back at once, keys at hand or not, and gives it back as fast', async () => {
    const net = await tenants()
    const a = await net.open(A)
    let isAllowed = true
    const verifier = net.verifier({ issuer: anyTenant({ allow: () => isAllowed }) })
    const token = await a.mint()
    await verifier.verify(token)
    await verifier.verify(token)

    isAllowed = false
    expect(await outcome(verifier.verify(token))).toBe('ISSUER_UNTRUSTED')
    isAllowed = true
    expect(await outcome(verifier.verify(token))).toBe('accepted')
  })

  it('is asked again although the first answer for that name is still on its way', async () => {
    const net = await tenants()
    const a = await net.open(A)
    let isAllowed = true
    let answerResolver = (): void => {}
    const asked = new Promise<void>((resolve) => {
      answerResolver = resolve
    })
    const resolve = async (name: string) => {
      await asked
      return jwtIssuer({ issuer: name })
    }
    const verifier = net.verifier({ issuer: anyTenant({ allow: () => isAllowed, resolve }) })
    const first = outcome(verifier.verify(await a.mint()))
    isAllowed = false
    const second = outcome(verifier.verify(await a.mint()))

    expect(await second).toBe('ISSUER_UNTRUSTED')
    answerResolver()
    await first
  })
})

describe('a predicate that does not answer true or false', () => {
  const unhandled: unknown[] = []
  const hear = (reason: unknown): void => void unhandled.push(reason)

  it.each([
    [
      'throws',
      () => {
        throw new Error('database down')
      },
    ],
    [
      'throws nothing',
      () => {
        throw undefined
      },
    ],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['returns 1', () => 1],
    ['returns "true"', () => 'true'],
    ['returns a Boolean object', () => Object(true)],
    ['returns an object', () => ({ allowed: true })],
    ['returns the name', (name: string) => name],
    ['returns a promise of true', async () => true],
    [
      'returns a promise that rejects',
      async () => {
        throw new Error('database down')
      },
    ],
    ['returns a thenable that rejects', () => thenable((_, reject) => reject(1))],
    [
      'returns a thenable that throws',
      () =>
        thenable(() => {
          throw new Error('thenable')
        }),
    ],
  ])('%s: refused as the fault of the API, reported, and nothing is asked for', async (_, allow) => {
    process.on('unhandledRejection', hear)
    try {
      const net = await tenants()
      const a = await net.open(A)
      const verifier = net.verifier({ issuer: anyTenant({ allow: untyped(allow) }) })

      const refusal = await refusalOf(verifier.verify(await a.mint()))
      expect(refusal.status).toBeGreaterThanOrEqual(500)
      expect(net.events).toMatchObject([{ type: 'refused', code: refusal.code, message: refusal.message }])
      expect(net.requests).toEqual([])
      await net.clock.advance(1)
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', hear)
    }
  })

  it('is asked anew for the next token', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const answers = [() => undefined, async () => Promise.reject(new Error('database down')), () => true]
    const verifier = net.verifier({ issuer: anyTenant({ allow: untyped(() => answers.shift()?.()) }) })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('POLICY_FAULT')
    expect(await outcome(verifier.verify(await a.mint()))).toBe('POLICY_FAULT')
    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
  })
})

describe('beside other issuers', () => {
  it('a fixed issuer is never a question for allow', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const asked: string[] = []
    const allow = (name: string) => {
      asked.push(name)
      return true
    }
    const fixed = jwtIssuer({ issuer: A, keys: staticKeys(a.jwks()) })
    const verifier = net.verifier({ issuer: [fixed, anyTenant({ allow })] })

    expect(await outcome(verifier.verify(await a.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await b.mint()))).toBe('accepted')
    expect(asked).toEqual([B])
  })

  it('the first tenants that know a name answer for it; a fault among them ends the search', async () => {
    const net = await tenants()
    const [a, b] = [await net.open(A), await net.open(B)]
    const first = anyTenant({ allow: (name) => name === A })
    const second = anyTenant({ allow: (name) => name === B })
    const broken = anyTenant({ allow: untyped(() => undefined) })

    const both = net.verifier({ issuer: [first, second] })
    expect(await outcome(both.verify(await a.mint()))).toBe('accepted')
    expect(await outcome(both.verify(await b.mint()))).toBe('accepted')
    const faulty = net.verifier({ issuer: [broken, second] })
    expect(await outcome(faulty.verify(await b.mint()))).toBe('POLICY_FAULT')
  })

  it('one list of tenants in two verifiers shares nothing but the list', async () => {
    const net = await tenants()
    const a = await net.open(A)
    const issuer = anyTenant()
    const [one, other] = [net.verifier({ issuer }), net.verifier({ issuer })]
    await one.verify(await a.mint())

    expect(one.status().issuers).toHaveLength(1)
    expect(other.status().issuers).toHaveLength(0)
  })
})
