import type { ExecutionContext } from '@nestjs/common'
import type { ModuleRef } from '@nestjs/core'
import type { AccessToken } from '@tokenward/core'
import type { Credentials } from '@tokenward/nestjs'

import { UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { accessToken, AccessTokenGuard, Public, RefusalException, TokenwardModule } from '@tokenward/nestjs'
import { describe, expect, it, onTestFinished } from 'vitest'

import { trustedIssuer } from '../support/trusted-issuer.ts'
import { rootModule } from './platforms.ts'

class Handlers {
  handler(): void {}

  @Public()
  open(): void {}
}

/** A call as Nest describes it to a guard; parameters of a handler are given the same arguments in another list. */
function call(type: string, args: readonly unknown[], handler = Handlers.prototype.handler): ExecutionContext {
  const context = {
    getType: () => type,
    getArgs: () => args,
    getArgByIndex: (at: number) => args[at],
    getHandler: () => handler,
    getClass: () => Handlers,
  }
  return context as unknown as ExecutionContext // all that is asked of it here
}

/** A guard, and what it makes of a call: a token, none, or the code of a refusal. */
async function guarding(options: { readonly anonymous?: 'pass'; readonly credentials?: Credentials } = {}) {
  const { issuer, trust, refusals } = await trustedIssuer()
  const module = rootModule({
    imports: [TokenwardModule.forRoot({ ...trust, ...options, guard: 'manual' })],
  })
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false })
  onTestFinished(() => app.close())
  const guard = app.get(AccessTokenGuard)
  return {
    issuer,
    refusals,
    guard,
    judge: async (type: string, args: readonly unknown[]): Promise<AccessToken | string | undefined> => {
      try {
        await guard.canActivate(call(type, args))
      } catch {
        return refusals().at(-1)?.code
      }
      try {
        return accessToken(call(type, [...args]))
      } catch (error) {
        return error instanceof RefusalException ? undefined : `no token: ${String(error)}`
      }
    },
  }
}

function upgrade(fields: Readonly<Record<string, unknown>>): object {
  return {
    method: 'GET',
    url: '/',
    headers: fields,
    rawHeaders: Object.entries(fields).flatMap(([name, value]) => [value ?? []].flat().flatMap((one) => [name, one])),
  }
}

const info = { fieldName: 'orders' }

/** Calls of each kind, with these values of a field for credentials, as one that fits or one that is empty. */
const kinds: readonly (readonly [string, (values: readonly string[]) => readonly [string, readonly unknown[]]])[] = [
  ['gRPC', (values) => ['rpc', [{}, { toHttp2Headers: () => ({ authorization: values }) }, {}]]],
  ['NATS', (values) => ['rpc', [{}, { getHeaders: () => new Map([['Authorization', values]]) }]]],
  ['NATS, with one value', ([value]) => ['rpc', [{}, { getHeaders: () => new Map([['authorization', value]]) }]]],
  ['Kafka', (values) => ['rpc', [{}, { getMessage: () => ({ value: '', headers: { authorization: values } }) }]]],
  [
    'Kafka, in octets',
    ([value]) => ['rpc', [{}, { getMessage: () => ({ headers: value ? { Authorization: Buffer.from(value) } : {} }) }]],
  ],
  [
    'RabbitMQ',
    (values) => [
      'rpc',
      [{}, { getMessage: () => ({ properties: { headers: { authorization: values } } }), getPattern: () => '' }],
    ],
  ],
  [
    'MQTT',
    (values) => ['rpc', [{}, { getPacket: () => ({ properties: { userProperties: { authorization: values } } }) }]],
  ],
  ['TCP and Redis', ([value]) => ['rpc', [{}, { getMetadata: () => (value ? { authorization: value } : undefined) }]]],
  [
    'Socket.IO',
    (values) => ['ws', [{ id: '1', handshake: {}, request: upgrade({ authorization: values[0] && values }) }, {}, 'x']],
  ],
  ['Apollo', (values) => ['graphql', [{}, {}, { req: upgrade({ authorization: values[0] && values }) }, info]]],
  [
    'Apollo, over a WebSocket',
    (values) => [
      'graphql',
      [{}, {}, { req: { extra: { request: upgrade({ authorization: values[0] && values }) } } }, info],
    ],
  ],
  [
    'a reference of a federated graph',
    (values) => ['graphql', [{}, { req: upgrade({ authorization: values[0] && values }) }, info]],
  ],
  [
    'Mercurius',
    (values) => ['graphql', [{}, {}, { reply: { request: upgrade({ authorization: values[0] && values }) } }, info]],
  ],
  [
    'a context with a request',
    (values) => ['graphql', [{}, {}, { request: upgrade({ authorization: values[0] && values }) }, info]],
  ],
]

