import { FetchError } from '../internal/fetch-json.ts'
import { quote } from '../internal/encoding.ts'
import type { System } from '../system.ts'

/** The opt-out of every limit on what may be contacted for a token. A symbol, so that it shows up in a review. */
export const unsafeAnyNetwork: unique symbol = Symbol.for('tokenward.unsafeAnyNetwork')

const guardedMark: unique symbol = Symbol.for('tokenward.guardedFetch')

/** A fetch that refuses addresses inside the own network, at the moment of connecting. */
export interface GuardedFetch {
  (url: string, init: RequestInit): Promise<Response>
  readonly [guardedMark]: true
}

/** What may be contacted for issuers that a token names: through `guardedFetch()`, only these hosts, or anything. */
export type Network = GuardedFetch | readonly string[] | typeof unsafeAnyNetwork

/** For implementations of a guarded fetch; those for Node are made by `guardedFetch()` of `@tokenward/core/node`. */
export function markGuarded(fetch: (url: string, init: RequestInit) => Promise<Response>): GuardedFetch {
  return Object.assign((url: string, init: RequestInit) => fetch(url, init), { [guardedMark]: true as const })
}

export function isNetwork(value: unknown): value is Network {
  if (value === unsafeAnyNetwork) return true
  if (Array.isArray(value))
    return value.length > 0 && value.every((host) => typeof host === 'string' && /^[^/\s@?#]+$/.test(host))
  return typeof value === 'function' && guardedMark in value
}

/** The fetch that keeps to the limits. Without limits, where the issuers are a fixed list, the host's own. */
export function guardedNetwork(network: Network | undefined, system: System): System['fetch'] {
  if (network === undefined || network === unsafeAnyNetwork) return system.fetch
  if (typeof network === 'function') return network
  return async (url, init) => {
    const { host, hostname } = new URL(url)
    if (network.includes(host) || network.includes(hostname)) return system.fetch(url, init)
    throw new FetchError('address-refused', `the host of ${quote(url)} is not among the hosts of tenantIssuers`)
  }
}
