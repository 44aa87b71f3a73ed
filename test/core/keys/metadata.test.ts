import { createVerifier, jwtIssuer } from '@tokenward/core'
import type { AuthError, JwtIssuerOptions, TokenwardEvent, Verifier } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import type { TestIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf } from '../scene.ts'

interface Setting {
  readonly verifier: Verifier
  readonly issuer: TestIssuer
  readonly events: TokenwardEvent[]
  readonly clock: ReturnType<typeof manualClock>
}

type Answers = (url: string) => Response | Promise<Response> | undefined

/** A verifier of one issuer, and what that issuer answers before it would answer of itself. */
async function asking(
  name: string,
  respond?: Answers,
  options: Partial<JwtIssuerOptions<undefined>> = {},
): Promise<Setting> {
  const clock = manualClock()
  const issuer = await testIssuer({ issuer: name, algorithm: 'ES256', clock, ...(respond && { respond }) })
  const events: TokenwardEvent[] = []
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer: name, ...options }),
    audience: AUDIENCE,
    system: { ...clock, fetch: issuer.fetch },
    onEvent: (event) => void events.push(event),
  })
  return { verifier, issuer, events, clock }
}

/** The refusal of a good token, where the metadata is answered so. */
async function refusalWith(name: string, respond: Answers): Promise<AuthError & { readonly asked: readonly string[] }> {
  const { verifier, issuer } = await asking(name, respond)
  const refusal = await refusalOf(verifier.verify(await issuer.mint()))
  return Object.assign(refusal, { asked: issuer.requests })
}

const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'
const absent = (...parts: readonly string[]): Answers => {
  return (url) => (parts.some((part) => url.includes(part)) ? new Response(null, { status: 404 }) : undefined)
}
const answering = (changes: Readonly<Record<string, unknown>>, name = 'https://issuer.example'): Answers => {
  return (url) => {
    if (!url.includes('/.well-known/')) return undefined
    return Response.json({ issuer: name, jwks_uri: `${name}/jwks`, ...changes })
  }
}

describe('the locations of the metadata', () => {
  verifies('OIDCD-4.1-a')('begin with that of OpenID Connect, without a double slash', async () => {
    for (const [name, location] of [
      ['https://h.example', `https://h.example${OPENID}`],
      ['https://h.example/', `https://h.example${OPENID}`],
      ['https://h.example/t1', `https://h.example/t1${OPENID}`],
      ['https://h.example/t1/', `https://h.example/t1${OPENID}`],
      ['https://h.example:8443/a/b', `https://h.example:8443/a/b${OPENID}`],
    ] as const) {
      const { verifier, issuer } = await asking(name)
      expect((await verifier.verify(await issuer.mint())).issuer).toBe(name)
      expect(issuer.requests[0]).toBe(location)
      expect(issuer.requests).toHaveLength(2)
    }
  })

  verifies('RFC8414-3-a', 'RFC8414-5-a')('go on with that of RFC 8414, before the path', async () => {
    for (const [name, location] of [
      ['https://h.example', `https://h.example${OAUTH}`],
      ['https://h.example/', `https://h.example${OAUTH}`],
      ['https://h.example/t1', `https://h.example${OAUTH}/t1`],
      ['https://h.example/t1/', `https://h.example${OAUTH}/t1`],
    ] as const) {
      const { verifier, issuer } = await asking(name, absent(OPENID))
      expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
      expect(issuer.requests[1]).toBe(location)
    }
  })

  it.each([
    ['404', () => new Response(null, { status: 404 })],
    ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['JSON that calls itself text', () => new Response('{}', { headers: { 'content-type': 'text/plain' } })],
    ['no content type', () => new Response(new Uint8Array([0x7b, 0x7d]))],
    [
      'a type that only begins like JSON',
      () => new Response('{}', { headers: { 'content-type': 'application/jsonp' } }),
    ],
    ['JSON that is broken', () => new Response('{', { headers: { 'content-type': 'application/json' } })],
    ['a list', () => Response.json([])],
    [
      'a name that stands twice',
      () => new Response('{"a":1,"a":2}', { headers: { 'content-type': 'application/json' } }),
    ],
    ['an empty body', () => new Response('', { headers: { 'content-type': 'application/json' } })],
    ['no body', () => new Response(null, { headers: { 'content-type': 'application/json' } })],
  ])('go on after %s', async (_what, respond) => {
    const { verifier, issuer } = await asking('https://issuer.example', (url) =>
      url.endsWith(OPENID) ? respond() : undefined,
    )

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(issuer.requests[1]).toBe(`https://issuer.example${OAUTH}`)
  })

  it.each([
    ['500', () => new Response('{}', { status: 500 }), '500'],
    ['403', () => new Response('{}', { status: 403 }), '403'],
    ['410', () => new Response('{}', { status: 410 }), '410'],
    ['201', () => Response.json({}, { status: 201 }), '201'],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://other.example' } }),
      'redirect',
    ],
    ['304', () => new Response(null, { status: 304 }), 'redirect'],
    ['a network failure', () => Promise.reject(new TypeError('fetch failed')), 'fetch failed'],
    ['another issuer', () => Response.json({ issuer: 'https://other.example' }), 'identical'],
    ['metadata without keys', () => Response.json({ issuer: 'https://issuer.example' }), 'jwks_uri'],
    ['too much', () => Response.json({ x: 'x'.repeat(300_000) }), 'bytes'],
  ])('do not go on after %s: that is an outage', async (_what, respond, message) => {
    const refusal = await refusalWith('https://issuer.example', (url) => (url.endsWith(OPENID) ? respond() : undefined))

    expect(refusal).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(refusal.message).toContain(message)
    expect(refusal.asked).toEqual([`https://issuer.example${OPENID}`])
  })

  it('end there', async () => {
    const refusal = await refusalWith('https://issuer.example', absent(OPENID, OAUTH))

    expect(refusal).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(refusal.asked).toHaveLength(2)
  })

  it('are replaced by metadataUrl', async () => {
    const { verifier, issuer } = await asking(
      'https://issuer.example',
      (url) =>
        url === 'https://cdn.example/meta.json'
          ? Response.json({ issuer: 'https://issuer.example', jwks_uri: 'https://issuer.example/jwks' })
          : undefined,
      { metadataUrl: 'https://cdn.example/meta.json' },
    )

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(issuer.requests).toEqual(['https://cdn.example/meta.json', 'https://issuer.example/jwks'])
  })

  it('are asked once: the one that answered is remembered', async () => {
    const { verifier, issuer, clock } = await asking('https://issuer.example', absent(OPENID))
    await verifier.warmUp()
    for (let minutes = 0; minutes < 90; minutes += 5) {
      await clock.advance(300)
      expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    }

    expect(issuer.requests.filter((url) => url.endsWith(OPENID))).toHaveLength(1)
    expect(issuer.requests.filter((url) => url.endsWith(OAUTH)).length).toBeGreaterThan(1)
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.x+json'])(
    'answer %s',
    async (type) => {
      const { verifier, issuer } = await asking('https://issuer.example', (url) =>
        url.endsWith(OPENID)
          ? new Response(
              JSON.stringify({ issuer: 'https://issuer.example', jwks_uri: 'https://issuer.example/jwks' }),
              {
                headers: { 'content-type': type },
              },
            )
          : undefined,
      )

      expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
      expect(issuer.requests).toHaveLength(2)
    },
  )
})

