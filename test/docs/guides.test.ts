import { createVerifier, isAuthError, jwtIssuer } from '@tokenward/core'
import type { EventListener, KeySnapshot, TenantIssuers } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { manualClock, testIssuer } from '@tokenward/testing'
import express from 'express'
import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'

import { createOrdersApi } from '../../docs/examples/express/src/orders-api.ts'
import { bearer, httpApiEvent, lambdaContext } from '../aws-lambda/events.ts'
import { listen } from '../support/listen.ts'
import { audience, issuerName, networkFailure, withIssuers } from './outputs/host.ts'
import { page } from './pages.ts'
import { anonymous, someRoutes } from './snippets/get-started.ts'
import { lambda, scheduled } from './snippets/lambda.ts'
import { verifier as laxVerifier } from './snippets/laxer-issuers.ts'
import { mayRefund, policed, typed } from './snippets/policies.ts'
import { employees, listed, looked, onOneHost, unguarded } from './snippets/several-issuers.ts'
import { app as testedApp, tokens } from './snippets/testing.ts'
import { answerOrders, handleOrders, orders, regional, seeded, subjectOf } from './snippets/web.ts'
import worker from './snippets/workers.ts'
import { transcript } from './transcript.ts'
import { blockOf } from './update.ts'

const issuer = await testIssuer({ issuer: issuerName })

/** The status and body of a GET. */
async function get(app: RequestListener, path: string, token?: string): Promise<{ status: number; body: string }> {
  await using server = await listen(app)
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const realFetch = globalThis.fetch
  const { result } = await withIssuers([issuer], async () => {
    const response = await realFetch(`${server.origin}${path}`, headers && { headers })
    return { status: response.status, body: await response.text() }
  })
  return result
}

const mint = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  issuer.mint({ aud: audience, ...claims })

describe('getting started', () => {
  it('protects some routes only', async () => {
    expect((await get(someRoutes(), '/health')).status).toBe(200)
    expect((await get(someRoutes(), '/orders')).status).toBe(401)
    expect((await get(someRoutes(), '/orders', await mint())).status).toBe(200)
  })

  it('lets anonymous requests in, and no bad token', async () => {
    expect(await get(anonymous(), '/catalog')).toEqual({ status: 200, body: '{"pricesFor":"everybody"}' })
    expect(await get(anonymous(), '/catalog', await mint())).toEqual({ status: 200, body: '{"pricesFor":"user-1"}' })
    expect((await get(anonymous(), '/catalog', 'not-a-token')).status).toBe(401)
  })

  it('answers with a challenge where a handler asks an anonymous request for its token', async () => {
    const api = tokenward({ issuer: issuerName, audience, anonymous: 'pass' })
    const app = express().get('/', api.authenticate, (req, res) => {
      res.json(api.accessToken(req).subject)
    })
    const answer = await transcript(app, 'curl -i http://localhost:3000/')
    expect(answer).toContain('HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer realm="api"\n')
  })

  it('tests with tokens of which only the first gets in', async () => {
    const answers: Record<string, number> = {}
    for (const [name, token] of Object.entries(tokens)) answers[name] = (await get(testedApp, '/orders', token)).status
    expect(answers).toEqual({ good: 200, expired: 401, forAnotherApi: 401, withoutSubject: 401, idToken: 401 })
  })
})