describe.each(kinds)('credentials of %s', (_kind, callWith) => {
  it('are found', async () => {
    const { issuer, judge } = await guarding()
    const [type, args] = callWith([`Bearer ${await issuer.mint()}`])
    expect(await judge(type, args)).toMatchObject({ subject: 'user-1' })
  })

  it('are refused if they are bad', async () => {
    const { judge } = await guarding()
    expect(await judge(...callWith(['Bearer x']))).toBe('TOKEN_MALFORMED')
    expect(await judge(...callWith(['Basic eDp5']))).toBe('TOKEN_MISSING')
  })

  it('may be absent only where anonymous calls pass', async () => {
    const [refusing, passing] = await Promise.all([guarding(), guarding({ anonymous: 'pass' })])
    expect(await refusing.judge(...callWith([]))).toBe('TOKEN_MISSING')
    expect(await passing.judge(...callWith([]))).toBeUndefined()
  })
})

describe.each(kinds.filter(([name]) => !/one value|octets|TCP/u.test(name)))(
  'two credentials of %s',
  (_kind, callWith) => {
    it('are refused', async () => {
      const { issuer, judge } = await guarding()
      const value = `Bearer ${await issuer.mint()}`
      expect(await judge(...callWith([value, value]))).toBe('REQUEST_MALFORMED')
    })
  },
)

describe('a call with nowhere to look for credentials', () => {
  const [request, other] = [upgrade({}), upgrade({})]

  it.each([
    ['an unknown context', 'necord', [{ headers: {} }]],
    ['an unknown context, that looks like HTTP', 'http2', [request]],
    ['an unknown context, that looks like a WebSocket', 'telegraf', [{ request }, {}, 'list']],
    ['an unknown context, that looks like a message', 'telegraf', [{}, { getHeaders: () => ({}) }]],
    ['an unknown context without arguments', 'scheduler', []],
    ['a context without a name', '', [request]],
    ['a client without its request', 'ws', [{ readyState: 1 }, {}, 'list']],
    ['no client', 'ws', []],
    ['a transport without metadata', 'rpc', [{}, { getPattern: () => 'list' }]],
    ['a transport without a context', 'rpc', [{}]],
    ['a context of GraphQL without a request', 'graphql', [{}, {}, { user: 1 }, info]],
    ['no context of GraphQL', 'graphql', [{}, {}, undefined, info]],
    [
      'a context of GraphQL with the requests of two callers',
      'graphql',
      [{}, {}, { req: request, reply: { request: other } }, info],
    ],
    [
      'a context of GraphQL with a request of the web',
      'graphql',
      [{}, {}, { req: new Request('http://a.example') }, info],
    ],
    ['what resolves types', 'graphql', [{}, { req: request }, info, { name: 'Order' }]],
  ] as const)('is refused, anonymous or not: %s', async (_name, type, args) => {
    for (const { judge, guard } of [await guarding(), await guarding({ anonymous: 'pass' })]) {
      expect(await judge(type, args)).toBe('NOT_AUTHENTICATED')
      expect(await guard.canActivate(call(type, args, Handlers.prototype.open))).toBe(true)
    }
  })

  it('may have them elsewhere, but not in a context that nobody knows, nor over HTTP', async () => {
    let token = ''
    const { issuer, judge } = await guarding({ credentials: () => (token === '' ? undefined : `Bearer ${token}`) })
    const places = [
      ['rpc', [{}, { getPattern: () => 'list' }]],
      ['ws', [{ readyState: 1 }, {}, 'list']],
      ['graphql', [{}, {}, { connectionParams: {} }, info]],
    ] as const
    for (const [type, args] of places) {
      token = ''
      expect(await judge(type, args)).toBe('TOKEN_MISSING')
      token = await issuer.mint()
      expect(await judge(type, args)).toMatchObject({ subject: 'user-1' })
      token = 'x'
      expect(await judge(type, args)).toBe('TOKEN_MALFORMED')
    }
    token = await issuer.mint()
    expect(await judge('necord', [{}])).toBe('NOT_AUTHENTICATED')
    expect(await judge('http', [request, { header: () => {} }])).toBe('TOKEN_MISSING')
  })

  it('is a fault where the function that finds them fails', async () => {
    const { judge } = await guarding({
      credentials: () => {
        throw new Error('no')
      },
    })
    expect(await judge('rpc', [{}, {}])).toBe('INTERNAL_FAULT')
    expect(await judge('ws', [{ readyState: 1 }, {}, 'list'])).toBe('INTERNAL_FAULT')
  })
})

