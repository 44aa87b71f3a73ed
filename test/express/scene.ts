import type { EventListener, RefusedEvent, System, TokenwardEvent } from '@tokenward/core'
import type { AdapterOptions, Tokenward } from '@tokenward/express'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'
import type { RequestListener } from 'node:http'

import { tokenward } from '@tokenward/express'
import { manualClock, testIssuer } from '@tokenward/testing'
import { onTestFinished } from 'vitest'

import type { RawRequest, RawResponse } from '../support/raw-request.ts'

import { listen } from '../support/listen.ts'
import { fieldValues, rawRequest } from '../support/raw-request.ts'

export const audience = 'https://api.example'

/** An issuer and what an API needs to trust it, on one clock. */
export interface Scene {
  readonly issuer: TestIssuer
  readonly clock: ManualClock
  readonly events: readonly TokenwardEvent[]
  /** Tokenward for this issuer; closed when the test ends. */
  tokenward(options?: AdapterOptions & { readonly realm?: string; readonly anonymous?: 'pass' }): Tokenward
  /** The options of a resource server for this issuer. */
  readonly trust: {
    readonly issuer: string
    readonly audience: string
    readonly system: Partial<System>
    readonly onEvent: EventListener
  }
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
    tokenward(more = {}) {
      const api = tokenward({ ...trust, ...more })
      onTestFinished(() => api.close())
      return api
    },
    refusals: () => events.filter((event) => event.type === 'refused'),
  }
}

export type Ask = Omit<RawRequest, 'port'> & { readonly token?: string | undefined }

/** A listening application, to be asked. */
export interface Served {
  readonly port: number
  ask(path: string, request?: Ask): Promise<RawResponse>
}

/** Serves an application until the test ends. */
export async function serve(app: RequestListener): Promise<Served> {
  const server = await listen(app)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return {
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

/** The value of a field that stands once; undefined where it does not stand at all. */
export function only(response: RawResponse, name: string): string | undefined {
  const [value, ...more] = fieldValues(response, name)
  if (more.length > 0) throw new Error(`${name} stands ${more.length + 1} times`)
  return value
}

/** Collects the rejections that nobody handles while the test runs. */
export function unhandledRejections(): readonly unknown[] {
  const reasons: unknown[] = []
  const listener = (reason: unknown): void => void reasons.push(reason)
  process.on('unhandledRejection', listener)
  onTestFinished(() => void process.off('unhandledRejection', listener))
  return reasons
}

/** Long enough for a rejection to be found unhandled, and for sockets to say what they have to say. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}

/** Lets the event loop turn until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    if (isSo()) return
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
  throw new Error('it never came to be')
}
