import type { ArgumentsHost, DynamicModule, WsExceptionFilter } from '@nestjs/common'
import type { AccessToken } from '@tokenward/core'

import { Catch, HttpException, UseFilters, UseGuards } from '@nestjs/common'
import { WsAdapter } from '@nestjs/platform-ws'
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets'
import { isRefusalError, scopes } from '@tokenward/core'
import { AccessTokenGuard, Auth, Authorize, Public, rememberUpgrade, TokenwardModule } from '@tokenward/nestjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

import { trustedIssuer } from '../support/trusted-issuer.ts'
import { createApplication, platforms } from './platforms.ts'
import { connect } from './socket.ts'

const [[, platform]] = platforms

class Remembering {
  handleConnection(client: object, request: object): void {
    rememberUpgrade(client, request)
  }
}

/** What Nest 12 does without it: the filter of Nest 11 knows clients of Socket.IO only. */
@Catch(WsException)
class Telling implements WsExceptionFilter {
  catch(exception: WsException, host: ArgumentsHost): void {
    host
      .switchToWs()
      .getClient<WebSocket>()
      .send(JSON.stringify({ event: 'exception', data: exception.getError() }))
  }
}

const isNest11 = !('initErrorCode' in HttpException.prototype)
const telling = isNest11 ? UseFilters(Telling) : (): void => {}

@WebSocketGateway()
@UseGuards(AccessTokenGuard)
@telling
class Orders extends Remembering {
  handled = 0

  @SubscribeMessage('list')
  list(@Auth() token: AccessToken, @MessageBody() body: unknown): unknown {
    this.handled += 1
    return { event: 'listed', data: [token.subject, body] }
  }

  @SubscribeMessage('cancel')
  @Authorize(scopes('orders:write'))
  cancel(): unknown {
    this.handled += 1
    return { event: 'cancelled', data: null }
  }

  @SubscribeMessage('ping')
  @Public()
  ping(): unknown {
    return { event: 'pong', data: null }
  }
}

/** Serves gateways over WebSockets until the test ends. */
async function gateways(tokenward: DynamicModule, ...providers: (new () => object)[]) {
  const app = await createApplication({ imports: [tokenward], providers }, platform)
  app.useWebSocketAdapter(new WsAdapter(app))
  onTestFinished(() => app.close())
  await app.listen(0, '127.0.0.1')
  return { app, port: Number(new URL(await app.getUrl()).port) }
}

const missing = {
  event: 'exception',
  data: { status: 'error', statusCode: 401, message: 'The request carries no access token' },
}
const expired = {
  event: 'exception',
  data: { status: 'error', statusCode: 401, error: 'invalid_token', message: 'The access token expired' },
}
const misplaced = {
  event: 'exception',
  data: {
    status: 'error',
    statusCode: 500,
    error: 'server_error',
    message: 'The API could not decide whether to allow this request',
  },
}

describe.each(['global', 'manual'] as const)('a gateway behind the guard, which is %s', (guard) => {
  it('answers those who opened their socket with a token', async () => {
    const { issuer, trust } = await trustedIssuer()
    const { port } = await gateways(TokenwardModule.forRoot({ ...trust, guard }), Orders)

    const client = await connect(port, await issuer.mint())
    expect(await client.ask('list', { page: 2 })).toEqual({ event: 'listed', data: ['user-1', { page: 2 }] })
    expect(await client.ask('list', 'text')).toEqual({ event: 'listed', data: ['user-1', 'text'] })
    expect(await client.ask('ping')).toMatchObject({ event: 'pong' })
  })

  it('refuses those without a token, or with a bad one, and never calls the handler', async () => {
    const { issuer, trust } = await trustedIssuer()
    const { app, port } = await gateways(TokenwardModule.forRoot({ ...trust, guard }), Orders)

    const anonymous = await connect(port)
    expect(await anonymous.ask('list')).toEqual(missing)
    expect(await anonymous.ask('cancel')).toEqual(missing)
    expect(await anonymous.ask('ping')).toMatchObject({ event: 'pong' })
    const bad = await connect(port, await issuer.mint({ aud: 'https://other.example' }))
    expect(await bad.ask('list')).toMatchObject({ event: 'exception', data: { error: 'invalid_token' } })
    expect(app.get(Orders).handled).toBe(0)
  })

  it('refuses what the token may not do', async () => {
    const { issuer, trust } = await trustedIssuer()
    const { port } = await gateways(TokenwardModule.forRoot({ ...trust, guard }), Orders)

    const reader = await connect(port, await issuer.mint())
    expect(await reader.ask('cancel')).toMatchObject({ data: { statusCode: 403, error: 'insufficient_scope' } })
    const writer = await connect(port, await issuer.mint({ scope: 'orders:write' }))
    expect(await writer.ask('cancel')).toMatchObject({ event: 'cancelled' })
  })

  it('refuses a socket whose token has expired since it was opened', async () => {
    const { issuer, trust, clock } = await trustedIssuer()
    const { port } = await gateways(TokenwardModule.forRoot({ ...trust, guard }), Orders)

    const client = await connect(port, await issuer.mint())
    expect(await client.ask('list')).toMatchObject({ event: 'listed' })
    await clock.advance(3600)
    expect(await client.ask('list')).toEqual(expired)
    expect(await client.ask('list', 'text')).toEqual(expired)
  })
})

