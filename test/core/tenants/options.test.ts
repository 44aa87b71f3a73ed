import type { GuardedFetch, TenantIssuersOptions } from '@tokenward/core'
import { createVerifier, tenantIssuers, unsafeAnyNetwork } from '@tokenward/core'
import { guardedFetch } from '@tokenward/core/node'
import { describe, expect, it } from 'vitest'
import { outcome } from '../scene.ts'
import { tenants } from './tenants.ts'

/** Options that a caller without types might give. */
const untyped = (options: unknown) => options as TenantIssuersOptions
const allow = (): boolean => true

describe('tenantIssuers refuses at construction', () => {
  it.each<[string, unknown, RegExp]>([
    ['no options', undefined, /options must be an object/],
    ['no allow', { network: unsafeAnyNetwork }, /allow must be a list/],
    ['an empty list', { allow: [] }, /allow must not be an empty list/],
    ['a list with something else in it', { allow: ['https://a.example', 1] }, /allow must be an absolute URL/],
    ['a list with http in it', { allow: ['http://a.example'] }, /allow must be an https URL/],
    [
      'a list with loopback http in it, which only a resolver can permit',
      { allow: ['http://127.0.0.1'] },
      /allow must /,
    ],
    ['a list with a query in it', { allow: ['https://a.example?x'] }, /allow must have no query/],
    ['a list given as text', { allow: 'https://a.example' }, /allow must be a list/],
    ['a pattern', { allow: /example/, network: unsafeAnyNetwork }, /allow must be a list/],
    ['a function without network', { allow }, /network is required/],
    ['a function with network undefined', { allow, network: undefined }, /network is required/],
    ['a plain fetch as network', { allow, network: globalThis.fetch }, /network must be guardedFetch/],
    ['true as network', { allow, network: true }, /network must be guardedFetch/],
    ['null as network', { allow, network: null }, /network must be guardedFetch/],
    ['no hosts', { allow, network: [] }, /network must be guardedFetch/],
    ['another symbol', { allow, network: Symbol('unsafeAnyNetwork') }, /network must be guardedFetch/],
    ['a URL among the hosts', { allow, network: ['https://a.example'] }, /network must be guardedFetch/],
    ['a user among the hosts', { allow, network: ['x@a.example'] }, /network must be guardedFetch/],
    ['a host that no URL has', { allow, network: ['a b'] }, /network must be guardedFetch/],
    [
      'a host in letters that a URL spells otherwise',
      { allow, network: ['bücher.example'] },
      /network must be guardedFetch/,
    ],
    ['the usual port', { allow, network: ['a.example:443'] }, /network must be guardedFetch/],
    ['a path among the hosts', { allow, network: ['a.example/x'] }, /network must be guardedFetch/],
    ['an empty host', { allow, network: [''] }, /network must be guardedFetch/],
    ['a resolver that is none', { allow: ['https://a.example'], resolve: {} }, /resolve must be a function/],
    ['mostOpen of zero', { allow: ['https://a.example'], mostOpen: 0 }, /mostOpen must be a positive whole number/],
    ['half an issuer', { allow: ['https://a.example'], mostOpen: 1.5 }, /mostOpen must be a positive whole number/],
    ['endless issuers', { allow: ['https://a.example'], mostOpen: Infinity }, /mostOpen must be a positive whole/],
    ['a misspelt option', { allow: ['https://a.example'], mostopen: 1 }, /unknown option "mostopen"/],
  ])('%s', (_, options, problem) => {
    const make = (): unknown => tenantIssuers(untyped(options))
    expect(make).toThrow(TypeError)
    expect(make).toThrow(/^tenantIssuers: /)
    expect(make).toThrow(problem)
  })

  it('names everything that is wrong at once', () => {
    expect(() => tenantIssuers(untyped({ allow: [], network: 1, resolve: 1, mostOpen: -1 }))).toThrow(
      /allow .*network .*resolve .*mostOpen /,
    )
  })

  it('does not compile where a function chooses and nothing limits the network', () => {
    // @ts-expect-error -- network is required
    expect(() => tenantIssuers({ allow })).toThrow(TypeError)
    // @ts-expect-error -- a plain fetch judges no addresses
    expect(() => tenantIssuers({ allow, network: globalThis.fetch })).toThrow(TypeError)
    // @ts-expect-error -- a predicate answers now, not later
    const later: TenantIssuersOptions = { allow: async () => true, network: unsafeAnyNetwork }
    // @ts-expect-error -- only guardedFetch bears the mark
    const forged: GuardedFetch = globalThis.fetch
    expect([later, forged]).toHaveLength(2)
  })

  it('compiles and is made where the network is limited, or the names are', () => {
    const made = [
      tenantIssuers({ allow, network: guardedFetch() }),
      tenantIssuers({ allow, network: ['a.example', 'b.example:8443'] }),
      tenantIssuers({ allow, network: unsafeAnyNetwork }),
      tenantIssuers({ allow: ['https://a.example'] }),
      tenantIssuers({ allow: ['https://a.example'], network: guardedFetch(), resolve: async () => undefined }),
    ]
    expect(made).toHaveLength(5)
  })

  it('a verifier of tenants needs an audience: what a resolver will bring is not known', () => {
    const issuer = tenantIssuers({ allow: ['https://a.example'] })
    // @ts-expect-error -- audience is required
    expect(() => createVerifier({ issuer })).toThrow(/audience is required/)
  })
})

describe('options that change after construction change nothing', () => {
  it('a name added to the list is not allowed', async () => {
    const net = await tenants()
    const [a, b] = [await net.open('https://a.example'), await net.open('https://b.example')]
    const names = [a.issuer]
    const verifier = net.verifier({ issuer: tenantIssuers({ allow: names }) })
    names.push(b.issuer)

    expect(await outcome(verifier.verify(await b.mint()))).toBe('ISSUER_UNTRUSTED')
    expect(net.requests).toEqual([])
  })

  it('a host added to the list is not contacted', async () => {
    const net = await tenants()
    const b = await net.open('https://b.example')
    const hosts = ['a.example']
    const verifier = net.verifier({ issuer: tenantIssuers({ allow, network: hosts }) })
    hosts.push('b.example')

    expect(await outcome(verifier.verify(await b.mint()))).toBe('KEYS_UNAVAILABLE')
    expect(net.requests).toEqual([])
  })
})
