import type {
  CallHandler,
  CanActivate,
  DynamicModule,
  ExecutionContext,
  ModuleMetadata,
  NestInterceptor,
} from '@nestjs/common'
import type { AccessToken, TokenRequest } from '@tokenward/core'
import type { Observable } from 'rxjs'

import {
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  Scope,
  UseGuards,
  UseInterceptors,
  Version,
  VersioningType,
} from '@nestjs/common'
import { APP_GUARD, REQUEST } from '@nestjs/core'
import { createResourceServer, scopes } from '@tokenward/core'
import { accessToken, AccessTokenGuard, Auth, Authorize, Public, TokenwardModule } from '@tokenward/nestjs'
import { describe, expect, it } from 'vitest'

import { verifies } from '../requirements/verifies.ts'
import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { fieldValues } from '../support/raw-request.ts'
import { audience, trustedIssuer } from '../support/trusted-issuer.ts'
import { platforms } from './platforms.ts'
import { serve } from './serve.ts'

/** What an application of these controllers is made of. */
function partsOf(tokenward: DynamicModule, ...controllers: (new (...args: never[]) => object)[]): ModuleMetadata {
  return { imports: [tokenward], controllers }
}

describe.each(platforms)('%s', (_platform, platform) => {
  it('guards every handler, unless it is public', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller()
    class Orders {
      @Get('/orders')
      list(@Auth() token: AccessToken): unknown {
        return { orderedBy: token.subject }
      }

      @Get('/health')
      @Public()
      health(): string {
        return 'up'
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    const passed = await ask('/orders', { token: await issuer.mint() })
    expect([passed.status, passed.body]).toEqual([200, '{"orderedBy":"user-1"}'])
    expect((await ask('/orders')).status).toBe(401)
    expect((await ask('/orders', { token: 'bad' })).status).toBe(401)
    expect((await ask('/health')).body).toBe('up')
    expect((await ask('/health', { token: 'bad' })).body).toBe('up')
    expect((await ask('/nothing')).status).toBe(404)
  })

  it('guards nothing but what asks for it, where the guard is manual', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller()
    class Mixed {
      @Get('/open')
      open(): string {
        return 'open'
      }

      @Get('/guarded')
      @UseGuards(AccessTokenGuard)
      guarded(): string {
        return 'guarded'
      }

      @Get('/authorized')
      @Authorize(scopes('orders:read'))
      authorized(): string {
        return 'authorized'
      }
    }

    @Controller('/class')
    @UseGuards(AccessTokenGuard)
    class Guarded {
      @Get()
      list(): string {
        return 'list'
      }
    }
    const { ask } = await serve(
      partsOf(TokenwardModule.forRoot({ ...trust, guard: 'manual' }), Mixed, Guarded),
      platform,
    )

    const token = await issuer.mint({ scope: 'other' })
    const statuses = async (path: string): Promise<number[]> => [
      (await ask(path)).status,
      (await ask(path, { token })).status,
    ]
    expect(await statuses('/open')).toEqual([200, 200])
    expect(await statuses('/guarded')).toEqual([401, 200])
    expect(await statuses('/authorized')).toEqual([401, 403])
    expect(await statuses('/class')).toEqual([401, 200])
  })

  it('wants everything to hold that @Authorize asks of class and method', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller('/orders')
    @Authorize(scopes('orders'))
    class Orders {
      @Get('/list')
      list(): string {
        return 'list'
      }

      @Get('/one')
      @Authorize(scopes('read'))
      one(): string {
        return 'one'
      }

      @Get('/two')
      @Authorize(scopes('read'))
      @Authorize(scopes('write'))
      two(): string {
        return 'two'
      }
    }

    @Controller('/audited')
    @Authorize(scopes('audit'))
    class Audited extends Orders {}
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders, Audited), platform)

    const passing = async (scope: string): Promise<string[]> => {
      const token = await issuer.mint({ scope })
      const paths = ['/orders/list', '/orders/one', '/orders/two', '/audited/one']
      const answers = await Promise.all(paths.map(async (path) => ({ path, ...(await ask(path, { token })) })))
      return answers.flatMap(({ path, status }) => (status === 200 ? path : []))
    }
    expect(await passing('other')).toEqual([])
    expect(await passing('read write audit')).toEqual([])
    expect(await passing('orders')).toEqual(['/orders/list'])
    expect(await passing('orders read')).toEqual(['/orders/list', '/orders/one'])
    expect(await passing('orders write')).toEqual(['/orders/list'])
    expect(await passing('orders read write')).toEqual(['/orders/list', '/orders/one', '/orders/two'])
    expect(await passing('orders read audit')).toEqual(['/orders/list', '/orders/one', '/audited/one'])
  })

  it('lets the method decide before its class what is public, and takes what is both for guarded', async () => {
    const { trust } = await trustedIssuer()

    @Controller('/open')
    @Public()
    class Open {
      @Get('/said')
      said(): string {
        return ''
      }

      @Get('/authorized')
      @Authorize(scopes('orders:read'))
      authorized(): string {
        return ''
      }

      @Get('/guarded')
      @UseGuards(AccessTokenGuard)
      guarded(): string {
        return ''
      }

      @Get('/both')
      @Public()
      @Authorize(scopes('orders:read'))
      both(): string {
        return ''
      }

      @Get('/both-guarded')
      @UseGuards(AccessTokenGuard)
      @Public()
      bothGuarded(): string {
        return ''
      }
    }

    @Controller('/authorized')
    @Authorize(scopes('orders:read'))
    class Authorized {
      @Get('/public')
      @Public()
      open(): string {
        return ''
      }

      @Get('/said')
      said(): string {
        return ''
      }
    }

    @Controller('/contradictory')
    @Public()
    @Authorize(scopes('orders:read'))
    class Contradictory {
      @Get('/said')
      said(): string {
        return ''
      }
    }
    for (const guard of ['global', 'manual'] as const) {
      const tokenward = TokenwardModule.forRoot({ ...trust, guard })
      const { ask } = await serve(partsOf(tokenward, Open, Authorized, Contradictory), platform)
      const status = async (path: string): Promise<number> => (await ask(path)).status
      expect(await status('/open/said')).toBe(200)
      expect(await status('/open/authorized')).toBe(401)
      expect(await status('/open/guarded')).toBe(401)
      expect(await status('/open/both')).toBe(401)
      expect(await status('/open/both-guarded')).toBe(401)
      expect(await status('/authorized/public')).toBe(200)
      expect(await status('/authorized/said')).toBe(401)
      expect(await status('/contradictory/said')).toBe(401)
    }
  })

  it('asks once, however many guards there are on a handler', async () => {
    const { issuer, trust, refusals } = await trustedIssuer()
    const server = createResourceServer(trust)
    let asked = 0
    const counting = {
      ...server,
      authenticate: (request: TokenRequest) => ((asked += 1), server.authenticate(request)),
    }

    @Controller()
    @UseGuards(AccessTokenGuard)
    class Orders {
      @Get('/orders')
      @UseGuards(AccessTokenGuard)
      @Authorize(scopes('orders:read'))
      list(): string {
        return ''
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot({ resourceServer: counting }), Orders), platform)

    expect((await ask('/orders', { token: await issuer.mint() })).status).toBe(200)
    expect(asked).toBe(1)
    expect((await ask('/orders')).status).toBe(401)
    expect(refusals()).toHaveLength(1)
  })

  it('gives the token to guards, interceptors, request-scoped providers and handlers alike', async () => {
    const { issuer, trust } = await trustedIssuer()
    const seen: unknown[] = []

    class Roles implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        seen.push(accessToken(context).subject)
        return true
      }
    }

    class Audit implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        seen.push(accessToken(context).subject)
        return next.handle()
      }
    }

    @Controller({ path: '/orders', scope: Scope.REQUEST })
    @UseGuards(Roles)
    @UseInterceptors(Audit)
    class Orders {
      readonly #request: { readonly auth?: AccessToken }

      constructor(@Inject(REQUEST) request: { readonly auth?: AccessToken }) {
        this.#request = request
      }

      @Get('/:id')
      one(
        @Param('id') id: string,
        @Auth() token: AccessToken,
        @Req() request: { readonly auth?: AccessToken },
      ): unknown {
        return [id, ...seen, token.subject, token === request.auth, token === this.#request.auth]
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    const response = await ask('/orders/7', { token: await issuer.mint() })
    expect(JSON.parse(response.body)).toEqual(['7', 'user-1', 'user-1', 'user-1', true, true])
  })

  it('keeps many requests apart', async () => {
    const { issuer, trust } = await trustedIssuer()

    class Slow implements NestInterceptor {
      async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
        await new Promise<void>((resolve) => void setImmediate(resolve))
        return next.handle()
      }
    }

    @Controller('/orders')
    class Orders {
      @Get()
      @UseInterceptors(Slow)
      list(@Auth() token: AccessToken): unknown {
        return { subject: token.subject }
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    const names = Array.from({ length: 20 }, (_, at) => `user-${at}`)
    const tokens = await Promise.all(names.map((sub) => issuer.mint({ sub })))
    const answers = await Promise.all(tokens.map((token) => ask('/orders', { token })))
    expect(answers.map(({ body }) => JSON.parse(body).subject)).toEqual(names)
  })

  it('has no token for a handler that nobody guards, and says so to the operator alone', async () => {
    const { issuer, trust } = await trustedIssuer()
    const errors: unknown[] = []

    class Watch implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
        try {
          accessToken(context)
        } catch (error) {
          errors.push(error)
        }
        return next.handle()
      }
    }

    @Controller()
    @UseInterceptors(Watch)
    class Orders {
      @Get('/required')
      @Public()
      required(@Auth() token: AccessToken): unknown {
        return token
      }

      @Get('/optional')
      @Public()
      optional(@Auth({ optional: true }) token: AccessToken | undefined): unknown {
        return token
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    for (const path of ['/required', '/optional']) {
      const response = await ask(path, { token: await issuer.mint() })
      expect(response.status).toBe(500)
      expect(response.body).not.toContain('AccessTokenGuard')
    }
    expect(errors[0]).toMatchObject({
      code: 'NOT_AUTHENTICATED',
      message: 'The API could not decide whether to allow this request',
      cause: { message: 'AccessTokenGuard did not run for Orders.required' },
    })
  })

  it('lets anonymous calls in where they may, and refuses those that need a token', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller()
    class Catalog {
      @Get('/optional')
      optional(@Auth({ optional: true }) token: AccessToken | undefined): unknown {
        return { pricesFor: token?.subject ?? 'everybody' }
      }

      @Get('/required')
      required(@Auth() token: AccessToken): unknown {
        return { pricesFor: token.subject }
      }

      @Get('/authorized')
      @Authorize(scopes('orders:read'))
      authorized(): string {
        return ''
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot({ ...trust, anonymous: 'pass' }), Catalog), platform)

    expect((await ask('/optional')).body).toBe('{"pricesFor":"everybody"}')
    expect((await ask('/optional', { token: await issuer.mint() })).body).toBe('{"pricesFor":"user-1"}')
    expect((await ask('/optional', { token: 'bad' })).status).toBe(401)
    for (const path of ['/required', '/authorized']) {
      const response = await ask(path)
      expect([response.status, response.body]).toEqual([401, ''])
      expect(fieldValues(response, 'WWW-Authenticate')).toEqual(['Bearer realm="api"'])
      expect(fieldValues(response, 'Cache-Control')).toEqual(['no-store'])
    }
  })

  it('lets a policy ask an introspected issuer again', async () => {
    const { issuer, trust } = await trustedIssuer()
    const server = createResourceServer(trust)
    const fresh: string[] = []
    const watched: typeof server = {
      ...server,
      authorizeFresh: async (token, policy) => {
        fresh.push(String(token?.subject))
        return server.authorizeFresh(token, policy)
      },
    }

    @Controller()
    class Orders {
      @Get('/orders')
      @Authorize(scopes('orders:read'), { fresh: true })
      list(): string {
        return ''
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot({ resourceServer: watched }), Orders), platform)

    expect((await ask('/orders', { token: await issuer.mint() })).status).toBe(200)
    expect((await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })).status).toBe(403)
    expect(fresh).toEqual(['user-1', 'user-1'])
  })

  it('goes along with guards of the application, wherever they are registered', async () => {
    const { issuer, trust } = await trustedIssuer()
    const order: string[] = []
    const guard = (name: string): CanActivate => ({ canActivate: () => (order.push(name), true) })

    @Controller()
    class Orders {
      @Get('/orders')
      @UseGuards(guard('route'))
      list(): string {
        return ''
      }
    }

    const parts = {
      ...partsOf(TokenwardModule.forRoot({ ...trust, guard: 'manual' }), Orders),
      providers: [{ provide: APP_GUARD, useValue: guard('application') }],
    }
    const { ask } = await serve(parts, platform, (app) => app.useGlobalGuards(app.get(AccessTokenGuard)))

    expect((await ask('/orders')).status).toBe(401)
    expect(order).toEqual(['application'])
    expect((await ask('/orders', { token: await issuer.mint() })).status).toBe(200)
    expect(order).toEqual(['application', 'application', 'route'])
  })

  it('works with a global prefix and versions', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller('/orders')
    class Orders {
      @Get()
      @Version('1')
      @Public()
      first(): string {
        return 'first'
      }

      @Get()
      @Version('2')
      second(): string {
        return 'second'
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform, (app) => {
      app.setGlobalPrefix('/api')
      app.enableVersioning({ type: VersioningType.URI })
    })

    expect((await ask('/api/v1/orders')).body).toBe('first')
    expect((await ask('/api/v2/orders')).status).toBe(401)
    expect((await ask('/api/v2/orders', { token: await issuer.mint() })).body).toBe('second')
  })

  it('tells the resource server what was asked, behind proxies that are trusted', async () => {
    const { trust } = await trustedIssuer()
    const server = createResourceServer(trust)
    const urls: string[] = []
    const watched = {
      ...server,
      authenticate: (request: TokenRequest) => (urls.push(request.url), server.authenticate(request)),
    }

    @Controller('/orders')
    class Orders {
      @Get()
      list(): string {
        return ''
      }
    }
    const tokenward = partsOf(TokenwardModule.forRoot({ resourceServer: watched }), Orders)
    const headers = [
      ['Host', 'internal:3000'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'api.example'],
    ] as const
    const direct = await serve(tokenward, platform, (app) => app.setGlobalPrefix('/v1'))
    await direct.ask('/v1/orders?page=2', { headers })
    const behind = await serve(tokenward, () => platform({ trustProxy: true }))
    await behind.ask('/orders', { headers })
    expect(urls).toEqual(['http://internal:3000/v1/orders?page=2', 'https://api.example/orders'])
  })

  verifies('RFC9111-3.5-a')('adds no field to an answer that passes', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller()
    class Orders {
      @Get('/orders')
      @Header('X-Own', 'yes')
      @Authorize(scopes('orders:read'))
      list(): string {
        return 'in'
      }

      @Get('/open')
      @Header('X-Own', 'yes')
      @Public()
      open(): string {
        return 'in'
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    const token = await issuer.mint()
    const names = async (path: string) => (await ask(path, { token })).headers.map(([name]) => name).toSorted()
    expect(await names('/orders')).toEqual(await names('/open'))
  })

  it('calls no handler for what it refuses, and leaves the status of the route to what passes', async () => {
    const { issuer, trust } = await trustedIssuer()
    let created = 0

    @Controller()
    class Orders {
      @Post('/orders')
      @HttpCode(202)
      create(): string {
        created += 1
        return ''
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    expect((await ask('/orders', { method: 'POST' })).status).toBe(401)
    expect(created).toBe(0)
    expect((await ask('/orders', { method: 'POST', token: await issuer.mint() })).status).toBe(202)
    expect(created).toBe(1)
  })

  verifies(
    'RFC9110-15.5.2-a',
    'RFC9110-11.4-a',
    'RFC6749-7.2-a',
  )('has a legal challenge in every 401', async () => {
    const { issuer, trust } = await trustedIssuer()

    @Controller()
    class Orders {
      @Get('/orders')
      list(): string {
        return ''
      }
    }
    const { ask } = await serve(partsOf(TokenwardModule.forRoot(trust), Orders), platform)

    for (const token of [undefined, 'x', await issuer.mint({ exp: 1 }), await issuer.mint({ aud: `${audience}/` })]) {
      const response = await ask('/orders', { token })
      expect(response.status).toBe(401)
      expect(assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))).toMatchObject([{ scheme: 'Bearer' }])
    }
  })
})