describe('a gateway', () => {
  it('refuses a client whose upgrade request nobody remembered, even where anonymous calls pass', async () => {
    const { issuer, trust, refusals } = await trustedIssuer()

    @WebSocketGateway()
    @UseGuards(AccessTokenGuard)
    @telling
    class Forgetful {
      @SubscribeMessage('list')
      list(): unknown {
        return { event: 'listed', data: null }
      }
    }
    const { port } = await gateways(TokenwardModule.forRoot({ ...trust, anonymous: 'pass' }), Forgetful)

    expect(await (await connect(port, await issuer.mint())).ask('list')).toEqual(misplaced)
    expect(await (await connect(port)).ask('list')).toEqual(misplaced)
    expect(refusals()[0]).toMatchObject({
      code: 'NOT_AUTHENTICATED',
      message: expect.stringContaining('rememberUpgrade'),
    })
  })

  it('takes credentials from where the application says, unless the upgrade request has some', async () => {
    const { issuer, trust } = await trustedIssuer()
    const tokenward = TokenwardModule.forRoot({
      ...trust,
      credentials: (context) => {
        const { token }: { readonly token?: string } = context.switchToWs().getData()
        return token === undefined ? undefined : `Bearer ${token}`
      },
    })
    const { port } = await gateways(tokenward, Orders)

    const [one, other, bad] = await Promise.all([
      issuer.mint({ sub: 'one' }),
      issuer.mint({ sub: 'other' }),
      issuer.mint({ exp: 1 }),
    ])
    const client = await connect(port)
    expect(await client.ask('list', { token: one })).toMatchObject({ data: ['one', {}] })
    expect(await client.ask('list', { token: other })).toMatchObject({ data: ['other', {}] })
    expect(await client.ask('list', { token: bad })).toEqual(expired)
    expect(await client.ask('list', {})).toEqual(missing)
    const known = await connect(port, one)
    expect(await known.ask('list', { token: other })).toMatchObject({ data: ['one', {}] })
  })

  it('does not mix up what is sent at once over one socket', async () => {
    const { issuer, trust } = await trustedIssuer()
    const tokenward = TokenwardModule.forRoot({
      ...trust,
      credentials: (context) => `Bearer ${context.switchToWs().getData().token}`,
    })
    const { port } = await gateways(tokenward, Orders)
    const names = Array.from({ length: 10 }, (_, at) => `user-${at}`)
    const tokens = await Promise.all(names.map((sub) => issuer.mint({ sub })))

    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    onTestFinished(() => socket.terminate())
    const answers: unknown[] = []
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () => {
        for (const [at, token] of tokens.entries()) socket.send(JSON.stringify({ event: 'list', data: { at, token } }))
      })
      socket.on('message', (text: Buffer) => {
        answers.push(JSON.parse(text.toString()).data)
        if (answers.length === tokens.length) resolve()
      })
    })
    expect(answers).toHaveLength(10)
    for (const [subject, { at }] of answers as [string, { at: number }][]) expect(subject).toBe(names[at])
  })

  it('lets your own filters format refusals', async () => {
    const { trust } = await trustedIssuer()
    const seen: unknown[] = []

    @Catch(WsException)
    class Own implements WsExceptionFilter {
      catch(exception: WsException, host: ArgumentsHost): void {
        seen.push(exception.cause)
        host
          .switchToWs()
          .getClient<WebSocket>()
          .send(JSON.stringify({ event: 'no', data: exception.getError() }))
      }
    }

    @WebSocketGateway()
    @UseGuards(AccessTokenGuard)
    @UseFilters(Own)
    class Filtered extends Remembering {
      @SubscribeMessage('list')
      list(): unknown {
        return { event: 'listed', data: null }
      }
    }
    const { port } = await gateways(TokenwardModule.forRoot(trust), Filtered)

    expect(await (await connect(port)).ask('list')).toEqual({ ...missing, event: 'no' })
    expect(seen.map(isRefusalError)).toEqual([true])
    expect(seen).toMatchObject([{ code: 'TOKEN_MISSING', status: 401 }])
  })

  it('keeps an application from starting that leaves it to the global guard, which may not reach it', async () => {
    const { trust } = await trustedIssuer()

    @WebSocketGateway()
    class Careless {
      @SubscribeMessage('list')
      list(): void {}

      @SubscribeMessage('ping')
      @Public()
      ping(): void {}
    }
    const started = gateways(TokenwardModule.forRoot(trust), Careless)
    await expect(started).rejects.toThrow('TokenwardModule: a global guard may not reach Careless.list: put @UseGuards')
    await expect(gateways(TokenwardModule.forRoot({ ...trust, guard: 'manual' }), Careless)).resolves.toBeDefined()
  })
})