describe('the Express example', () => {
  const { app } = createOrdersApi({ issuer: issuerName, audience, system: { fetch: issuer.fetch } })

  it('answers as the README says', async () => {
    expect((await get(app, '/orders')).status).toBe(401)
    expect((await get(app, '/orders', await mint({ scope: 'profile' }))).status).toBe(403)
    expect(await get(app, '/orders', await mint())).toEqual({ status: 200, body: '{"orderedBy":"user-1"}' })
  })

  it('is ready once it has keys, and again after an outage without a restart', async () => {
    const clock = manualClock()
    let isUp = false
    const fetch: typeof issuer.fetch = (...request) =>
      isUp ? issuer.fetch(...request) : Promise.reject(networkFailure())
    const { app: watched, api } = createOrdersApi({ issuer: issuerName, audience, system: { ...clock, fetch } })
    const { verifier } = api.resourceServer
    expect((await get(watched, '/ready')).status).toBe(503)
    await verifier.warmUp().catch(codeOf)
    expect((await get(watched, '/ready')).status).toBe(503)
    isUp = true
    await clock.advance(30) // nobody asks, and the keys come all the same
    expect((await get(watched, '/ready')).status).toBe(200)
    await clock.advance(24 * 3600) // a day without a request is no outage
    expect((await get(watched, '/ready')).status).toBe(200)
    await api.close()
  })
})

describe('the guide to policies', () => {
  it('keeps the orders of others out of sight', async () => {
    const mine = { owner: { issuer: issuerName, subject: 'user-1' } }
    const app = policed((id) => Promise.resolve(id === '1' ? mine : undefined))
    expect((await get(app, '/orders/1', await mint())).status).toBe(200)
    expect((await get(app, '/orders/1', await mint({ sub: 'user-2' }))).status).toBe(404)
    expect((await get(app, '/orders/2', await mint())).status).toBe(404)
  })

  it('types claims', async () => {
    expect(await get(typed(), '/report', await mint({ tenant: 'a', roles: ['admin'] }))).toEqual({
      status: 200,
      body: '{"tenant":"a"}',
    })
    expect((await get(typed(), '/report', await mint({ tenant: 'a' }))).status).toBe(403)
    expect((await get(typed(), '/report', await mint())).status).toBe(401)
  })

  it('combines and tells issuers apart', async () => {
    const verifier = createVerifier({ issuer: issuerName, audience, system: { fetch: issuer.fetch } })
    const support = await verifier.verify(await mint({ scope: 'refunds:write', roles: ['support'] }))
    const clerk = await verifier.verify(await mint({ scope: 'refunds:write', roles: ['clerk'] }))
    expect(isAuthError(mayRefund(support, 0))).toBe(false)
    expect(isAuthError(mayRefund(clerk, 0))).toBe(true)
    expect(isAuthError(employees(support, 0))).toBe(false)
    expect(isAuthError(employees({ ...support, issuer: 'https://partners.example.net' }, 0))).toBe(true)
  })
})

describe('the guide to laxer issuers', () => {
  const { text } = page('docs/guides/laxer-issuers.md')
  const marks = (block: string): string[] =>
    [...(blockOf(text, block) ?? '').matchAll(/^\| `(\w+)` \| (.+) \|$/gmu)].map(([, name]) => String(name))
  const good: Readonly<Record<string, unknown>> = {
    scope: 'a',
    scp: ['a'],
    client_id: 'c',
    cid: 'c',
    token_use: 'access',
    typ: 'Bearer',
  }

  /** What the profile `jwt` says about a token with nothing in it but the necessary and these claims. */
  async function judge(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const token = await issuer.mint(
      { aud: audience, scope: undefined, client_id: undefined, ...claims },
      { header: { typ: 'JWT' } },
    )
    const { result } = await withIssuers([issuer], () => laxVerifier.verify(token).then(() => 'accepted', codeOf))
    return result
  }

  it('lists marks each of which is enough', async () => {
    expect(marks('marks').toSorted()).toEqual(Object.keys(good).toSorted())
    for (const name of marks('marks')) expect([name, await judge({ [name]: good[name] })]).toEqual([name, 'accepted'])
    expect(await judge({ azp: 'client-1' })).toBe('TOKEN_TYPE_REJECTED')
  })

  it('lists marks each of which is too much', async () => {
    expect(marks('refusing-marks')).toHaveLength(7)
    for (const name of marks('refusing-marks')) {
      expect([name, await judge({ scope: 'a', [name]: 'x' })]).toEqual([name, 'TOKEN_TYPE_REJECTED'])
    }
  })

  it('lists what the other profile demands', async () => {
    const strict = createVerifier({
      issuer: jwtIssuer({ issuer: issuerName }),
      audience,
      system: { fetch: issuer.fetch },
    })
    const demanded = /`typ` is `at\+jwt` \(.*?\), and (.*?) are all there/su.exec(text)?.[1] ?? ''
    const names = [...demanded.matchAll(/`(\w+)`/gu)].map(([, name]) => String(name))
    expect(names).toHaveLength(7)
    for (const name of names) {
      const token = await issuer.mint({ aud: audience }, { omit: [name] })
      const code = await strict.verify(token).then(() => 'accepted', codeOf)
      expect([name, code]).toEqual([name, name === 'iss' ? 'ISSUER_UNTRUSTED' : 'CLAIM_MISSING'])
    }
  })
})