describe('the token of a call', () => {
  it('is that of the message, not of what came over the same socket since', async () => {
    const { issuer, guard } = await guarding({ credentials: (context) => context.getArgByIndex(1).authorization })
    const client = { readyState: 1 }
    const messages = await Promise.all(
      ['one', 'other'].map(async (sub) => ({ authorization: `Bearer ${await issuer.mint({ sub })}` })),
    )
    for (const message of messages) await guard.canActivate(call('ws', [client, message, 'list']))
    expect(messages.map((message) => accessToken(call('ws', [client, message, 'list'])).subject)).toEqual([
      'one',
      'other',
    ])
  })

  it('is no token of another handler', async () => {
    const { issuer, guard } = await guarding()
    const args = [{ request: upgrade({ authorization: `Bearer ${await issuer.mint()}` }) }, 'text', 'list']
    await guard.canActivate(call('ws', args))
    expect(accessToken(call('ws', args)).subject).toBe('user-1')
    expect(() => accessToken(call('ws', args, Handlers.prototype.open))).toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED' }),
    )
  })
  it('is read from a request without raw fields, as stand-ins for a server have it', async () => {
    const { issuer, judge } = await guarding()
    const authorization = `Bearer ${await issuer.mint()}`
    expect(await judge('http', [{ method: 'GET', headers: { authorization } }, {}])).toMatchObject({
      subject: 'user-1',
    })
  })

  it('is not kept under what other calls are about as well', async () => {
    const { issuer, guard } = await guarding({ credentials: (context) => context.getArgByIndex(0).authorization })
    const resolving = call('graphql', [{ authorization: `Bearer ${await issuer.mint()}` }, {}, info, { name: 'Order' }])
    expect(await guard.canActivate(resolving)).toBe(true)
    expect(() => accessToken(resolving)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
  })
})

describe('a public handler', () => {
  const marked = (...guards: Parameters<typeof UseGuards>) => {
    class Own {
      @Public()
      @UseGuards(...guards)
      open(): void {}
    }
    return call('http', [upgrade({}), { header: () => {} }], Own.prototype.open)
  }

  it('is guarded all the same by a guard of Tokenward: its class, one that inherits, or what they made', async () => {
    const { guard } = await guarding()
    class Inherited extends AccessTokenGuard {}
    // a cast because this one is never asked for anything
    for (const ours of [AccessTokenGuard, Inherited, guard, new Inherited({} as ModuleRef)]) {
      await expect(guard.canActivate(marked(ours))).rejects.toThrow(RefusalException)
    }
  })

  it('is public beside guards of yours', async () => {
    const { guard } = await guarding()
    const canActivate = () => true
    class Yours {
      readonly canActivate = canActivate
    }
    const bare = Object.assign(Object.create(null), { canActivate })
    expect(await guard.canActivate(marked(Yours, new Yours(), { canActivate }, bare))).toBe(true)
  })
})
