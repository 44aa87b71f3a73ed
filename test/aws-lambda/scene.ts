import type { ResourceServer, ResourceServerOptions } from '@tokenward/core'

import { createResourceServer } from '@tokenward/core'
import { onTestFinished } from 'vitest'

import type { TrustedIssuer } from '../support/trusted-issuer.ts'

import { trustedIssuer } from '../support/trusted-issuer.ts'

export interface Scene extends TrustedIssuer {
  /** A resource server that trusts the issuer. */
  readonly server: ResourceServer
  /** A resource server that lets requests without a token through. */
  readonly open: () => ResourceServer<Readonly<Record<string, unknown>>, undefined>
}

export async function scene(): Promise<Scene> {
  const trusted = await trustedIssuer()
  const { trust } = trusted
  const make = <Server extends ResourceServer | ResourceServer<Readonly<Record<string, unknown>>, undefined>>(
    server: Server,
  ): Server => {
    onTestFinished(() => server.close())
    return server
  }
  return {
    ...trusted,
    server: make(createResourceServer(trust)),
    open: () => make(createResourceServer({ ...trust, anonymous: 'pass' } satisfies ResourceServerOptions)),
  }
}

/** A resource server that trusts an issuer which nobody can reach. */
export function unreachable({ trust }: Scene): ResourceServer {
  const fetch: typeof globalThis.fetch = () => Promise.reject(new TypeError('fetch failed'))
  return createResourceServer({ ...trust, system: { ...trust.system, fetch } })
}