describe('the guide to several issuers', () => {
  const acme = 'https://login.example.com/tenants/acme'

  /** What becomes of a token of this issuer. */
  async function judge(
    trusted: TenantIssuers,
    name: string,
    claims: Readonly<Record<string, unknown>> = {},
    algorithm: 'RS256' | 'ES256' = 'RS256',
  ): Promise<string> {
    const tenant = await testIssuer({ issuer: name, algorithm })
    const verifier = createVerifier({ issuer: trusted, audience })
    const token = await tenant.mint({ aud: audience, ...claims })
    return (await withIssuers([tenant], () => verifier.verify(token).then(() => 'accepted', codeOf))).result
  }

  it('lists tenants', async () => {
    expect(await judge(listed(), acme)).toBe('accepted')
    expect(await judge(listed(), 'https://login.example.com/tenants/initech')).toBe('ISSUER_UNTRUSTED')
  })

  it('keeps to the hosts that it names, or to none', async () => {
    expect(await judge(onOneHost(), acme)).toBe('accepted')
    expect(await judge(onOneHost(), 'https://login.example.com.evil.example/tenants/acme')).toBe('ISSUER_UNTRUSTED')
    expect(await judge(unguarded(new Set([acme])), acme)).toBe('accepted')
    expect(await reasonsOfElsewhere(onOneHost())).toEqual(['address-refused'])
    expect(await reasonsOfElsewhere(unguarded(new Set([acme])))).toEqual(['network'])
  })

  /** Why the keys cannot be had of a tenant whose metadata names a key set that is somewhere inside. */
  async function reasonsOfElsewhere(trusted: TenantIssuers): Promise<readonly string[]> {
    const elsewhere = { issuer: acme, jwks_uri: 'https://169.254.169.254/keys' }
    const tenant = await testIssuer({
      issuer: acme,
      respond: (url) => (url.endsWith('/openid-configuration') ? Response.json(elsewhere) : undefined),
    })
    const reasons: string[] = []
    const onEvent: EventListener = (event) => event.type === 'keys-refresh-failed' && reasons.push(event.reason)
    const verifier = createVerifier({ issuer: trusted, audience, onEvent })
    const token = await tenant.mint({ aud: audience })
    await withIssuers([tenant], () => verifier.verify(token).then(() => 'accepted', codeOf))
    await verifier.close()
    return reasons
  }

  it('asks for the settings of a customer', async () => {
    const looking = looked(async (name) => (name === acme ? { audience: 'acme-orders' } : undefined))
    expect(await judge(looking, acme, { aud: 'acme-orders' }, 'ES256')).toBe('accepted')
    expect(await judge(looking, acme, {}, 'ES256')).toBe('AUDIENCE_MISMATCH')
    expect(await judge(looking, 'https://login.example.com/tenants/initech')).toBe('ISSUER_UNTRUSTED')
  })
})

