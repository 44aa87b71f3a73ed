import { Controller, Get } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { AccessToken, ResourceServer, System } from '@tokenward/core'
import { createResourceServer, createVerifier, scopes } from '@tokenward/core'
import { Auth, Authorize, Public, resourceServerToken, TokenwardModule, UseResourceServer } from '@tokenward/nestjs'
import { describe, expect, it } from 'vitest'

import type { Platform } from './platforms.ts'

import { fieldValues } from '../support/raw-request.ts'
import { audience, trustedIssuer } from '../support/trusted-issuer.ts'
import { createApplication, platforms, rootModule } from './platforms.ts'
import { serve } from './serve.ts'

type Trust = Awaited<ReturnType<typeof trustedIssuer>>['trust']

const adminAudience = 'https://admin.example'

@Controller('/orders')
class Orders {
  @Get()
  list(@Auth() token: AccessToken): unknown {
    return token.audience
  }

  @Get('/all')
  @UseResourceServer('admin')
  @Authorize(scopes('admin'))
  all(@Auth() token: AccessToken): unknown {
    return token.audience
  }
}

@Controller('/admin')
@UseResourceServer('admin')
class Admin {
  @Get()
  list(@Auth() token: AccessToken): unknown {
    return token.audience
  }

  @Get('/orders')
  @UseResourceServer('default')
  orders(@Auth() token: AccessToken): unknown {
    return token.audience
  }

  @Get('/open')
  @Public()
  open(): string {
    return 'open'
  }
}

/** An application with two resource servers that share nothing but their issuer. */
async function twofold(platform: Platform, guard: 'global' | 'manual') {
  const { issuer, trust } = await trustedIssuer()
  const imports = [
    TokenwardModule.forRoot({ ...trust, guard }),
    TokenwardModule.forRoot({ ...trust, audience: adminAudience, realm: 'admin', name: 'admin' }),
  ]
  const { ask } = await serve({ imports, controllers: [Orders, Admin] }, platform)
  return {
    answer: async (path: string, aud?: unknown) => {
      const token = aud === undefined ? undefined : await issuer.mint({ aud, scope: 'admin' })
      const response = await ask(path, { token })
      const [challenge = ''] = fieldValues(response, 'WWW-Authenticate')
      return `${response.status} ${/realm="(\w+)"/u.exec(challenge)?.[1] ?? ''}`
    },
  }
}

describe.each(platforms)('%s', (_platform, platform) => {
  it('asks the resource server that is chosen next to the handler, and no other', async () => {
    const { answer } = await twofold(platform, 'global')

    expect(await answer('/orders', audience)).toBe('200 ')
    expect(await answer('/orders', adminAudience)).toBe('401 api')
    expect(await answer('/orders/all', adminAudience)).toBe('200 ')
    expect(await answer('/orders/all', audience)).toBe('401 admin')
    expect(await answer('/admin', adminAudience)).toBe('200 ')
    expect(await answer('/admin', audience)).toBe('401 admin')
    expect(await answer('/admin/orders', audience)).toBe('200 ')
    expect(await answer('/admin/orders', adminAudience)).toBe('401 api')
    expect(await answer('/admin')).toBe('401 admin')
    expect(await answer('/admin/open')).toBe('200 ')
  })

  it('brings the guard along', async () => {
    const { answer } = await twofold(platform, 'manual')

    expect(await answer('/admin')).toBe('401 admin')
    expect(await answer('/orders/all')).toBe('401 admin')
    expect(await answer('/admin/open')).toBe('200 ')
  })

  it('needs no resource server without a name', async () => {
    const { issuer, trust } = await trustedIssuer()
    const imports = [TokenwardModule.forRoot({ ...trust, name: 'admin' })]
    @Controller('/admin')
    @UseResourceServer('admin')
    @Authorize(scopes('admin'))
    class Only {
      @Get()
      list(): string {
        return 'in'
      }
    }
    const { ask } = await serve({ imports, controllers: [Only] }, platform)

    expect((await ask('/admin')).status).toBe(401)
    expect((await ask('/admin', { token: await issuer.mint({ scope: 'admin' }) })).status).toBe(200)
  })
})

