import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome } from '../scene.ts'
import { absent, asking, OAUTH, OPENID, refusalWith } from './asking.ts'

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
