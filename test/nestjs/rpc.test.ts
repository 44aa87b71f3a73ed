import type { DynamicModule, RpcExceptionFilter } from '@nestjs/common'
import type { MicroserviceOptions } from '@nestjs/microservices'
import type { AccessToken } from '@tokenward/core'
import type { Observable } from 'rxjs'
import type { Server } from 'node:net'

import { Catch, Controller, Get, HttpException, UseFilters, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { MessagePattern, RpcException, Transport } from '@nestjs/microservices'
import { isRefusalError, scopes } from '@tokenward/core'
import { AccessTokenGuard, Auth, Authorize, Public, TokenwardModule } from '@tokenward/nestjs'
import { throwError } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { Answer } from './tcp.ts'

import { asking } from '../support/asking.ts'
import { listen } from '../support/listen.ts'
import { trustedIssuer } from '../support/trusted-issuer.ts'
import { createApplication, listenerOf, platforms, rootModule } from './platforms.ts'
import { ask } from './tcp.ts'

const isNest11 = !('initErrorCode' in HttpException.prototype)
const tcp: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } }

@Controller()
class Orders {
  @MessagePattern('list')
  list(@Auth() token: AccessToken): unknown {
    return token.subject
  }

  @MessagePattern('cancel')
  @Authorize(scopes('orders:write'))
  cancel(): unknown {
    return 'cancelled'
  }

  @MessagePattern('ping')
  @Public()
  ping(): unknown {
    return 'pong'
  }
}

@Controller()
@UseGuards(AccessTokenGuard)
class GuardedOrders extends Orders {
  @Get('/orders')
  orders(): string {
    return 'in'
  }
}

/** Where clients of these tests put their token: TCP has no metadata before Nest 12. */
const credentials = isNest11 ? inData : undefined

function inData(context: { switchToRpc(): { getData(): { readonly token?: string } } }): string | undefined {
  const { token } = context.switchToRpc().getData()
  return token === undefined ? undefined : `Bearer ${token}`
}

function send(port: number, pattern: string, token?: string): Promise<Answer> {
  if (isNest11) return ask(port, { pattern, data: { token } })
  return ask(port, { pattern, ...(token !== undefined && { metadata: { Authorization: `Bearer ${token}` } }) })
}

interface Listening {
  unwrap<T>(): T
  close(): Promise<unknown>
}

function portOf(listening: Listening): number {
  const address = listening.unwrap<Server>().address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}

/** A microservice over TCP, without HTTP. */
async function microservice(tokenward: DynamicModule, controller: new () => object): Promise<number> {
  const module = rootModule({ imports: [tokenward], controllers: [controller] })
  const app = await NestFactory.createMicroservice(module, { ...tcp, logger: false, abortOnError: false })
  onTestFinished(() => app.close())
  await app.listen()
  return portOf(app)
}

/** An application that listens for HTTP and TCP. */
async function hybrid(tokenward: DynamicModule, inheritAppConfig: boolean, controller: new () => object) {
  const [[, platform]] = platforms
  const app = await createApplication({ imports: [tokenward], controllers: [controller] }, platform)
  onTestFinished(() => app.close())
  const connected = app.connectMicroservice(tcp, { inheritAppConfig })
  await app.startAllMicroservices()
  const server = await listen(await listenerOf(app))
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { rpcPort: portOf(connected), httpPort: server.port }
}

const missing = { err: { status: 'error', statusCode: 401, message: 'The request carries no access token', code: 16 } }

describe.each(['global', 'manual'] as const)('a microservice behind the guard, which is %s', (guard) => {
  const controller = guard === 'global' ? Orders : GuardedOrders

  it('answers those who send a token', async () => {
    const { issuer, trust } = await trustedIssuer()
    const port = await microservice(TokenwardModule.forRoot({ ...trust, guard, credentials }), controller)

    expect(await send(port, 'list', await issuer.mint())).toEqual({ response: 'user-1' })
    expect(await send(port, 'cancel', await issuer.mint({ scope: 'orders:write' }))).toEqual({ response: 'cancelled' })
    expect(await send(port, 'ping')).toEqual({ response: 'pong' })
  })

  it('refuses all others', async () => {
    const { issuer, trust } = await trustedIssuer()
    const port = await microservice(TokenwardModule.forRoot({ ...trust, guard, credentials }), controller)

    expect(await send(port, 'list')).toEqual(missing)
    expect(await send(port, 'list', await issuer.mint({ exp: 1 }))).toEqual({
      err: { status: 'error', statusCode: 401, error: 'invalid_token', message: 'The access token expired', code: 16 },
    })
    expect(await send(port, 'cancel', await issuer.mint())).toMatchObject({ err: { statusCode: 403, code: 7 } })
  })
})

describe('a hybrid application', () => {
  it.each([
    ['inherits', true],
    ['does not inherit', false],
  ])('that %s the global guard refuses over TCP as over HTTP', async (_which, inherits) => {
    const { issuer, trust } = await trustedIssuer()
    const tokenward = TokenwardModule.forRoot({ ...trust, credentials })
    const { rpcPort, httpPort } = await hybrid(tokenward, inherits, GuardedOrders)

    const token = await issuer.mint()
    expect(await send(rpcPort, 'list')).toEqual(missing)
    expect(await send(rpcPort, 'list', token)).toEqual({ response: 'user-1' })
    expect(await send(rpcPort, 'ping')).toEqual({ response: 'pong' })
    const http = asking(httpPort)
    expect((await http.ask('/orders')).status).toBe(401)
    expect((await http.ask('/orders', { token })).status).toBe(200)
  })

  it('does not start where message handlers leave it to the global guard, which may not reach them', async () => {
    const { trust } = await trustedIssuer()
    const [[, platform]] = platforms
    const parts = { imports: [TokenwardModule.forRoot(trust)], controllers: [Orders] }
    const message = 'TokenwardModule: a global guard may not reach Orders.list: put @UseGuards(AccessTokenGuard)'
    // before anything can listen
    await expect(createApplication(parts, platform)).rejects.toThrow(message)
  })
})

describe('a microservice', () => {
  it('refuses where nothing carries credentials, even where anonymous calls pass', async () => {
    const { trust, refusals } = await trustedIssuer()

    @Controller()
    class Open {
      @MessagePattern('list')
      list(): unknown {
        return 'in'
      }
    }
    const port = await microservice(TokenwardModule.forRoot({ ...trust, anonymous: 'pass' }), Open)

    // with metadata there is a place for credentials, and it is empty
    expect(await send(port, 'list')).toMatchObject(
      isNest11 ? { err: { statusCode: 500, code: 13 } } : { response: 'in' },
    )
    expect(refusals().map(({ code }) => code)).toEqual(isNest11 ? ['NOT_AUTHENTICATED'] : [])
  })

  it('lets your own filters format refusals', async () => {
    const { trust } = await trustedIssuer()
    const seen: unknown[] = []

    @Catch(RpcException)
    class Own implements RpcExceptionFilter<RpcException> {
      catch(exception: RpcException): Observable<never> {
        seen.push(exception.cause)
        return throwError(() => ({ own: exception.getError() }))
      }
    }

    @Controller()
    @UseFilters(Own)
    class Filtered extends Orders {}
    const port = await microservice(TokenwardModule.forRoot({ ...trust, credentials }), Filtered)

    expect(await send(port, 'list')).toEqual({ err: { own: missing.err } })
    expect(seen.map(isRefusalError)).toEqual([true])
  })
})
