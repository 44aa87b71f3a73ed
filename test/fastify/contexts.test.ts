import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { createResourceServer, scopes } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'

import type { Served } from '../support/asking.ts'

import { only } from '../support/single-field.ts'
import { fastify, scene, serve } from './scene.ts'

const subject = async (request: FastifyRequest) => [accessToken(request).subject, request.auth?.subject]

/** Two issuers for one audience, and how to ask with the token of either. */
async function twoIssuers() {
  const { issuer, clock, trust, refusals } = await scene()
  const other = await testIssuer({ issuer: 'https://other.example', algorithm: 'ES256', keySeries: 'other', clock })
  const otherTrust = { ...trust, issuer: other.issuer, system: { ...trust.system, fetch: other.fetch }, realm: 'other' }
  const tokens = { issuer: await issuer.mint({ sub: 'ours' }), other: await other.mint({ sub: 'theirs' }) }
  return { trust, otherTrust, tokens, refusals }
}

/** The status for each of the two tokens, and for none. */
async function statuses({ ask }: Served, path: string, tokens: { issuer: string; other: string }) {
  const status = async (token?: string) => (await ask(path, { token })).status
  return [await status(tokens.issuer), await status(tokens.other), await status()]
}

describe('the context that registers it and those below', () => {
  it('are protected, and no other', async () => {
    const { trust, tokens } = await twoIssuers()
    const app = fastify()
    const route = async () => 'in'
    app.get('/before', route)
    await app.register(async (context) => {
      context.get('/sibling-before', route)
    })
    await app.register(async (context) => {
      context.get('/own-before', route)
      await context.register(async (child) => {
        child.get('/child-before', route)
        await child.register(async (grandchild) => void grandchild.get('/grandchild-before', route))
      })
      await context.register(tokenward, trust)
      context.get('/own', route)
      await context.register(async (child) => {
        child.get('/child', route)
        await child.register(async (grandchild) => void grandchild.get('/grandchild', route))
      })
    })
    await app.register(async (context) => void context.get('/sibling', route))
    app.get('/after', route)
    const served = await serve(app)

    for (const path of ['/before', '/after', '/sibling-before', '/sibling']) {
      expect([path, ...(await statuses(served, path, tokens))]).toEqual([path, 200, 200, 200])
    }
    const within = ['/own', '/child', '/grandchild']
    for (const path of [...within.map((name) => `${name}-before`), ...within]) {
      expect([path, ...(await statuses(served, path, tokens))]).toEqual([path, 200, 401, 401])
    }
  })

  it('are protected where nothing is awaited', async () => {
    const { trust, tokens } = await twoIssuers()
    const app = fastify()
    app.get('/first', async () => 'in')
    void app.register(tokenward, trust)
    app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, subject)
    void app.register(async (child) => void child.get('/child', subject))
    const served = await serve(app)

    for (const path of ['/first', '/orders', '/child']) {
      expect([path, ...(await statuses(served, path, tokens))]).toEqual([path, 200, 401, 401])
    }
  })

  it('are protected where the options are a function', async () => {
    const { trust, tokens } = await twoIssuers()
    const app = fastify()
    await app.register(tokenward, () => trust)
    app.get('/orders', subject)
    expect(await statuses(await serve(app), '/orders', tokens)).toEqual([200, 401, 401])
  })

  it('are found through a plugin of yours that is no context of its own', async () => {
    const { trust, tokens } = await twoIssuers()
    const app = fastify()
    const security = async (instance: FastifyInstance) => {
      await instance.register(tokenward, trust)
    }
    await app.register(Object.assign(security, { [Symbol.for('skip-override')]: true }))
    app.get('/orders', subject)
    expect(await statuses(await serve(app), '/orders', tokens)).toEqual([200, 401, 401])
  })
})