describe('the issuer in the metadata', () => {
  verifies('RFC8414-3.3-a', 'OIDCD-4.3-a')(
    'is byte for byte the configured one, or a 503 that shows both',
    async () => {
      for (const found of [
        'https://issuer.example/',
        'https://ISSUER.example',
        'https://issuer.example:443',
        'http://issuer.example',
        'https://{tenantid}.example',
        '',
        null,
        7,
        ['https://issuer.example'],
        undefined,
      ]) {
        const refusal = await refusalWith('https://issuer.example', answering({ issuer: found }))
        expect(refusal).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
        expect(refusal.message).toContain('"https://issuer.example"')
        if (typeof found === 'string') expect(refusal.message).toContain(JSON.stringify(found))
      }
    },
  )

  verifies('RFC8414-4-a')('is not normalised', async () => {
    const configured = 'https://h.example/K'
    const alike = 'https://h.example/\u212a' // the sign for kelvin, of which every normal form is the letter
    expect(alike.normalize('NFC')).toBe(configured)
    expect(await refusalWith(configured, answering({ issuer: alike }, configured))).toMatchObject({
      code: 'KEYS_UNAVAILABLE',
      message: expect.stringContaining('\\u212a'),
    })

    const { verifier, issuer } = await asking(configured)
    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })

  it('and where it was found are in the event', async () => {
    const { verifier, events } = await asking('https://issuer.example', answering({ issuer: 'https://other.example' }))
    await outcome(verifier.warmUp())

    expect(events).toEqual([
      expect.objectContaining({
        type: 'keys-refresh-failed',
        issuer: 'https://issuer.example',
        reason: 'issuer-mismatch',
        message: expect.stringContaining(OPENID),
      }),
    ])
  })
})

describe('jwks_uri', () => {
  verifies('RFC8414-2-b', 'OAUTH21-1.5-a')('is https', async () => {
    for (const [uri, problem] of [
      ['http://issuer.example/jwks', 'https'],
      ['http://localhost/jwks', 'https'],
      ['ftp://issuer.example/jwks', 'https'],
      ['file:///etc/passwd', 'https'],
      ['data:application/json,{}', 'https'],
      ['/jwks', 'absolute'],
      ['', 'absolute'],
      [undefined, 'absolute'],
      [null, 'absolute'],
      [7, 'absolute'],
      [['https://issuer.example/jwks'], 'absolute'],
      ['https://user:password@issuer.example/jwks', 'credentials'],
    ] as const) {
      const { verifier, issuer, events } = await asking('https://issuer.example', answering({ jwks_uri: uri }))
      const refusal = await refusalOf(verifier.verify(await issuer.mint()))
      expect([uri, refusal.code]).toEqual([uri, 'KEYS_UNAVAILABLE'])
      expect(refusal.message).toContain(problem)
      expect(refusal.message).not.toContain('password')
      expect(events[0]).toMatchObject({ reason: 'metadata-invalid' })
      expect(issuer.requests).toEqual([`https://issuer.example${OPENID}`])
    }
  })

  it('may be http on a loopback host where that was asked for', async () => {
    const name = 'http://127.0.0.1:9876'
    const { verifier, issuer } = await asking(name, undefined, { allowLoopbackHttp: true })
    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')

    const away = answering({ jwks_uri: 'http://issuer.example/jwks' }, name)
    const { verifier: other } = await asking(name, away, { allowLoopbackHttp: true })
    expect(await outcome(other.warmUp())).toBe('KEYS_UNAVAILABLE')
  })

  it('may lead to another host', async () => {
    const { issuer: keys } = await asking('https://issuer.example')
    const { verifier, issuer } = await asking('https://issuer.example', (url) => {
      if (url === 'https://keys.example/all') return Response.json(keys.jwks())
      return url.endsWith(OPENID)
        ? Response.json({ issuer: 'https://issuer.example', jwks_uri: 'https://keys.example/all' })
        : undefined
    })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })
})
