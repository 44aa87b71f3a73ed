import {
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  mutualTls,
  privateKeyJwt,
  unsafeNoClientAuthentication,
} from '@tokenward/core'
import { exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import type { Asked } from './endpoint.ts'
import { active, endpoint, ENDPOINT, ISSUER, json } from './endpoint.ts'

async function askedWith(clientAuthentication: ReturnType<typeof clientSecretBasic>): Promise<Asked> {
  const server = endpoint()
  await server.verifier({ clientAuthentication }).verify('opaque')
  const [asked] = server.asked
  if (asked === undefined) throw new Error('nobody asked')
  return asked
}

const basicOf = ({ headers }: Asked): string => {
  const [, credentials = ''] = /^Basic ([A-Za-z\d+/]+={0,2})$/.exec(headers.get('authorization') ?? '') ?? []
  return Buffer.from(credentials, 'base64').toString()
}
/** RFC 6749 appendix B: what a server that decodes as it should finds. */
const decoded = (text: string): string => [...new URLSearchParams(`x=${text}`).values()].join()

describe('Basic', () => {
  verifies('RFC6749-2.3.1-a')('form-encodes id and secret before it encodes them in base64', async () => {
    expect(basicOf(await askedWith(clientSecretBasic('a:b', 'p%&+ é')))).toBe('a%3Ab:p%25%26%2B+%C3%A9')
  })

  verifies('RFC6749-2.3.1-a')('keeps id and secret apart, whatever is in them', async () => {
    for (const [id, secret] of [
      ['a:b', 'c:d'],
      ['https://api.example/', 's=e&c#r/e?t'],
      ['ключ', '密碼 🔑'],
      ["~*!'()-_.", '"\\<>'],
    ] as const) {
      const credentials = basicOf(await askedWith(clientSecretBasic(id, secret)))
      const [first = '', second = '', ...rest] = credentials.split(':')
      expect([decoded(first), decoded(second), rest]).toEqual([id, secret, []])
    }
  })

  verifies('RFC6749-2.3.1-a')(
    'leaves alone what form encoding leaves alone, for servers that do not decode',
    async () => {
      expect(basicOf(await askedWith(clientSecretBasic('orders-api_1.example', 'a-b_c.d*e')))).toBe(
        'orders-api_1.example:a-b_c.d*e',
      )
    },
  )

  verifies('RFC6749-2.3.1-c')('keeps secrets out of the body', async () => {
    const { parameters, url } = await askedWith(clientSecretBasic('api', 'a-secret'))

    expect([...parameters.keys()].toSorted()).toEqual(['token', 'token_type_hint'])
    expect(url).toBe(ENDPOINT)
  })
})

it('credentials in the body come without an Authorization field', async () => {
  const { headers, parameters } = await askedWith(clientSecretPost('a:b', 'p%&+ é'))

  expect(headers.has('authorization')).toBe(false)
  expect([parameters.get('client_id'), parameters.get('client_secret')]).toEqual(['a:b', 'p%&+ é'])
})

describe('mutual TLS, by metadata,', () => {
  const ALIAS = 'https://mtls.issuer.example/introspect'
  const metadata = (more: object) => () => json({ issuer: ISSUER, introspection_endpoint: ENDPOINT, ...more })
  const askedBy = async (
    server: ReturnType<typeof endpoint>,
    way: 'certificate' | 'secret',
    options: { readonly endpoint?: string | undefined } = { endpoint: undefined },
  ): Promise<readonly string[]> => {
    const clientAuthentication =
      way === 'certificate' ? mutualTls('api', server.system.fetch) : clientSecretBasic('api', 'secret')
    await server.verifier({ clientAuthentication, ...options }).verify('opaque')
    return server.asked.map(({ url }) => url)
  }

  verifies('RFC8705-5-a')('goes to the alias that the metadata has for it', async () => {
    const server = endpoint()
    server.publish(metadata({ mtls_endpoint_aliases: { introspection_endpoint: ALIAS } }))

    expect(await askedBy(server, 'certificate')).toEqual([ALIAS])
  })

  verifies('RFC8705-5-a')('goes to the endpoint itself where there is no alias', async () => {
    for (const more of [{}, { mtls_endpoint_aliases: {} }, { mtls_endpoint_aliases: { token_endpoint: ALIAS } }]) {
      const server = endpoint()
      server.publish(metadata(more))
      expect(await askedBy(server, 'certificate')).toEqual([ENDPOINT])
    }
  })

  it('goes where it was configured to go, and nobody else goes to the alias', async () => {
    const server = endpoint()
    server.publish(metadata({ mtls_endpoint_aliases: { introspection_endpoint: ALIAS } }))

    expect(await askedBy(server, 'certificate', { endpoint: `${ENDPOINT}/own` })).toEqual([`${ENDPOINT}/own`])
    expect(await askedBy(server, 'secret')).toEqual([`${ENDPOINT}/own`, ENDPOINT])
  })

  it('takes an alias that is no https URL for broken metadata', async () => {
    for (const alias of ['http://mtls.issuer.example/introspect', 'mtls', 7, null]) {
      const server = endpoint()
      server.publish(metadata({ mtls_endpoint_aliases: { introspection_endpoint: alias } }))
      const asking = askedBy(server, 'certificate')
      await expect(asking).rejects.toMatchObject({ code: 'INTROSPECTION_UNAVAILABLE' })
      expect(server.events).toContainEqual(expect.objectContaining({ reason: 'metadata-invalid' }))
    }
  })
})

describe('credentials that cannot be used', () => {
  it('are told apart from a network that fails', async () => {
    const weak = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-1',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    }
    const { privateKey: unusable } = await crypto.subtle.generateKey(weak, true, ['sign', 'verify'])
    const server = endpoint()
    const verifier = server.verifier({ clientAuthentication: privateKeyJwt('api', unusable) })

    await expect(verifier.verify('opaque')).rejects.toMatchObject({ code: 'INTROSPECTION_UNAVAILABLE' })
    expect(server.asked).toEqual([])
    expect(server.events).toContainEqual(
      expect.objectContaining({ type: 'introspection-failed', reason: 'credentials-unusable' }),
    )
  })
})

describe('an assertion', () => {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

  verifies('7523BIS-aud', '7523BIS-typ')('signed with a private key is for the issuer and nobody else', async () => {
    for (const algorithm of ['ES256', 'RS256', 'PS256']) {
      const { privateKey, publicKey } = await generateKeyPair(algorithm)
      const { headers, parameters } = await askedWith(privateKeyJwt('api', privateKey, { kid: 'key-1' }))
      const { payload, protectedHeader } = await jwtVerify(parameters.get('client_assertion') ?? '', publicKey)

      expect(payload.aud).toBe(ISSUER) // one string, not the endpoint, not a list
      expect(protectedHeader).toEqual({ alg: algorithm, kid: 'key-1', typ: 'client-authentication+jwt' })
      expect([payload.iss, payload.sub]).toEqual(['api', 'api'])
      expect(payload.jti).toEqual(expect.any(String))
      expect((payload.exp ?? Infinity) - (payload.iat ?? 0)).toBeLessThanOrEqual(300)
      expect(parameters.get('client_assertion_type')).toBe(type)
      expect(headers.has('authorization')).toBe(false)
      expect(parameters.has('client_secret')).toBe(false)
    }
  })

  verifies('7523BIS-aud', '7523BIS-typ')('signed with the secret is for the issuer and nobody else', async () => {
    const secret = 'a secret of at least thirty-two octets'
    const { parameters } = await askedWith(clientSecretJwt('api', secret))
    const { payload, protectedHeader } = await jwtVerify(
      parameters.get('client_assertion') ?? '',
      new TextEncoder().encode(secret),
    )

    expect(payload.aud).toBe(ISSUER)
    expect(protectedHeader).toMatchObject({ alg: 'HS256', typ: 'client-authentication+jwt' })
    expect([...parameters.values()]).not.toContain(secret)
  })

  it('is another one for every call', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const server = endpoint()
    const verifier = server.verifier({ clientAuthentication: privateKeyJwt('api', privateKey) })
    await verifier.verify('one')
    await verifier.verify('two')

    const [one, two] = server.asked.map(({ parameters }) => parameters.get('client_assertion'))
    expect(one).not.toBe(two)
  })
})

