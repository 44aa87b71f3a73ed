import type { AdapterOptions, Tokenward } from '@tokenward/express'
import type { TestIssuerOptions } from '@tokenward/testing'
import type { RequestListener } from 'node:http'

import { tokenward } from '@tokenward/express'
import { onTestFinished } from 'vitest'

import type { Served } from '../support/asking.ts'
import type { TrustedIssuer } from '../support/trusted-issuer.ts'

import { asking } from '../support/asking.ts'
import { listen } from '../support/listen.ts'
import { trustedIssuer } from '../support/trusted-issuer.ts'

export interface Scene extends TrustedIssuer {
  /** Tokenward for this issuer; closed when the test ends. */
  tokenward(options?: AdapterOptions & { readonly realm?: string; readonly anonymous?: 'pass' }): Tokenward
}

export async function scene(options: TestIssuerOptions = {}): Promise<Scene> {
  const trusted = await trustedIssuer(options)
  return {
    ...trusted,
    tokenward(more = {}) {
      const api = tokenward({ ...trusted.trust, ...more })
      onTestFinished(() => api.close())
      return api
    },
  }
}

/** Serves an application until the test ends. */
export async function serve(app: RequestListener): Promise<Served> {
  const server = await listen(app)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return asking(server.port)
}
