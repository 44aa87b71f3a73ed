import type { TokenwardEvent, Verifier, VerifierOptions } from '@tokenward/core'
import { createVerifier, tenantIssuers, unsafeAnyNetwork } from '@tokenward/core'
import type { ManualClock, TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'
import { AUDIENCE } from '../scene.ts'

/** Several issuers on one network made of memory, and a note of every URL that was asked for. */
export interface Tenants {
  readonly clock: ManualClock
  readonly system: ManualClock & {
    readonly fetch: (url: string, init: RequestInit) => Promise<Response>
    readonly random: () => number
  }
  /** Every URL so far, oldest first, whether anybody lives there or not. */
  readonly requests: readonly string[]
  /** How many of the requests went to this host. */
  readonly asked: (host: string) => number
  readonly events: TokenwardEvent[]
  /** Opens an issuer of that name: on the network, with keys of its own that have the same key ids as everybody's. */
  readonly open: (name: string) => Promise<TestIssuer>
  /** Cuts a host off, or connects it again. */
  readonly cut: (host: string, isCut?: boolean) => void
  readonly verifier: (options: Omit<VerifierOptions, 'audience'>) => Verifier
}

export async function tenants(): Promise<Tenants> {
  const clock = manualClock()
  const requests: string[] = []
  const events: TokenwardEvent[] = []
  const opened = new Map<string, TestIssuer>()
  const cutOff = new Set<string>()
  const hostOf = (url: string): string => new URL(url).host
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    requests.push(url)
    const issuer = opened.get(hostOf(url))
    if (issuer === undefined || cutOff.has(hostOf(url))) throw new TypeError('fetch failed')
    return issuer.fetch(url, init)
  }
  const system = { ...clock, fetch, random: () => 0 }
  return {
    clock,
    system,
    requests,
    events,
    asked: (host) => requests.filter((url) => hostOf(url) === host).length,
    open: async (name) => {
      const issuer = await testIssuer({ issuer: name, algorithm: 'ES256', clock })
      opened.set(hostOf(name), issuer)
      return issuer
    },
    cut: (host, isCut = true) => {
      if (isCut) cutOff.add(host)
      else cutOff.delete(host)
    },
    verifier: (options) =>
      createVerifier({ audience: AUDIENCE, system, onEvent: (event) => void events.push(event), ...options }),
  }
}

/** Tenants of which every name is allowed and nothing limits the network, unless told otherwise. */
export function anyTenant(
  options: Partial<Pick<Parameters<typeof tenantIssuers>[0], 'resolve' | 'mostOpen'>> & {
    readonly allow?: (name: string) => boolean
  } = {},
): ReturnType<typeof tenantIssuers> {
  return tenantIssuers({ allow: () => true, network: unsafeAnyNetwork, ...options })
}
