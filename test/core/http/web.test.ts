import { createResourceServer, fromRequest, protect, refuse, scopes, toResponse } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { assertLegalChallenge } from '../../support/challenge-parser.ts'
import { endpoint, json } from '../introspection/endpoint.ts'
import { refusing, requestWith, scene } from '../scene.ts'

const { issuer, verifier } = await scene()
const raw = await issuer.mint({ scope: 'orders:read' })
const server = createResourceServer({ verifier })
const URL_OF_ORDERS = 'https://api.example/orders'

function request(authorization?: string, init: RequestInit = {}): Request {
  return new Request(URL_OF_ORDERS, { ...init, headers: authorization === undefined ? {} : { authorization } })
}

describe('fromRequest', () => {
  it('reads method, URL and fields', () => {
    const { method, url, headerValues } = fromRequest(request('Bearer x', { method: 'DELETE' }))

    expect([method, url, headerValues('authorization'), headerValues('Authorization'), headerValues('cookie')]).toEqual(
      ['DELETE', URL_OF_ORDERS, ['Bearer x'], ['Bearer x'], []],
    )
  })

  it('shows two credentials as what they are: a malformed field', async () => {
    const twice = request(`Bearer ${raw}`)
    twice.headers.append('authorization', `Bearer ${raw}`)

    expect(await server.authenticate(fromRequest(twice))).toMatchObject({ granted: false, status: 400 })
  })
})

