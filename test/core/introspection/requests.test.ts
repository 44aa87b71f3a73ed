import { clientSecretPost, introspectedIssuer, unsafeNoClientAuthentication } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, requestWith } from '../scene.ts'
import { active, endpoint, ENDPOINT, held, ISSUER, json } from './endpoint.ts'

const METADATA = 'https://issuer.example/.well-known/openid-configuration'
const only = <T>(list: readonly T[]): T => {
  const [first] = list
  if (first === undefined || list.length !== 1) throw new Error(`expected one, got ${list.length}`)
  return first
}

describe('the request', () => {
  verifies('RFC7662-2.1-a')('is a POST of form parameters with nothing in the URL', async () => {
    const server = endpoint()
    await server.verifier().verify('opaque')

    const { method, url, headers } = only(server.asked)
    expect(method).toBe('POST')
    expect(url).toBe(ENDPOINT)
    expect(headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded(?:;charset=UTF-8)?$/i)
    expect(headers.get('accept')).toBe('application/json')
  })

  verifies('RFC7662-2.1-a', 'RFC7662-2.1-b')('carries the token octet for octet, whatever is in it', async () => {
    const server = endpoint()
    const verifier = server.verifier()
    for (const token of ['a+b/c=', 'a~b-c_d.e', '+', 'a%20b&token=other', 'x'.repeat(16_384)]) {
      await verifier.verify(token)
      const { parameters, body } = server.asked.at(-1) ?? only([])
      expect(parameters.getAll('token')).toEqual([token])
      expect(body).not.toMatch(/[+/~]/) // what a form decoder could take for something else is encoded
    }
  })

  verifies('RFC7662-2.1-c')('names the kind of token, unless told not to', async () => {
    const server = endpoint()
    await server.verifier().verify('one')
    await server.verifier({ tokenTypeHint: false }).verify('two')

    expect(server.asked.map(({ parameters }) => parameters.getAll('token_type_hint'))).toEqual([['access_token'], []])
  })

  it('carries more parameters where the server wants them', async () => {
    const server = endpoint()
    await server.verifier({ parameters: { resource: 'https://a.example/?b=c&d' } }).verify('opaque')

    expect(only(server.asked).parameters.getAll('resource')).toEqual(['https://a.example/?b=c&d'])
  })

  it.each(['token', 'token_type_hint', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])(
    'cannot be given the parameter %s, which is its own',
    (name) => {
      expect(() => endpoint().issuer({ parameters: { [name]: 'x' } })).toThrow(/parameters must be/)
    },
  )

  it('carries nothing of the request that brought the token', async () => {
    const server = endpoint()
    const decision = await server.serving().authenticate({
      ...requestWith('Bearer opaque'),
      headerValues: (name) => (name === 'authorization' ? ['Bearer opaque'] : ['from the client']),
    })

    expect(decision.granted).toBe(true)
    const { headers, body } = only(server.asked)
    expect([...headers].flat().join()).not.toContain('from the client')
    expect(headers.get('dpop')).toBeNull()
    expect([...headers].flat().join()).not.toContain('opaque')
    expect(body).toContain('token=opaque')
  })
})

