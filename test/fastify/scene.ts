import type { EventListener, RefusedEvent, System, TokenwardEvent } from '@tokenward/core'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'

import { tokenward } from '@tokenward/fastify'
import { manualClock, testIssuer } from '@tokenward/testing'
import Fastify from 'fastify'
import { onTestFinished } from 'vitest'

import type { Ask, Served } from '../express/scene.ts'

import { audience } from '../express/scene.ts'
import { rawRequest } from '../support/raw-request.ts'

export type { Served } from '../express/scene.ts'
export { audience, only, settled, unhandledRejections, until } from '../express/scene.ts'

/** An issuer and what an API needs to trust it, on one clock. */
export interface Scene {
  readonly issuer: TestIssuer
  readonly clock: ManualClock
  readonly events: readonly TokenwardEvent[]
  /** The options of a resource server for this issuer. */
  readonly trust: {
    readonly issuer: string
    readonly audience: string
    readonly system: Partial<System>
    readonly onEvent: EventListener
  }
  /** An application that is protected as a whole. */
  protectedApp(
    options?: { readonly realm?: string; readonly anonymous?: 'pass'; readonly refusals?: 'forward' },
    server?: FastifyServerOptions,
  ): Promise<FastifyInstance>
  refusals(): RefusedEvent[]
}

export async function scene(options: TestIssuerOptions = {}): Promise<Scene> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock, ...options })
  const events: TokenwardEvent[] = []
  const trust = {
    issuer: issuer.issuer,
    audience,
    system: { now: clock.now, schedule: clock.schedule, fetch: issuer.fetch },
    onEvent: (event: TokenwardEvent) => void events.push(event),
  }
  return {
    issuer,
    clock,
    events,
    trust,
    async protectedApp(more = {}, server = {}) {
      const app = fastify(server)
      await app.register(tokenward, { ...trust, ...more })
      return app
    },
    refusals: () => events.filter((event) => event.type === 'refused'),
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
  const { port } = address
  return {
    port,
    ask: (path, { token, headers = [], ...request }: Ask = {}) =>
      rawRequest({
        ...request,
        port,
        path,
        headers: token === undefined ? headers : [...headers, ['Authorization', `Bearer ${token}`]],
      }),
  }
}
