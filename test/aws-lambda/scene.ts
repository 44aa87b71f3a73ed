import type { RefusedEvent, ResourceServer, ResourceServerOptions, System, TokenwardEvent } from '@tokenward/core'
import type { TestIssuer } from '@tokenward/testing'

import { createResourceServer } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import { onTestFinished } from 'vitest'

export const audience = 'https://api.example'

/** An issuer, and what a function needs to trust it. */
export interface Scene {
  readonly issuer: TestIssuer
  readonly trust: {
    readonly issuer: string
    readonly audience: string
    readonly system: Partial<System>
    readonly onEvent: (event: TokenwardEvent) => void
  }
  readonly server: ResourceServer
  /** A resource server that lets requests without a token through. */
  readonly open: () => ResourceServer<Readonly<Record<string, unknown>>, undefined>
  readonly refusals: () => RefusedEvent[]
}

export async function scene(): Promise<Scene> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock })
  const events: TokenwardEvent[] = []
  const trust = {
    issuer: issuer.issuer,
    audience,
    system: { now: clock.now, schedule: clock.schedule, fetch: issuer.fetch },
    onEvent: (event: TokenwardEvent) => void events.push(event),
  }
  const make = <Server extends ResourceServer | ResourceServer<Readonly<Record<string, unknown>>, undefined>>(
    server: Server,
  ): Server => {
    onTestFinished(() => server.close())
    return server
  }
  return {
    issuer,
    trust,
    server: make(createResourceServer(trust)),
    open: () => make(createResourceServer({ ...trust, anonymous: 'pass' } satisfies ResourceServerOptions)),
    refusals: () => events.filter((event) => event.type === 'refused'),
  }
}

/** A resource server that trusts an issuer which nobody can reach. */
export function unreachable({ trust }: Scene): ResourceServer {
  const fetch: typeof globalThis.fetch = () => Promise.reject(new TypeError('fetch failed'))
  return createResourceServer({ ...trust, system: { ...trust.system, fetch } })
}
