import type { ModuleMetadata } from '@nestjs/common'
import type { RefusedEvent, System, TokenwardEvent } from '@tokenward/core'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'

import { manualClock, testIssuer } from '@tokenward/testing'
import { onTestFinished } from 'vitest'

import type { RawRequest, RawResponse } from '../support/raw-request.ts'
import type { Application, Platform } from './platforms.ts'

import { listen } from '../support/listen.ts'
import { rawRequest } from '../support/raw-request.ts'
import { createApplication, listenerOf } from './platforms.ts'

export const audience = 'https://api.example'

/** An issuer and what an API needs to trust it, on one clock. */
export interface Scene {
  readonly issuer: TestIssuer
  readonly clock: ManualClock
  /** The options of a resource server for this issuer. */
  readonly trust: {
    readonly issuer: string
    readonly audience: string
    readonly system: Partial<System>
    readonly onEvent: (event: TokenwardEvent) => void
  }
  refusals(): RefusedEvent[]
}

export async function scene(options: TestIssuerOptions = {}): Promise<Scene> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock, ...options })
  const events: TokenwardEvent[] = []
  return {
    issuer,
    clock,
    trust: {
      issuer: issuer.issuer,
      audience,
      system: { now: clock.now, schedule: clock.schedule, fetch: issuer.fetch },
      onEvent: (event) => void events.push(event),
    },
    refusals: () => events.filter((event) => event.type === 'refused'),
  }
}

export type Ask = Omit<RawRequest, 'port'> & { readonly token?: string | undefined }

/** A listening application, to be asked. */
export interface Served {
  readonly app: Application
  readonly port: number
  ask(path: string, request?: Ask): Promise<RawResponse>
}

/** Serves an application of these parts until the test ends. */
export async function serve(
  parts: ModuleMetadata,
  platform: Platform,
  prepare: (app: Application) => unknown = () => {},
): Promise<Served> {
  const app = await createApplication(parts, platform)
  onTestFinished(() => app.close())
  await prepare(app)
  const server = await listen(await listenerOf(app))
  onTestFinished(() => server[Symbol.asyncDispose]())
  return {
    app,
    port: server.port,
    ask: (path, { token, headers = [], ...request } = {}) =>
      rawRequest({
        ...request,
        port: server.port,
        path,
        headers: token === undefined ? headers : [...headers, ['Authorization', `Bearer ${token}`]],
      }),
  }
}
