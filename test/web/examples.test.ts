import { describe, expect, it, vi } from 'vitest'

import { createResourceServer, toResponse } from '@tokenward/core'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { TestIssuer } from '@tokenward/testing'
import { testIssuer } from '@tokenward/testing'

import hono from '../../docs/examples/web/src/hono.ts'
import { app as honoCors } from '../../docs/examples/web/src/hono-cors.ts'
import { app as honoSingle } from '../../docs/examples/web/src/hono-single.ts'
import { DELETE, GET } from '../../docs/examples/web/src/next-route.ts'
import { serverOnNext14 } from '../../docs/examples/web/src/next-server.ts'
import { catalog, orders } from '../../docs/examples/web/src/orders.ts'
import worker from '../../docs/examples/web/src/worker.ts'
import { audience, issuerName, withIssuers } from '../docs/outputs/host.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { listen } from '../support/listen.ts'
import { fieldValues, rawRequest } from '../support/raw-request.ts'
import { fetchListener } from './fetch-listener.ts'

type Handler = (request: Request) => Response | Promise<Response>

const issuer = await testIssuer({ issuer: issuerName })
const url = 'https://orders.example.com/orders'
const mint: TestIssuer['mint'] = (claims = {}, options = {}) => issuer.mint({ aud: audience, ...claims }, options)

interface Init {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

function request(token?: string, path = '/orders', { method = 'GET', headers }: Init = {}): Request {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Request(new URL(path, url), { method, headers: { ...authorization, ...headers } })
}

/** Status and body, while the issuer of the examples is the network. */
async function ask(handler: Handler, asked: Request): Promise<unknown> {
  const { result } = await withIssuers([issuer], async () => handler(asked))
  const body = await result.text()
  return [result.status, body === '' ? undefined : JSON.parse(body)]
}

const forbidden = [403, expect.objectContaining({ error: 'insufficient_scope' })]
const invalid = [401, expect.objectContaining({ error: 'invalid_token' })]

/** Every way in which an example answers `GET /orders`. */
const handlers: readonly (readonly [string, () => Promise<Handler>])[] = [
  ['the handler', async () => orders],
  ['Deno', async () => servedBy('Deno')],
  ['Bun', async () => servedBy('Bun')],
  ['Workers', async () => (asked) => worker.fetch(asked, { REGION: 'eu' }, { waitUntil: () => {} })],
  ['Hono', async () => (asked) => hono.fetch(asked)],
  ['Hono, one route', async () => (asked) => honoSingle.fetch(asked)],
  ['Hono, with CORS', async () => (asked) => honoCors.fetch(asked)],
  ['Next.js', async () => (asked) => GET(asked, { params: Promise.resolve({ id: '1' }) })],
]

/** What the example hands to the host. */
async function servedBy(host: 'Deno' | 'Bun'): Promise<Handler> {
  const serve = vi.fn<(served: Handler | { readonly routes: Readonly<Record<string, Handler>> }) => void>()
  vi.stubGlobal(host, { serve })
  vi.resetModules()
  await (host === 'Deno' ? import('../../docs/examples/web/src/deno.ts') : import('../../docs/examples/web/src/bun.ts'))
  vi.unstubAllGlobals()
  const [served] = serve.mock.lastCall ?? []
  const handler = typeof served === 'function' ? served : served?.routes['/orders']
  if (handler === undefined) throw new Error('nothing was served')
  return handler
}

describe.each(handlers)('the example for web handlers: %s', (_name, load) => {
  it('answers whoever has a token with the scope, and nobody else', async () => {
    const handler = await load()
    expect(await ask(handler, request())).toEqual([401, undefined])
    expect(await ask(handler, request('x.y.z'))).toEqual(invalid)
    expect(await ask(handler, request(await mint({ scope: 'profile' })))).toEqual(forbidden)
    expect(await ask(handler, request(await mint()))).toEqual([200, expect.objectContaining({ orderedBy: 'user-1' })])
  })

  it('answers HEAD as GET, without content', async () => {
    const handler = await load()
    for (const token of ['x.y.z', await mint({ scope: 'profile' })]) {
      const { result } = await withIssuers([issuer], async () =>
        Promise.all([handler(request(token)), handler(request(token, '/orders', { method: 'HEAD' }))]),
      )
      const [get, head] = result
      expect([head.status, await head.text(), [...head.headers]]).toEqual([get.status, '', [...get.headers]])
    }
  })
})

describe('the examples for web handlers', () => {
  it('leave open what they say', async () => {
    const health = request(undefined, '/health')
    expect(await ask((asked) => worker.fetch(asked, { REGION: 'eu' }, { waitUntil: () => {} }), health)).toEqual([
      200,
      { ok: true },
    ])
    expect(await ask((asked) => hono.fetch(asked), health)).toEqual([200, { ok: true }])
    expect(await ask(catalog, request())).toEqual([200, { pricesFor: 'everybody' }])
    expect(await ask(catalog, request(await mint()))).toEqual([200, { pricesFor: 'user-1' }])
    expect(await ask(catalog, request('x'))).toEqual(invalid)
  })

  it('hand on what the host passes', async () => {
    const context = { params: Promise.resolve({ id: '7' }) }
    expect(await ask((asked) => GET(asked, context), request(await mint()))).toEqual([
      200,
      { id: '7', orderedBy: 'user-1' },
    ])
    expect(await ask((asked) => DELETE(asked, context), request(await mint()))).toEqual(forbidden)
    expect(await ask((asked) => DELETE(asked, context), request(await mint({ scope: 'orders:write' })))).toEqual([
      204,
      undefined,
    ])
  })

  it('let a script read why it was refused', async () => {
    const { result } = await withIssuers([issuer], async () =>
      honoCors.fetch(request(undefined, '/orders', { headers: { origin: 'https://app.example.com' } })),
    )
    expect(result.status).toBe(401)
    expect(Object.fromEntries(result.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-expose-headers': 'WWW-Authenticate,Retry-After',
      'www-authenticate': 'Bearer realm="api"',
    })
  })

  it('lose no challenge on their way through Hono', async () => {
    const decision = createResourceServer({ issuer: issuerName, audience }).refuseUnauthenticated()
    if (decision.granted) throw new Error('granted')
    const headers = [
      ['WWW-Authenticate', 'Bearer realm="a"'],
      ['WWW-Authenticate', 'DPoP algs="ES256"'],
    ] as const
    const app = new Hono().use(cors()).get('/orders', () => toResponse({ ...decision, headers }))
    await using served = await listen(fetchListener((asked) => app.fetch(asked)))
    const response = await rawRequest({ port: served.port, path: '/orders' })

    const lines = fieldValues(response, 'WWW-Authenticate')
    expect(assertLegalChallenge(lines).map(({ scheme }) => scheme)).toEqual(['Bearer', 'DPoP'])
    expect(fieldValues(response, 'Access-Control-Allow-Origin')).toEqual(['*'])
  })

  it('keep the host from remembering keys', async () => {
    const token = await mint()
    const { result } = await withIssuers([issuer], async () => {
      await serverOnNext14.verifier.verify(token)
      return vi.mocked(globalThis.fetch).mock.calls.map(([, init]) => init?.cache)
    })
    expect(result).toEqual(['no-store', 'no-store'])
  })
})
