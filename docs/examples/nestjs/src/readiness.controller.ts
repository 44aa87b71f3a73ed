// #region readiness
import type { OnApplicationBootstrap } from '@nestjs/common'
import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common'
import type { ResourceServer } from '@tokenward/core'
import { Public, resourceServerToken } from '@tokenward/nestjs'

@Controller('/ready')
export class ReadinessController implements OnApplicationBootstrap {
  readonly #resourceServer: ResourceServer

  constructor(@Inject(resourceServerToken()) resourceServer: ResourceServer) {
    this.#resourceServer = resourceServer
  }

  onApplicationBootstrap(): void {
    this.#resourceServer.verifier.warmUp().catch(() => {}) // the log says why, and the next attempts start by themselves
  }

  @Get()
  @Public()
  ready(): { readonly ready: true } {
    const { issuers } = this.#resourceServer.verifier.status()
    if (issuers.some(({ state }) => state === 'keyless')) throw new ServiceUnavailableException()
    return { ready: true }
  }
}
// #endregion