describe('toResponse', () => {
  it('is the refusal: status, fields, JSON', async () => {
    const decision = await refusing('TOKEN_EXPIRED').authenticate(requestWith('Bearer x'))
    if (decision.granted) throw new Error('granted')
    const response = toResponse(decision)

    expect(response.status).toBe(401)
    expect(Object.fromEntries(response.headers)).toEqual({
      'www-authenticate': 'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    })
    expect(await response.json()).toEqual({ error: 'invalid_token', error_description: 'The access token expired' })
  })

  it('has no body where no credential came', async () => {
    const decision = await server.authenticate(requestWith())
    if (decision.granted) throw new Error('granted')
    const response = toResponse(decision)

    expect(await response.text()).toBe('')
    expect(response.headers.has('content-type')).toBe(false)
  })

  it('keeps fields apart that stand twice', () => {
    const headers = [
      ['WWW-Authenticate', 'Bearer realm="a"'],
      ['WWW-Authenticate', 'DPoP algs="ES256"'],
    ] as const
    const decision = refusing('TOKEN_EXPIRED').refuseUnauthenticated()
    if (decision.granted) throw new Error('granted')

    const field = toResponse({ ...decision, headers }).headers.get('www-authenticate') ?? ''
    expect(assertLegalChallenge(field).map(({ scheme }) => scheme)).toEqual(['Bearer', 'DPoP'])
  })
})

describe('protect', () => {
  it('hands a good token to the handler, and what the host passed beside the request', async () => {
    const handler = protect(server, (given, token, env: { name: string }, context: number) =>
      Response.json([given.url, token.subject, env.name, context]),
    )

    expect(await (await handler(request(`Bearer ${raw}`), { name: 'env' }, 7)).json()).toEqual([
      URL_OF_ORDERS,
      'user-1',
      'env',
      7,
    ])
  })

  it('calls the handler for nobody else', async () => {
    let calls = 0
    const count = (): Response => {
      calls += 1
      return new Response()
    }
    const plain = protect(server, count)
    const guarded = protect(server, count, { policy: scopes('orders:write') })
    const faulty = protect(server, count, { policy: () => true as never }) // a cast: a policy must not answer so

    expect((await plain(request())).status).toBe(401)
    expect((await plain(request('Bearer x.y.z'))).status).toBe(401)
    expect((await plain(request('Bearer'))).status).toBe(400)
    expect((await guarded(request())).status).toBe(401)
    expect((await guarded(request(`Bearer ${raw}`))).status).toBe(403)
    expect((await faulty(request(`Bearer ${raw}`))).status).toBe(500)
    expect((await protect(refusing('KEYS_UNAVAILABLE'), count)(request('Bearer x'))).status).toBe(503)
    expect(calls).toBe(0)
  })

  it('lets pass what the policy grants', async () => {
    const handler = protect(server, async (_request, { scopes: held }) => Response.json(held), {
      policy: scopes('orders:read'),
    })

    expect(await (await handler(request(`Bearer ${raw}`))).json()).toEqual(['orders:read'])
  })

  it('lets anonymous requests pass where that was asked for, but not past a policy', async () => {
    const open = createResourceServer({ verifier, anonymous: 'pass' })
    const handler = protect(open, (_request, token) => new Response(token?.subject ?? 'nobody'))
    const guarded = protect(open, () => new Response(), { policy: scopes('orders:read') })

    expect(await (await handler(request())).text()).toBe('nobody')
    expect(await (await handler(request(`Bearer ${raw}`))).text()).toBe('user-1')
    expect((await guarded(request())).status).toBe(401)
  })

  it('finds waitUntil in what the host passes, and hands it on', async () => {
    const given: unknown[] = []
    const spy: typeof server = {
      ...server,
      authenticate: async (tokenRequest, options) => {
        given.push(options?.waitUntil)
        return server.authenticate(tokenRequest, options)
      },
    }
    const context = { waitUntil: (): void => {} }
    const handler = protect(spy, (_request, _token, _context: typeof context) => new Response(), {
      waitUntil: (passed) => passed.waitUntil,
    })
    await handler(request(`Bearer ${raw}`), context)
    await protect(spy, () => new Response())(request(`Bearer ${raw}`))

    expect(given).toEqual([context.waitUntil, undefined])
  })

  it('asks an introspected issuer again where the answer must be fresh', async () => {
    const asked = endpoint()
    const opaque = asked.serving()
    const policy = scopes('orders:read')
    const anchored: Promise<unknown>[] = []
    const remembered = protect(opaque, () => new Response(), { policy, fresh: false })
    const fresh = protect(opaque, () => new Response(), {
      policy,
      fresh: true,
      waitUntil: () => (work) => void anchored.push(work),
    })
    expect((await remembered(request('Bearer opaque'))).status).toBe(200)
    expect((await fresh(request('Bearer opaque'))).status).toBe(200)

    asked.answer(() => json({ active: false }))
    expect((await remembered(request('Bearer opaque'))).status).toBe(200)
    expect((await fresh(request('Bearer opaque'))).status).toBe(401)
    expect((await fresh(request())).status).toBe(401)
    expect(asked.asked).toHaveLength(3)
  })

  it('passes the answer of the handler on as it is, a stream too', async () => {
    let more = (_text: string): void => {}
    const body = new ReadableStream<string>({
      start: (controller) => {
        more = (text) => controller.enqueue(text)
      },
    })
    const answer = new Response(body.pipeThrough(new TextEncoderStream()))
    const response = await protect(server, () => answer)(request(`Bearer ${raw}`))

    expect(response).toBe(answer)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    more('a part')
    expect(await reader?.read()).toEqual({ done: false, value: 'a part' })
    await reader?.cancel()
  })

  it('hands requests of the host on as what they are', async () => {
    class HostRequest extends Request {
      readonly params = { id: '7' }
    }
    const handler = protect(server, (given: HostRequest, token) => new Response(`${given.params.id} ${token.subject}`))
    const asked = new HostRequest(URL_OF_ORDERS, { headers: { authorization: `Bearer ${raw}` } })

    expect(await (await handler(asked)).text()).toBe('7 user-1')
    // @ts-expect-error a handler that needs more than a Request is not called with less
    expect((await handler(request())).status).toBe(401)
  })

  it('refuses, at once, options that are wrong', () => {
    // casts, as callers in JavaScript make none
    expect(() => protect(server, undefined as never)).toThrow('protect: the handler must be a function')
    expect(() => protect(server, () => new Response(), scopes('a') as never)).toThrow('{ policy: ... }')
    expect(() => protect(server, () => new Response(), { policy: 'a', fresh: 1, waitUntil: 1, x: 1 } as never)).toThrow(
      /protect: unknown option "x".*policy must be a function; fresh must be a boolean; waitUntil must be a function/,
    )
    expect(() => protect(server, () => new Response(), { fresh: true })).toThrow('protect: fresh needs a policy')
  })

  it('leaves failures of the handler to the host', async () => {
    const handler = protect(server, () => {
      throw new Error('of the handler')
    })

    await expect(handler(request(`Bearer ${raw}`))).rejects.toThrow('of the handler')
  })

  it('never shows why a policy refused', async () => {
    const handler = protect(server, () => new Response(), { policy: () => refuse('tenant 7 did not pay') })
    const response = await handler(request(`Bearer ${raw}`))

    expect(response.status).toBe(403)
    expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain('tenant 7')
  })

  verifies('RFC9110-9.3.2-a')('answers HEAD with the fields of GET and without content', async () => {
    const handler = protect(server, () => new Response('orders'), { policy: scopes('orders:write') })
    for (const authorization of ['Bearer', 'Bearer x.y.z', `Bearer ${raw}`]) {
      expect(await (await handler(request(authorization))).json()).toHaveProperty('error')
    }
    for (const authorization of [undefined, 'Bearer', 'Bearer x.y.z', `Bearer ${raw}`]) {
      const get = await handler(request(authorization))
      const head = await handler(request(authorization, { method: 'HEAD' }))

      expect(head.status).toBe(get.status)
      expect([...head.headers]).toEqual([...get.headers])
      expect(await head.text()).toBe('')
    }
  })
})
