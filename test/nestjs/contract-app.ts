import type { ModuleMetadata } from '@nestjs/common'
import type { ContractApp, ContractParts, Transport } from '@tokenward/testing/contract'

import { All, Controller, HttpCode } from '@nestjs/common'
import { Auth, Authorize, TokenwardModule, UseResourceServer } from '@tokenward/nestjs'
import { contractApi, serve } from '@tokenward/testing/contract'

import type { AccessToken } from '@tokenward/core'
import type { Platform } from './platforms.ts'

import { createApplication, listenerOf } from './platforms.ts'

/** The API of the contract on NestJS. A guard authenticates and authorizes at once, so `unauthenticated` has no place. */
export function contractApp(platform: Platform, transport: Transport = {}) {
  return async (parts: ContractParts): Promise<ContractApp> => {
    const app = await createApplication(apiOf(parts), platform)
    app.enableCors((request: { readonly url: string }, callback: (error: null, options: object) => void) => {
      const isOurs = request.url.startsWith(contractApi.cors)
      callback(null, isOurs ? { origin: contractApi.origin, exposedHeaders: ['WWW-Authenticate'] } : { origin: false })
    })
    const served = await serve(await listenerOf(app), transport)
    return {
      ...served,
      close: async () => {
        await served.close()
        await app.close()
      },
    }
  }
}

function apiOf({ servers, policies }: ContractParts): ModuleMetadata {
  const passed: unknown = JSON.parse(contractApi.passed)

  @Controller()
  class Api {
    @All([contractApi.orders, contractApi.cors])
    @Authorize(policies.orders)
    @HttpCode(200)
    orders(): unknown {
      return passed
    }

    @All(contractApi.twoChallenges)
    @UseResourceServer('two challenges')
    @Authorize(policies.orders)
    @HttpCode(200)
    twoChallenges(): unknown {
      return passed
    }

    @All(contractApi.anonymous)
    @UseResourceServer('anonymous')
    @HttpCode(200)
    anonymous(@Auth({ optional: true }) token: AccessToken | undefined): unknown {
      return { subject: token?.subject ?? null }
    }

    @All(contractApi.brokenPolicy)
    @Authorize(policies.broken)
    @HttpCode(200)
    brokenPolicy(): unknown {
      return passed
    }
  }

  @Controller('/mounted')
  class Mounted {
    @All('/orders')
    @Authorize(policies.orders)
    @HttpCode(200)
    orders(): unknown {
      return passed
    }
  }

  @Controller()
  @UseResourceServer('outer')
  class Nested {
    @All(contractApi.nested)
    @UseResourceServer('inner')
    @Authorize(policies.orders)
    @HttpCode(200)
    orders(): unknown {
      return passed
    }
  }

  return {
    imports: [
      TokenwardModule.forRoot({ resourceServer: servers.orders }),
      TokenwardModule.forRoot({ resourceServer: servers.twoChallenges, name: 'two challenges' }),
      TokenwardModule.forRoot({ resourceServer: servers.anonymous, name: 'anonymous' }),
      TokenwardModule.forRoot({ resourceServer: servers.outer, name: 'outer' }),
      TokenwardModule.forRoot({ resourceServer: servers.inner, name: 'inner' }),
    ],
    controllers: [Api, Mounted, Nested],
  }
}