describe('two resource servers', () => {
  it('in sibling contexts know nothing of each other', async () => {
    const { trust, otherTrust, tokens } = await twoIssuers()
    const app = fastify()
    const options = { onRequest: authorize(scopes('orders:read')) }
    await app.register(
      async (context) => {
        await context.register(tokenward, trust)
        context.get('/orders', options, subject)
      },
      { prefix: '/ours' },
    )
    await app.register(
      async (context) => {
        await context.register(tokenward, otherTrust)
        context.get('/orders', options, subject)
      },
      { prefix: '/theirs' },
    )
    const served = await serve(app)

    expect(await statuses(served, '/ours/orders', tokens)).toEqual([200, 401, 401])
    expect(await statuses(served, '/theirs/orders', tokens)).toEqual([401, 200, 401])
    expect((await served.ask('/theirs/orders', { token: tokens.other })).body).toBe('["theirs","theirs"]')
    expect(only(await served.ask('/ours/orders'), 'WWW-Authenticate')).toBe('Bearer realm="api"')
    expect(only(await served.ask('/theirs/orders'), 'WWW-Authenticate')).toBe('Bearer realm="other"')
  })

  describe.each(['the outer first', 'the inner first'])('in nested contexts, %s', (order) => {
    async function nested() {
      const parts = await twoIssuers()
      const app = fastify()
      const options = { preHandler: authorize(scopes('orders:read')) }
      if (order === 'the outer first') await app.register(tokenward, parts.trust)
      await app.register(async (inner) => {
        inner.get('/early', subject)
        await inner.register(tokenward, parts.otherTrust)
        inner.get('/inner', options, subject)
        inner.get('/config', { config: { tokenward: { policy: scopes('orders:read') } } }, subject)
        inner.get('/public', { config: { tokenward: { public: true } } }, async () => 'in')
        await inner.register(async (innermost) => void innermost.get('/innermost', options, subject))
      })
      await app.register(async (beside) => void beside.get('/beside', options, subject))
      if (order === 'the inner first') await app.register(tokenward, parts.trust)
      app.get('/outer', options, subject)
      return { ...parts, served: await serve(app) }
    }

    it('the innermost decides alone', async () => {
      const { served, tokens, refusals } = await nested()
      for (const path of ['/inner', '/config', '/innermost', '/early']) {
        expect([path, ...(await statuses(served, path, tokens))]).toEqual([path, 401, 200, 401])
        expect((await served.ask(path, { token: tokens.other })).body).toBe('["theirs","theirs"]')
        expect(only(await served.ask(path), 'WWW-Authenticate')).toBe('Bearer realm="other"')
      }
      for (const path of ['/outer', '/beside']) {
        expect([path, ...(await statuses(served, path, tokens))]).toEqual([path, 200, 401, 401])
        expect((await served.ask(path, { token: tokens.issuer })).body).toBe('["ours","ours"]')
        expect(only(await served.ask(path), 'WWW-Authenticate')).toBe('Bearer realm="api"')
      }
      expect(refusals()).toHaveLength(4 * 3 + 2 * 3)
      expect(await statuses(served, '/public', tokens)).toEqual([200, 200, 200])
      expect(refusals()).toHaveLength(4 * 3 + 2 * 3)
    })
  })

  it('cannot be in one context, and the error says so', async () => {
    const { trust, otherTrust } = await twoIssuers()
    const app = fastify()
    await app.register(tokenward, trust)
    const again = async () => {
      await app.register(tokenward, otherTrust)
    }
    await expect(again()).rejects.toThrow('tokenward: this context has a resource server already')
  })

  it('cannot be in one context by way of a plugin of yours', async () => {
    const { trust, otherTrust } = await twoIssuers()
    const app = fastify()
    void app.register(async (context) => {
      const plugin = async (instance: FastifyInstance) => {
        await instance.register(tokenward, otherTrust)
      }
      await context.register(tokenward, trust)
      await context.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }))
      context.get('/orders', async () => 'in')
    })
    await expect(async () => app.ready()).rejects.toThrow('has a resource server already')
  })

  it('may be the same one twice, handed in', async () => {
    const { trust, tokens } = await twoIssuers()
    const server = createResourceServer(trust)
    const app = fastify()
    await app.register(async (context) => {
      await context.register(tokenward, server)
      context.get('/one', subject)
    })
    await app.register(async (context) => {
      await context.register(tokenward, server)
      context.get('/two', { onRequest: authorize(scopes('orders:read')) }, subject)
    })
    const served = await serve(app)
    for (const path of ['/one', '/two']) expect(await statuses(served, path, tokens)).toEqual([200, 401, 401])
    await server.close()
  })
})

describe('without a resource server', () => {
  it('authorize answers 500 and says why in the log only', async () => {
    const { trust, tokens } = await twoIssuers()
    const logged: string[] = []
    const app = fastify({ logger: { level: 'error', stream: { write: (line) => void logged.push(line) } } })
    let entered = 0
    const enter = async () => void (entered += 1)
    await app.register(async (context) => {
      await context.register(tokenward, trust)
    })
    app.get('/on-request', { onRequest: authorize(scopes('orders:read')) }, enter)
    app.get('/pre-parsing', { preParsing: authorize(scopes('orders:read')) }, enter)
    app.get('/pre-handler', { preHandler: [authorize(scopes('orders:read'), { fresh: true })] }, enter)
    const { ask } = await serve(app)

    for (const path of ['/on-request', '/pre-parsing', '/pre-handler']) {
      const { status, body } = await ask(path, { token: tokens.issuer })
      expect(status).toBe(500)
      expect(JSON.parse(body)).toEqual({
        statusCode: 500,
        code: 'NOT_AUTHENTICATED',
        error: 'Internal Server Error',
        message: 'The API could not decide whether to allow this request',
      })
    }
    expect(entered).toBe(0)
    expect(logged).toHaveLength(3)
    expect(logged.every((line) => line.includes('tokenward is registered neither in the context of this route'))).toBe(
      true,
    )
    expect(logged.join()).not.toContain(tokens.issuer)
  })

  it('a hook called by hand refuses to be called without done, since nobody could be held back', async () => {
    const { trust, tokens } = await twoIssuers()
    const app = fastify()
    await app.register(tokenward, trust)
    // A cast because JavaScript may leave out what a type asks for.
    const hook = authorize(scopes('admin')) as unknown as (request: FastifyRequest, reply: FastifyReply) => unknown
    let entered = 0
    app.get('/', { onRequest: async (request, reply) => void (await hook(request, reply)) }, async () => {
      entered += 1
    })
    const { ask } = await serve(app)

    expect((await ask('/', { token: tokens.issuer })).status).toBe(500)
    expect(entered).toBe(0)
  })
})