describe('the guide to web handlers', () => {
  const request = (token: string): Request =>
    new Request('https://orders.example.com/orders', { headers: { authorization: `Bearer ${token}` } })

  it('answers the same whichever way it is written', async () => {
    for (const claims of [{}, { scope: 'profile' }, { exp: 1 }]) {
      const token = await mint(claims)
      const { result } = await withIssuers([issuer], async () => [
        await orders(request(token)),
        await handleOrders(request(token), { waitUntil: () => {} }),
      ])
      const [short, long] = await Promise.all(result.map(async (response) => [response.status, await response.text()]))
      expect(short).toEqual(long)
    }
  })

  it('judges a request of another shape', async () => {
    const asked = (...fields: readonly (readonly [string, string])[]) =>
      answerOrders({ verb: 'GET', address: 'https://orders.example.com/orders', fields })
    const field = ['Authorization', `Bearer ${await mint()}`] as const
    const { result } = await withIssuers([issuer], async () => [
      await asked(),
      await asked(field),
      await asked(field, field),
    ])
    expect(result).toMatchObject([
      { status: 401, fields: expect.arrayContaining([['WWW-Authenticate', 'Bearer realm="api"']]), text: '' },
      { status: 200, text: 'ordered by user-1' },
      { status: 400 },
    ])
  })

  it('hands the anchor for background work on', async () => {
    const anchored: Promise<unknown>[] = []
    const context = { waitUntil: (work: Promise<unknown>) => void anchored.push(work) }
    const { result } = await withIssuers([issuer], async () => {
      const response = await regional(request(await mint()), { REGION: 'eu' }, context)
      return response.json()
    })
    expect(result).toEqual({ orderedBy: 'user-1', region: 'eu' })
  })

  it('starts a Worker with the keys that another run stored, without a fetch', async () => {
    const stored = new Map<string, string>()
    const KEYS = {
      get: async (name: string) => JSON.parse(stored.get(name) ?? 'null'),
      put: async (name: string, text: string) => void stored.set(name, text),
    }
    await withIssuers([issuer], () => worker.scheduled(undefined, { KEYS }))
    const { result } = await withIssuers([], async () =>
      worker.fetch(request(await mint()), { KEYS }, { waitUntil: () => {} }),
    )
    expect([result.status, await result.text()]).toEqual([200, '{"orderedBy":"user-1"}'])
  })

  it('starts a function with the keys that another one stored, without a fetch', async () => {
    let kept: KeySnapshot | undefined
    const snapshots = { read: async () => kept, write: async (keys: KeySnapshot) => void (kept = keys) }
    const sent = [await mint(), await mint({ scope: 'profile' }), 'not-a-token']
    const answers = async () => {
      const serve = await lambda(snapshots)
      return Promise.all(
        sent.map(async (token) => (await serve(httpApiEvent(bearer(token)), lambdaContext)).statusCode),
      )
    }
    expect((await withIssuers([], answers)).result).toEqual([503, 503, 401])
    await withIssuers([issuer], scheduled(snapshots))
    expect((await withIssuers([], answers)).result).toEqual([200, 403, 401])
    await expect(withIssuers([], scheduled(snapshots))).rejects.toSatisfy(isAuthError)
    expect((await withIssuers([], answers)).result).toEqual([200, 403, 401])
  })

  it('starts any process with them', async () => {
    let kept: KeySnapshot | undefined
    const snapshots = { read: async () => kept, write: async (keys: KeySnapshot) => void (kept = keys) }
    const { result: server } = await withIssuers([issuer], () => seeded(snapshots))
    const token = await mint()
    expect((await withIssuers([], () => server.verifier.verify(token))).result.subject).toBe('user-1')
  })

  it('verifies without HTTP', async () => {
    const token = await mint()
    expect((await withIssuers([issuer], () => subjectOf(token))).result).toBe('user-1')
  })
})

function codeOf(error: unknown): string {
  return isAuthError(error) ? error.code : String(error)
}
