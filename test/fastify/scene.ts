import type { TestIssuerOptions } from '@tokenward/testing'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'

import { tokenward } from '@tokenward/fastify'
import Fastify from 'fastify'
import { onTestFinished } from 'vitest'

import type { Served } from '../support/asking.ts'
import type { TrustedIssuer } from '../support/trusted-issuer.ts'

import { asking } from '../support/asking.ts'
import { trustedIssuer } from '../support/trusted-issuer.ts'

export interface Scene extends TrustedIssuer {
  /** An application that is protected as a whole. */
  protectedApp(
    options?: { readonly realm?: string; readonly anonymous?: 'pass'; readonly refusals?: 'forward' },
    server?: FastifyServerOptions,
  ): Promise<FastifyInstance>
}

export async function scene(options: TestIssuerOptions = {}): Promise<Scene> {
  const trusted = await trustedIssuer(options)
  return {
    ...trusted,
    async protectedApp(more = {}, server = {}) {
      const app = fastify(server)
      await app.register(tokenward, { ...trusted.trust, ...more })
      return app
    },
  }
}

/** An application that is closed when the test ends. */
export function fastify(options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(options)
  onTestFinished(() => app.close())
  return app
}

/** Lets the application listen, to be asked over a socket. */
export async function serve(app: FastifyInstance): Promise<Served> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const [address] = app.addresses()
  if (typeof address !== 'object') throw new Error('expected a TCP address')
  return asking(address.port)
}
