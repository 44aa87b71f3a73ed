import type { System, TokenwardEvent } from '@tokenward/core'

import { onTestFinished } from 'vitest'

import type { AuthorizationServer } from '../../docs/examples/demo/src/authorization-server.ts'
import type { SigningAlgorithm, SigningKey } from '../../docs/examples/demo/src/signing-keys.ts'

import { audience, createOrdersApi } from '../../docs/examples/demo/src/api.ts'
import { startAuthorizationServer } from '../../docs/examples/demo/src/authorization-server.ts'
import { clientCredentials } from '../../docs/examples/demo/src/grants.ts'
import { listen } from '../../docs/examples/demo/src/loopback.ts'
import { createSigningKey } from '../../docs/examples/demo/src/signing-keys.ts'

/** What a client asks for to read orders. */
export const readOrders = { scope: 'orders:read', resource: audience }

export interface RunningApi {
  /** Asks for the orders with that token. */
  readonly orders: (token: string) => Promise<Answer>
  readonly events: readonly TokenwardEvent[]
}

export interface Answer {
  readonly status: number
  readonly challenge: string | null
  readonly retryAfter: string | null
  /** The operator's codes of the refusals that this request caused. */
  readonly codes: readonly string[]
}

/** A real authorization server that stops when the test ends. */
export async function runningServer(keys: readonly SigningKey[], port = 0): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer(keys, port)
  onTestFinished(() => server.close())
  return server
}

/** The same, with one new key. */
export async function serverSigning(algorithm: SigningAlgorithm): Promise<AuthorizationServer> {
  return runningServer([await createSigningKey(algorithm, 'key-1')])
}

/** The demo's API, listening; it stops when the test ends. */
export async function runningApi(issuer: string, system: Partial<System> = {}): Promise<RunningApi> {
  const events: TokenwardEvent[] = []
  const api = createOrdersApi(issuer, (event) => events.push(event), system)
  const server = await listen(api.app)
  onTestFinished(async () => {
    await server.close()
    await api.close()
  })

  return {
    events,
    orders: async (token) => {
      const before = events.length
      const { status, headers } = await fetch(`${server.url}/orders`, { headers: { authorization: `Bearer ${token}` } })
      return {
        status,
        challenge: headers.get('www-authenticate'),
        retryAfter: headers.get('retry-after'),
        codes: events.slice(before).flatMap((event) => (event.type === 'refused' ? [event.code] : [])),
      }
    },
  }
}

/** A fresh access token to read orders, by the client credentials grant. */
export async function readerToken({ issuer }: AuthorizationServer): Promise<string> {
  const { accessToken } = await clientCredentials(issuer, readOrders)
  return accessToken
}
