import type { GuardedFetch, System, TokenwardEvent } from '@tokenward/core'
import { createVerifier, jwtIssuer, tenantIssuers } from '@tokenward/core'
import type { GuardedFetchOptions } from '@tokenward/core/node'
import { guardedFetch } from '@tokenward/core/node'
import { manualClock } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import type { Answer } from '../../support/answers.ts'
import * as answers from '../../support/answers.ts'
import { gate } from '../../support/answers.ts'
import type { ScriptedServer } from '../../support/scripted-server.ts'
import { scriptedServer, serverPaths } from '../../support/scripted-server.ts'
import { AUDIENCE, outcome } from '../scene.ts'

const { jwks, openid } = serverPaths

/** A real authorization server, and an API that trusts any name and reaches it through a guard. */
async function served({
  network = guardedFetch({ allowLoopback: true }),
  system = {},
}: { network?: GuardedFetch; system?: Partial<System> } = {}) {
  let nowMs = 1_800_000_000_000
  const clock = { now: () => nowMs }
  const server = await scriptedServer({ clock })
  const events: TokenwardEvent[] = []
  const resolve = (issuer: string) => jwtIssuer({ issuer, allowLoopbackHttp: true })
  const fetch = () => Promise.reject(new Error('the unguarded fetch was used'))
  const verifier = createVerifier({
    issuer: tenantIssuers({ allow: () => true, network, resolve }),
    audience: AUDIENCE,
    system: { ...clock, random: () => 0, fetch, ...system },
    onEvent: (event) => void events.push(event),
  })
  return {
    server,
    verifier,
    wait: (seconds: number) => void (nowMs += seconds * 1000),
    verdict: async () => outcome(verifier.verify(await server.tokens.mint())),
    failures: () => events.flatMap((event) => (event.type === 'keys-refresh-failed' ? [event.reason] : [])),
    [Symbol.asyncDispose]: async () => {
      await verifier.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** A look-up that a caller without types might give. */
const untyped = (lookup: () => Promise<unknown>) => lookup as GuardedFetchOptions['lookup']

/** Gives `path` this answer; resolves once the connection is closed, with whether all of it was sent. */
function closing(server: ScriptedServer, path: string, answer: Answer): Promise<'whole' | 'in part'> {
  return new Promise((resolve) => {
    server.answer(path, (response, request) => {
      response.once('close', () => resolve(response.writableFinished ? 'whole' : 'in part'))
      return answer(response, request)
    })
  })
}

describe('a verifier of tenants behind guardedFetch', () => {
  it('verifies a token of a real server, and asks it properly', async () => {
    await using api = await served()
    const { requests, issuer } = api.server

    expect(await api.verdict()).toBe('accepted')
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${openid}`, `GET ${jwks}`])
    for (const { headers, body } of requests) {
      expect(headers).toEqual({
        accept: ['application/json, application/jwk-set+json'],
        connection: ['close'], // a connection that is kept would outlive the judgement of its address
        host: [new URL(issuer).host],
      })
      expect(body).toBe('')
    }
  })

  it('finds the metadata of an issuer with a path where RFC 8414 puts it', async () => {
    await using api = await served()
    const { server, verifier } = api
    const issuer = `${server.issuer}/tenants/7`
    const location = '/.well-known/oauth-authorization-server/tenants/7'
    server.answer(location, answers.json({ issuer, jwks_uri: `${server.issuer}${jwks}?tenant=7&x=%20y` }))

    expect(await outcome(verifier.verify(await server.tokens.mint({ iss: issuer })))).toBe('accepted')
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/tenants/7/.well-known/openid-configuration',
      location,
      `${jwks}?tenant=7&x=%20y`,
    ])
  })

  it('refuses the same server where loopback is not allowed, without a connection', async () => {
    await using api = await served({ network: guardedFetch() })
    expect(await api.verdict()).toBe('KEYS_UNAVAILABLE')
    expect(api.failures()).toEqual(['address-refused'])
    expect(api.server.requests).toEqual([])
  })

  it('asks with the entity tag when the keys ran out, and keeps them at 304', async () => {
    await using api = await served()
    const { server, verifier } = api
    const headers = { 'content-type': 'application/json', etag: '"v1"' }
    const body = JSON.stringify(server.tokens.jwks())
    server.answer(jwks, answers.reply({ headers, body }), answers.reply({ status: 304, headers: { etag: '"v1"' } }))
    await api.verdict()
    api.wait(15 * 60)

    expect(await api.verdict()).toBe('accepted')
    expect(server.count(jwks)).toBe(2)
    expect(server.requests.at(-1)?.headers['if-none-match']).toEqual(['"v1"'])
    expect(verifier.status().issuers).toMatchObject([{ state: 'fresh', secondsSinceSuccess: 0, lastError: undefined }])
  })

  it.each([301, 302, 303, 307, 308])('does not follow a %s: neither the metadata’s nor the keys’', async (status) => {
    for (const path of [openid, jwks]) {
      await using api = await served()
      api.server.answer(path, answers.redirect(`${api.server.issuer}/elsewhere`, status))
      expect(await api.verdict()).toBe('KEYS_UNAVAILABLE')
      expect(api.failures()).toEqual(['redirect'])
      expect(api.server.count('/elsewhere')).toBe(0)
    }
  })

  it.each<[string, Answer, string]>([
    ['500', answers.reply({ status: 500 }), 'status'],
    ['204', answers.reply({ status: 204 }), 'status'],
    ['205', answers.reply({ status: 205 }), 'status'],
    ['304 that nobody asked for', answers.reply({ status: 304 }), 'redirect'],
    ['octets at random', answers.garbage(), 'not-json'],
    ['nothing', answers.reply({ headers: { 'content-type': 'application/json' } }), 'not-json'],
    ['a connection cut before the answer', answers.cut('before'), 'network'],
    ['a connection cut within the answer', answers.cut('within'), 'network'],
    [
      'a compressed body, which is never unpacked',
      answers.reply({ headers: { 'content-encoding': 'gzip' }, body: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]) }),
      'not-json',
    ],
  ])('says of keys answered with %s why they cannot be had', async (_, answer, reason) => {
    await using api = await served()
    api.server.answer(jwks, answer)
    expect(await api.verdict()).toBe('KEYS_UNAVAILABLE')
    expect(api.failures()).toEqual([reason])
  })

  it('refuses a body of 5 MB', async () => {
    await using api = await served()
    api.server.answer(jwks, answers.hugeBody())
    expect(await api.verdict()).toBe('KEYS_UNAVAILABLE')
    expect(api.failures()).toEqual(['too-large'])
  })

  it('stops reading a body without end and hangs up', async () => {
    await using api = await served()
    let sent = 0
    const closed = closing(api.server, jwks, (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384
      }
      response.writeHead(200, { 'content-type': 'application/json' }).on('drain', more)
      more()
    })
    expect(await api.verdict()).toBe('KEYS_UNAVAILABLE')
    expect(await closed).toBe('in part')
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('drops the body of an answer that it will not read', async () => {
    await using api = await served()
    const closed = closing(api.server, jwks, (response) => {
      response.writeHead(500).write('x'.repeat(1024))
    })
    expect(await api.verdict()).toBe('KEYS_UNAVAILABLE')
    expect(await closed).toBe('in part')
  })

  it.each<[string, Answer]>([
    ['says nothing', answers.hang()],
    ['stops in the middle of a body', answers.stalledBody()],
    ['sends a body in drops', answers.tricklingBody()],
  ])('gives up on a server that %s after 5 seconds, and hangs up', async (_, answer) => {
    const clock = manualClock()
    await using api = await served({ system: { schedule: clock.schedule } })
    const closed = closing(api.server, jwks, answer)
    const verdict = api.verdict()
    await api.server.asked(jwks)
    await clock.advance(4.9)
    expect(api.failures()).toEqual([])
    await clock.advance(0.1)

    expect(await verdict).toBe('KEYS_UNAVAILABLE')
    expect(api.failures()).toEqual(['timeout'])
    expect(await closed).toBe('in part')
  })

  it('looks a name up for each connection and never connects to what it refused', async () => {
    const resolved = ['127.0.0.1', '127.0.0.1', '10.0.0.1', '127.0.0.1']
    const lookup = async (hostname: string) => {
      expect(hostname).toBe('localhost')
      return [{ address: resolved.shift() ?? '', family: 4 }]
    }
    await using api = await served({ network: guardedFetch({ allowLoopback: true, lookup }) })
    const { server, verifier } = api
    const issuer = `http://localhost:${new URL(server.issuer).port}`
    server.answer(openid, answers.json({ issuer, jwks_uri: `${issuer}${jwks}` }))
    const verify = async () => outcome(verifier.verify(await server.tokens.mint({ iss: issuer })))
    expect(await verify()).toBe('accepted')
    expect(server.requests.map(({ headers }) => headers['host'])).toEqual([
      [new URL(issuer).host],
      [new URL(issuer).host],
    ])

    api.wait(15 * 60) // the keys ran out, the name now leads inside: no connection, and the old keys serve
    expect(await verify()).toBe('accepted')
    expect(api.failures()).toEqual(['address-refused'])
    expect(server.requests).toHaveLength(2)
    expect(verifier.status().issuers).toMatchObject([{ state: 'stale', lastError: { reason: 'address-refused' } }])
  })
})

describe('guardedFetch by itself', () => {
  const fetch = guardedFetch({ allowLoopback: true })

  it('ends the connection when its signal fires, before an answer and within one', async () => {
    for (const answer of [answers.hang(), answers.stalledBody()]) {
      await using server = await scriptedServer()
      const stop = new AbortController()
      const closed = closing(server, '/x', answer)
      const body = fetch(`${server.issuer}/x`, { signal: stop.signal }).then(async (response) => response.text())
      const failed = body.then(
        () => 'answered',
        () => 'failed',
      )
      await server.asked('/x')
      stop.abort()
      expect(await failed).toBe('failed')
      expect(await closed).toBe('in part')
    }
  })

  it('does not connect when its signal fires during the look-up', async () => {
    await using server = await scriptedServer()
    const stop = new AbortController()
    const lookup = async () => {
      stop.abort()
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const url = `http://localhost:${new URL(server.issuer).port}/x`
    const guarded = guardedFetch({ allowLoopback: true, lookup })
    await expect(guarded(url, { signal: stop.signal })).rejects.toThrow(/aborted/)
    expect(server.requests).toEqual([])
  })

  it('is given up by its signal during a look-up without end', async () => {
    const stop = new AbortController()
    const looking = gate()
    const lookup = async () => {
      looking.open()
      return new Promise<never>(() => {})
    }
    const answer = guardedFetch({ lookup })('http://name.example/', { signal: stop.signal })
    await looking.opened
    stop.abort()
    await expect(answer).rejects.toThrow(/aborted/)
  })

  it.each([undefined, null, {}, 'no', [null], [{}], [{ address: 1 }], [{ address: ['127.0.0.1'], family: 4 }]])(
    'connects to nothing where the look-up answers %j',
    async (answer) => {
      await using server = await scriptedServer()
      const lookup = untyped(async () => answer)
      const url = `http://localhost:${new URL(server.issuer).port}/x`
      await expect(guardedFetch({ lookup, allowLoopback: true })(url, {})).rejects.toBeInstanceOf(Error)
      expect(server.requests).toEqual([])
    },
  )

  it('sends the fields it is given and keeps those that stand twice in the answer', async () => {
    await using server = await scriptedServer()
    server.answer('/x', answers.reply({ status: 418, headers: { 'x-twice': ['a', 'b'], 'x-once': 'c' }, body: 'é' }))
    const response = await fetch(`${server.issuer}/x?a=b`, { headers: { 'X-Given': '1' } })

    expect(response.status).toBe(418)
    expect(response.headers.get('x-twice')).toBe('a, b')
    expect(response.headers.get('x-once')).toBe('c')
    expect(await response.text()).toBe('é')
    expect(server.requests).toMatchObject([{ method: 'GET', url: '/x?a=b', headers: { 'x-given': ['1'] } }])
  })

  it('uses no connection twice', async () => {
    await using server = await scriptedServer()
    const ports = new Set<number | undefined>()
    server.answer('/x', (response) => {
      ports.add(response.socket?.remotePort)
      response.end('{}')
    })
    for (let n = 0; n < 3; n += 1) await (await fetch(`${server.issuer}/x`, {})).text()
    expect(ports.size).toBe(3)
  })

  it('fails where nobody listens', async () => {
    const server = await scriptedServer()
    await server[Symbol.asyncDispose]()
    await expect(fetch(`${server.issuer}/x`, {})).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