describe('TokenwardModule', () => {
  const [[, platform]] = platforms

  it.each([
    ['no options', () => TokenwardModule.forRoot(undefined as never), 'TokenwardModule.forRoot: '],
    [
      'options of the resource server and its own',
      () =>
        TokenwardModule.forRoot({
          issuer: 'nonsense',
          audience: '',
          guard: 'all',
          name: '',
          credentials: 'cookie',
          refusals: 'forward',
        } as never),
      /^TokenwardModule\.forRoot: (?=.*issuer)(?=.*audience)(?=.*guard must be)(?=.*name must be)(?=.*credentials must be)(?=.*refusals is no option)/u,
    ],
    [
      'options beside a resource server',
      async () => {
        const { trust } = await trustedIssuer()
        TokenwardModule.forRoot({ resourceServer: createResourceServer(trust), realm: 'x', issuer: 'y' })
      },
      'TokenwardModule.forRoot: realm cannot stand beside resourceServer; issuer cannot stand beside resourceServer',
    ],
    [
      'what is no resource server',
      () => TokenwardModule.forRoot({ resourceServer: {} } as never),
      /^TokenwardModule\.forRoot: .*issuer/u,
    ],
    [
      'a misspelt option',
      () => TokenwardModule.forRoot({ issuer: 'https://i.example', audience, gard: 'manual' } as never),
      /unknown option "gard"/u,
    ],
    [
      'a global guard with a name',
      () => TokenwardModule.forRoot({ issuer: 'https://i.example', audience, name: 'admin', guard: 'global' }),
      'TokenwardModule.forRoot: guard "global" cannot stand beside a name',
    ],
    [
      'an asynchronous one without a factory',
      () => TokenwardModule.forRootAsync({ guard: 'all', isGlobal: true } as never),
      'TokenwardModule.forRootAsync: unknown option isGlobal; guard must be "global" or "manual"; useFactory must be a function',
    ],
    ['no policy', () => Authorize(undefined as never), /^Authorize: a policy is required/u],
    [
      'wrong options of a policy',
      () => Authorize(scopes('a'), { fresh: 1, frsh: true } as never),
      'Authorize: unknown option frsh; fresh must be a boolean',
    ],
  ])('refuses at once: %s', async (_name, make, message) => {
    const made: Promise<unknown> = (async () => make())()
    const error: unknown = await made.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error).replace('TypeError: ', '')).toMatch(message)
  })

  it('takes options that need something of the application', async () => {
    const { issuer, trust } = await trustedIssuer()
    const configuration = rootModule({
      providers: [{ provide: 'TRUST', useValue: trust }],
      exports: ['TRUST'],
    })
    const tokenward = TokenwardModule.forRootAsync({
      imports: [configuration],
      inject: ['TRUST'],
      useFactory: async (found: typeof trust) => ({ ...found, realm: 'async' }),
    })
    @Controller()
    class Own {
      @Get('/orders')
      list(): string {
        return 'in'
      }
    }
    const served = await serve({ imports: [tokenward], controllers: [Own] }, platform)
    expect(fieldValues(await served.ask('/orders'), 'WWW-Authenticate')).toEqual(['Bearer realm="async"'])
    expect((await served.ask('/orders', { token: await issuer.mint() })).status).toBe(200)
  })

  it('does not start with wrong asynchronous options', async () => {
    const tokenward = TokenwardModule.forRootAsync({ useFactory: () => ({ issuer: 'nonsense', audience }) })
    const started = createApplication({ imports: [tokenward] }, platform)
    await expect(started).rejects.toThrow(/^TokenwardModule\.forRootAsync: .*issuer/u)
  })

  it('does not start where a handler wants a resource server that nobody made', async () => {
    const { trust } = await trustedIssuer()
    const started = createApplication({ imports: [TokenwardModule.forRoot(trust)], controllers: [Admin] }, platform)
    await expect(started).rejects.toThrow(/tokenward\.nestjs\.admin/u)
  })

  it('does not start with two resource servers of one name', async () => {
    const { trust } = await trustedIssuer()
    const once = TokenwardModule.forRoot(trust)
    const twice = (name?: string) => [
      TokenwardModule.forRoot({ ...trust, name }),
      TokenwardModule.forRoot({ ...trust, name }),
    ]
    await expect(createApplication({ imports: twice() }, platform)).rejects.toThrow(
      '2 resource servers are named default',
    )
    await expect(createApplication({ imports: twice('admin') }, platform)).rejects.toThrow('are named admin')
    const imports = [once, { module: class Feature {}, imports: [once] }]
    await expect(createApplication({ imports }, platform)).resolves.toBeDefined()
  })

  it.each([
    ['closes what it made', (trust: Trust) => trust, 0],
    ['leaves a resource server of yours open', (trust: Trust) => ({ resourceServer: createResourceServer(trust) }), 1],
    ['leaves a verifier of yours open', (trust: Trust) => ({ verifier: createVerifier(trust) }), 1],
  ])('%s when the application ends', async (_name, optionsOf, timersLeft) => {
    const { issuer, trust, clock } = await trustedIssuer()
    const timers = new Set<object>()
    const schedule: System['schedule'] = (delayMs, run) => {
      const cancel = clock.schedule(delayMs, run)
      timers.add(cancel)
      return () => {
        timers.delete(cancel)
        cancel()
      }
    }
    const options = optionsOf({ ...trust, system: { ...trust.system, schedule } })
    const app = await createApplication({ imports: [TokenwardModule.forRoot(options)] }, platform)
    await app.init()
    const { verifier } = app.get<ResourceServer>(resourceServerToken())
    await verifier.warmUp()
    await verifier.verify(await issuer.mint()) // keys in use have a timer
    expect(timers.size).toBe(1)
    await app.close()
    expect(timers.size).toBe(timersLeft)
  })

  it('gives each application a resource server of its own, to inject', async () => {
    const { trust } = await trustedIssuer()
    const root = { imports: [TokenwardModule.forRoot(trust)] }
    const [one, other] = await Promise.all([createApplication(root, platform), createApplication(root, platform)])
    const found = one.get(ModuleRef).get<ResourceServer>(resourceServerToken(), { strict: false })
    expect(found.verifier.status().issuers).toMatchObject([{ issuer: trust.issuer, state: 'keyless' }])
    expect(other.get<ResourceServer>(resourceServerToken()).verifier).not.toBe(found.verifier)
    await Promise.all([one.close(), other.close()])
  })
})
