import { FetchError } from '../../internal/fetch-json.ts'
import { quote } from '../../internal/quote.ts'
import type { System } from '../../system.ts'
import { FLIGHT_LIMIT_MS } from '../keys/refresh-schedule.ts'

/** The opt-out of every limit on what may be contacted for a token. A symbol, so that it shows up in a review. */
export const unsafeAnyNetwork: unique symbol = Symbol.for('tokenward.unsafeAnyNetwork')

const guardedMark: unique symbol = Symbol.for('tokenward.guardedFetch')

/** A fetch that refuses addresses inside the own network, at the moment of connecting. */
export interface GuardedFetch {
  (url: string, init: RequestInit): Promise<Response>
  readonly [guardedMark]: true
}

/** What may be contacted for issuers that a token names: through `guardedFetch()`, only these hosts (at any port where none is named), or anything. */
export type Network = GuardedFetch | readonly string[] | typeof unsafeAnyNetwork

/** For implementations of a guarded fetch; those for Node are made by `guardedFetch()` of `@tokenward/core/node`. */
export function markGuarded(send: (url: string, init: RequestInit) => Promise<Response>): GuardedFetch {
  return Object.assign((url: string, init: RequestInit) => send(url, init), { [guardedMark]: true as const })
}

export function isNetwork(value: unknown): value is Network {
  if (value === unsafeAnyNetwork) return true
  if (Array.isArray(value)) return value.length > 0 && value.every(isHost)
  return typeof value === 'function' && guardedMark in value
}

/** A host as a URL has it: a name or address, with a port where it is not the usual one. */
function isHost(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    URL.canParse(`https://${value}`) &&
    new URL(`https://${value}`).host === value.toLowerCase()
  )
}

/** The fetch that keeps to the limits. Without limits, where the issuers are a fixed list, the host's own. */
export function networkFetch(network: Network | undefined, system: System): System['fetch'] {
  if (network === undefined || network === unsafeAnyNetwork) return system.fetch
  if (typeof network === 'function') return network
  const hosts = new Set(network.map((host) => host.toLowerCase()))
  return async (url, init) => {
    const { host, hostname } = new URL(url)
    if (hosts.has(host) || hosts.has(hostname)) return system.fetch(url, init)
    throw new FetchError('address-refused', `the host of ${quote(url)} is not among the hosts of tenantIssuers`)
  }
}

/** How many fetches for issuers whose keys were never seen may be under way at once. */
const MOST_UNDER_WAY = 64

/** Bounds how many fetches are under way: tokens choose what is contacted, and whoever invents names invents many. */
export function limitFetches(send: System['fetch'], now: System['now']): System['fetch'] {
  const startedAtMs = new Map<object, number>()
  return async (url, init) => {
    // one that took longer than fetches may was given up; on an edge runtime it never settles
    for (const [ticket, atMs] of startedAtMs) if (now() - atMs >= FLIGHT_LIMIT_MS) startedAtMs.delete(ticket)
    if (startedAtMs.size >= MOST_UNDER_WAY) {
      throw new FetchError('overloaded', `${quote(url)} was not contacted: ${MOST_UNDER_WAY} fetches are under way`)
    }
    const ticket = {}
    startedAtMs.set(ticket, now())
    try {
      return await send(url, init)
    } finally {
      startedAtMs.delete(ticket)
    }
  }
}
