import type { AccessToken, Decision, ResourceServer, Verifier } from '@tokenward/core'
import { AuthError, createRequestGate, createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { requestWith, scene } from '../scene.ts'

// Where nothing has to be asked, adapters are answered before their call returns, and a token that was there before is
// known before it is read. Neither way may lead past what a user put around a verifier or a resource server.

type Settled = Decision<AccessToken | undefined>

async function remembered() {
  const { issuer, trusting, serving, system } = await scene()
  const token = await issuer.mint({ exp: system.nowSeconds() + 60 })
  const [verifier, server] = [trusting(), serving()]
  for (let time = 0; time < 3; time += 1) {
    await verifier.verify(token)
    await server.authenticate(requestWith(`Bearer ${token}`))
  }
  return { token, request: requestWith(`Bearer ${token}`), verifier, server, system }
}

/** What a gate on `server` tells a framework before `authenticateThen` returns, and in the end. */
function told(server: ResourceServer, request = requestWith()) {
  const heard: unknown[] = []
  const end = new Promise<unknown>((resolve) => {
    const hear = (what: unknown): void => {
      heard.push(what)
      resolve(what)
    }
    createRequestGate(server).authenticateThen({}, request, hear, hear)
  })
  return { atOnce: heard.length > 0, end }
}

describe('a gate tells a framework', () => {
  it('at once of a token that was there before', async () => {
    const { server, request } = await remembered()
    const { atOnce, end } = told(server, request)
    expect(atOnce).toBe(true)
    expect(await end).toMatchObject({ granted: true, token: { subject: 'user-1' } })
  })

  it('at once of a request without a token', async () => {
    const { server } = await remembered()
    const { atOnce, end } = told(server)
    expect(atOnce).toBe(true)
    expect(await end).toMatchObject({ granted: false, error: { code: 'TOKEN_MISSING' } })
  })

  it('later where keys have to be fetched', async () => {
    const { issuer, verifier } = await scene()
    const request = requestWith(`Bearer ${await issuer.mint()}`)
    const { atOnce, end } = told(createResourceServer({ verifier, anonymous: 'refuse' }), request)
    expect(atOnce).toBe(false)
    expect(await end).toMatchObject({ granted: true })
  })

  describe.each(['at once', 'later'])('%s', (when) => {
    /** What the gate hands on of what a route throws. */
    const failureOf = async (thrown: unknown): Promise<unknown> => {
      const { server, request } = await remembered()
      const slow: ResourceServer = { ...server, authenticate: async (asked) => server.authenticate(asked) }
      const fail = (): never => {
        throw thrown
      }
      return new Promise((resolve) => {
        createRequestGate(when === 'later' ? slow : server).authenticateThen({}, request, fail, resolve)
      })
    }

    it('what the framework throws itself', async () => {
      const thrown = new RangeError('from a route')
      expect(await failureOf(thrown)).toBe(thrown)
    })

    it.each(['route', undefined, { message: 'no Error' }])('an Error for %j, which may be an order', async (thrown) => {
      expect(await failureOf(thrown)).toMatchObject({ code: 'INTERNAL_FAULT', cause: thrown })
    })
  })

  it.each(['rejects', 'throws'])('of a resource server of its own that %s', async (how) => {
    const { server, request } = await remembered()
    const broken: ResourceServer = {
      ...server,
      authenticate: how === 'rejects' ? () => Promise.reject(new Error('no')) : () => undefinedThing(),
    }
    expect(await told(broken, request).end).toBeInstanceOf(Error)
  })
})

function undefinedThing(): never {
  throw new TypeError('no')
}

describe('a token that was there before', () => {
  it('is for a resource server around ours to judge', async () => {
    const { server, request } = await remembered()
    const closed: ResourceServer = { ...server, authenticate: () => server.authenticate(requestWith('Bearer x.y.z')) }
    expect(await told(closed, request).end).toMatchObject({ granted: false })
    expect((await createRequestGate(closed).authenticate({}, request)).granted).toBe(false)
  })

  it('is for a verifier around ours to judge', async () => {
    const { verifier, request } = await remembered()
    const closed: Verifier = {
      ...verifier,
      verify: async (raw, options) => {
        await verifier.verify(raw, options)
        throw new AuthError('TOKEN_REVOKED', 'by a rule of mine')
      },
    }
    const server = createResourceServer({ verifier: closed })
    expect(await server.authenticate(request)).toMatchObject({ granted: false, error: { code: 'TOKEN_REVOKED' } })
    expect(await told(createResourceServer({ verifier: closed, anonymous: 'refuse' }), request).end).toMatchObject({
      granted: false,
    })
  })

  it('is verified by a verifier that needs its this', async () => {
    const { verifier, request } = await remembered()
    class Counting {
      calls = 0
      readonly warmUp = verifier.warmUp
      readonly status = verifier.status
      readonly exportKeys = verifier.exportKeys
      readonly close = verifier.close
      readonly [Symbol.asyncDispose] = verifier.close

      async verify(raw: string): Promise<AccessToken> {
        this.calls += 1
        return verifier.verify(raw)
      }
    }
    const counting = new Counting()
    expect((await createResourceServer({ verifier: counting }).authenticate(request)).granted).toBe(true)
    expect(counting.calls).toBe(1)
  })

  it.each(['Bearer  ', 'bearer ', 'Bearer\t', 'BEARER '])('is read as any other after %j', async (prefix) => {
    const { server, token } = await remembered()
    const [usual, other] = await Promise.all([
      server.authenticate(requestWith(`Bearer ${token}`)),
      server.authenticate(requestWith(`${prefix}${token}`)),
    ])
    expect(usual.granted).toBe(true)
    expect(other.granted ? 'granted' : other.error.code).toBe(prefix.endsWith('\t') ? 'REQUEST_MALFORMED' : 'granted')
  })

  it('is no other with something before, after or within it', async () => {
    const { server, token } = await remembered()
    const [header = '', payload = '', signature = ''] = token.split('.')
    const strange = [
      `${token}=`,
      `${token} `,
      `${token}A`,
      `${token}.`,
      `A${token}`,
      ` ${token} x`,
      `${header}.${payload}x.${signature}`,
      `${header}.${payload}.${signature.slice(1)}`,
      `${header}.${payload}.A${signature.slice(1)}`,
      `${payload}.${payload}.${signature}`,
      `${header}..${signature}`,
      `..${signature}`,
      signature,
    ].filter((other) => other !== token)
    for (const other of strange) {
      const decision = await server.authenticate(requestWith(`Bearer ${other}`))
      // RFC 9110 section 5.5: space after a value is not part of it
      expect([other, decision.granted]).toEqual([other, other === `${token} `])
    }
    expect((await server.authenticate(requestWith(`Bearer ${token}`, `Bearer ${token}`))).granted).toBe(false)
  })

  it('is refused with one event once it expired', async () => {
    const { issuer, serving, system, events } = await scene()
    const request = requestWith(`Bearer ${await issuer.mint({ exp: system.nowSeconds() + 60 })}`)
    const server = serving()
    for (let time = 0; time < 3; time += 1) await server.authenticate(request)
    await system.advance(100)
    events.length = 0
    const settled = (await server.authenticate(request)) as Settled // of a server that refuses anonymous requests
    expect(settled).toMatchObject({ granted: false, error: { code: 'TOKEN_EXPIRED' } })
    expect(events.map(({ type }) => type)).toEqual(['refused'])
  })
})