describe('mutual TLS', () => {
  it('goes through the connections it was given, and only those', async () => {
    const server = endpoint()
    const through: [string, string][] = []
    const clientAuthentication = mutualTls('api', async (url, init) => {
      through.push([url, await new Request(url, init).text()])
      return json(active(server.clock))
    })
    await server.verifier({ clientAuthentication }).verify('opaque')

    expect(server.asked).toEqual([])
    expect(through.map(([url]) => url)).toEqual([ENDPOINT])
    expect(Object.fromEntries(new URLSearchParams(through[0]?.[1]))).toEqual({
      client_id: 'api',
      token: 'opaque',
      token_type_hint: 'access_token',
    })
  })
})

describe('what cannot authenticate anybody is refused when it is made', () => {
  it.each<[string, () => unknown]>([
    ['Basic without an id', () => clientSecretBasic('', 'secret')],
    ['Basic without a secret', () => clientSecretBasic('api', '')],
    ['Basic with an undefined secret', () => Reflect.apply(clientSecretBasic, undefined, ['api', undefined])],
    ['post without a secret', () => clientSecretPost('api', '')],
    ['a shared-secret assertion without a secret', () => clientSecretJwt('api', '')],
    ['a key that is none', () => Reflect.apply(privateKeyJwt, undefined, ['api', 'PRIVATE KEY'])],
    ['an unknown option', () => Reflect.apply(privateKeyJwt, undefined, ['api', {}, { keyId: 'x' }])],
    ['mutual TLS without connections', () => Reflect.apply(mutualTls, undefined, ['api'])],
    ['no authentication without a name', () => unsafeNoClientAuthentication('')],
  ])('%s', (_, make) => {
    expect(make).toThrow(TypeError)
  })

  it('a public key, a JWK', async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)

    expect(() => privateKeyJwt('api', publicKey)).toThrow(/private CryptoKey/)
    expect(() => Reflect.apply(privateKeyJwt, undefined, ['api', jwk])).toThrow(/private CryptoKey/)
  })
})