describe('the endpoint', () => {
  const metadata = { issuer: ISSUER, introspection_endpoint: 'https://issuer.example/elsewhere' }

  it('comes from the metadata of the issuer, which is read once', async () => {
    const server = endpoint()
    server.publish(() => json(metadata))
    const verifier = server.verifier({ endpoint: undefined })
    await verifier.verify('one')
    await verifier.verify('two')

    expect(server.fetched).toEqual([METADATA])
    expect(server.asked.map(({ url }) => url)).toEqual([
      'https://issuer.example/elsewhere',
      'https://issuer.example/elsewhere',
    ])
  })

  it('is found in the metadata of RFC 8414 too', async () => {
    const server = endpoint()
    const oauth = 'https://issuer.example/.well-known/oauth-authorization-server'
    server.publish(({ url }) => (url === oauth ? json(metadata) : json({}, 404)))
    await server.verifier({ endpoint: undefined }).verify('one')

    expect(server.fetched).toEqual([METADATA, oauth])
    expect(server.asked).toHaveLength(1)
  })

  it('is looked up once for tokens that come at the same time', async () => {
    const server = endpoint()
    const { promise, release } = held<Response>()
    server.publish(async () => (await promise).clone())
    const verifier = server.verifier({ endpoint: undefined })
    const all = Promise.all(Array.from({ length: 20 }, (_, index) => verifier.verify(`token-${index}`)))
    await server.clock.advance(0.1)
    release(json(metadata))
    await all

    expect(server.asked).toHaveLength(20)
    expect(server.fetched).toEqual([METADATA])
  })

  it('costs nothing to look up where it is given', async () => {
    const server = endpoint()
    await server.verifier().verify('one')

    expect(server.fetched).toEqual([])
  })

  it.each([
    ['of another issuer', { ...metadata, issuer: 'https://other.example' }, 'issuer-mismatch'],
    ['without the endpoint', { issuer: ISSUER }, 'metadata-invalid'],
    [
      'with a plain http endpoint',
      { ...metadata, introspection_endpoint: 'http://issuer.example/x' },
      'metadata-invalid',
    ],
    ['with an endpoint that is no URL', { ...metadata, introspection_endpoint: 7 }, 'metadata-invalid'],
  ])('is not taken from metadata %s: no token leaves', async (_, document, reason) => {
    const server = endpoint()
    server.publish(() => json(document))

    expect(await outcome(server.verifier({ endpoint: undefined }).verify('opaque'))).toBe('INTROSPECTION_UNAVAILABLE')
    expect(server.asked).toEqual([])
    expect(server.events[0]).toMatchObject({ type: 'introspection-failed', issuer: ISSUER, reason })
  })

  verifies('RFC7662-4-a')('is https, or http on a loopback host where that was asked for', () => {
    const { issuer } = endpoint()

    expect(() => issuer({ endpoint: 'http://issuer.example/introspect' })).toThrow(/endpoint must be an https URL/)
    expect(() => issuer({ endpoint: 'http://127.0.0.1/introspect' })).toThrow(/endpoint must be an https URL/)
    expect(() => issuer({ endpoint: 'http://10.0.0.1/', allowLoopbackHttp: true })).toThrow(/endpoint must be/)
    expect(() => issuer({ endpoint: 'https://user:pass@issuer.example/' })).toThrow(/must not hold credentials/)
    expect(issuer({ endpoint: 'http://127.0.0.1/introspect', allowLoopbackHttp: true }).issuer).toBe(ISSUER)
  })
})

describe('the API', () => {
  verifies('RFC7662-2.1-d')('has to authenticate: without a method there is no issuer', () => {
    const without = { issuer: ISSUER, endpoint: ENDPOINT }

    expect(() => Reflect.apply(introspectedIssuer, undefined, [without])).toThrow(/clientAuthentication is required/)
    for (const clientAuthentication of [null, 'api:secret', { clientId: 'api' }, {}, () => {}]) {
      const options = { ...without, clientAuthentication }
      expect(() => Reflect.apply(introspectedIssuer, undefined, [options])).toThrow(TypeError)
    }
  })

  verifies('RFC7662-2.1-d')('goes without only by a function that says so', async () => {
    const server = endpoint()
    await server.verifier({ clientAuthentication: unsafeNoClientAuthentication('api') }).verify('opaque')

    const { headers, parameters } = only(server.asked)
    expect(headers.has('authorization')).toBe(false)
    expect(parameters.get('client_id')).toBe('api')
    expect([...parameters.keys()].toSorted()).toEqual(['client_id', 'token', 'token_type_hint'])
  })

  verifies('RFC6749-2.3.1-b')('keeps its credentials out of the URL', async () => {
    const server = endpoint()
    await server.verifier({ clientAuthentication: clientSecretPost('api', 'p%&+ é') }).verify('opaque')

    const { url, headers, parameters } = only(server.asked)
    expect(url).toBe(ENDPOINT)
    expect(headers.has('authorization')).toBe(false)
    expect(parameters.getAll('client_id')).toEqual(['api'])
    expect(parameters.getAll('client_secret')).toEqual(['p%&+ é'])
  })
})

it('a query that the endpoint has of itself is kept, and nothing is added to it', async () => {
  const server = endpoint()
  server.answer(() => json(active(server.clock)))
  await server.verifier({ endpoint: `${ENDPOINT}?realm=a` }).verify('opaque')

  expect(only(server.asked).url).toBe(`${ENDPOINT}?realm=a`)
})

it('wrong options are named all at once', () => {
  const bad = {
    issuer: 'x',
    endpoint: 'y',
    audienceFrom: 'z',
    requires: 'sub',
    tokenPrefix: '',
    accepts: 1,
    tokenTypeHint: 1,
    parameters: 1,
    signedAnswers: { algorithms: [] },
    cache: { maxAgeSeconds: -1, inactiveMaxAgeSeconds: 'x', mostEntries: 0, shared: {}, odd: 1 },
    typo: 1,
  }
  const named = [
    'unknown option "typo"',
    'issuer must be',
    'endpoint must be',
    'clientAuthentication is required',
    'audienceFrom must be',
    'requires must be',
    'tokenPrefix must be',
    'tokenPrefix and accepts',
    'accepts must be',
    'tokenTypeHint must be',
    'parameters must be',
    'unknown option "odd"',
    'cache.maxAgeSeconds',
    'cache.inactiveMaxAgeSeconds',
    'cache.mostEntries',
    'cache.shared',
  ]
  for (const name of named) expect(() => Reflect.apply(introspectedIssuer, undefined, [bad])).toThrow(name)
})
