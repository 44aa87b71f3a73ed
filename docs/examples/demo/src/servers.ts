import type { EventListener, Issuer, System } from '@tokenward/core'
import { createOrdersApi, opaqueTokensOf, signedTokensOf } from './api.ts'
import { startAuthorizationServer } from './authorization-server.ts'
import type { AuthorizationServer } from './authorization-server.ts'
import { listen } from './loopback.ts'
import { apiClient } from './provider-configuration.ts'
import { createSigningKey } from './signing-keys.ts'

/** A listening instance of the orders API. */
export interface ApiInstance {
  readonly url: string
  /** What sets this instance apart; absent for the plain one. */
  readonly remark: string | undefined
  /** From now on the operator of this instance is `operator`, and nobody else. */
  readonly reportTo: (operator: EventListener) => void
  /** How often the authorization server was asked about tokens so far; absent where this instance asks about none. */
  readonly introspections?: () => number
  readonly close: () => Promise<void>
}

/** Everything that the demo talks to. */
export interface Servers {
  readonly authorizationServer: AuthorizationServer
  /** Another authorization server, which the orders API does not trust. */
  readonly otherServer: AuthorizationServer
  /** A third one, which goes away after it issued a token. */
  readonly lostServer: AuthorizationServer
  readonly ordersApi: ApiInstance
  /** Trusts the same issuer; its clock is one hour ahead. */
  readonly apiInAnHour: ApiInstance
  /** Trusts the server that goes away. */
  readonly apiInOutage: ApiInstance
  /** Trusts the other authorization server. */
  readonly otherApi: ApiInstance
  /** Takes signed tokens, and opaque ones, about which it asks. */
  readonly askingApi: ApiInstance
  /** From now on the clock of that instance is so much further ahead. */
  readonly putForward: (seconds: number) => void
  /** Asks the server that goes away. */
  readonly askingInOutage: ApiInstance
  /** Asks with a secret that the authorization server does not know. */
  readonly askingWrongly: ApiInstance
  readonly close: () => Promise<void>
}

export async function startServers(): Promise<Servers> {
  const [key, otherKey] = await Promise.all([
    createSigningKey('RS256', 'key-1'),
    createSigningKey('ES256', 'other-key-1'),
  ])
  const authorizationServer = await startAuthorizationServer([key])
  const otherServer = await startAuthorizationServer([otherKey])
  const lostServer = await startAuthorizationServer([otherKey])
  const ordersApi = await startApi(authorizationServer.issuer)
  const apiInAnHour = await startApi(authorizationServer.issuer, 'an instance whose clock is one hour ahead', {
    now: () => Date.now() + 3_600_000,
  })
  const apiInOutage = await startApi(lostServer.issuer, 'an instance that trusts the server that is down')
  const otherApi = await startApi(otherServer.issuer, 'an instance that trusts the other server')

  const asking = await startAskingApis(authorizationServer, lostServer)
  let aheadSeconds = 0
  const { issuer } = authorizationServer
  const askingApi = await startApi(
    [signedTokensOf(issuer), opaqueTokensOf(issuer, apiClient)],
    'an instance that takes opaque tokens',
    { now: () => Date.now() + aheadSeconds * 1000 },
    authorizationServer,
  )

  const started = {
    authorizationServer,
    otherServer,
    lostServer,
    ordersApi,
    apiInAnHour,
    apiInOutage,
    otherApi,
    askingApi,
    ...asking,
  }
  return {
    ...started,
    putForward: (seconds) => {
      aheadSeconds += seconds
    },
    close: async () => void (await Promise.all(Object.values(started).map((server) => server.close()))),
  }
}

/** Two instances that cannot get an answer about a token. */
async function startAskingApis(
  authorizationServer: AuthorizationServer,
  lostServer: AuthorizationServer,
): Promise<Pick<Servers, 'askingInOutage' | 'askingWrongly'>> {
  const wrongSecret = { ...apiClient, secret: 'the-secret-of-last-year' }
  return {
    askingInOutage: await startApi(
      [opaqueTokensOf(lostServer.issuer, apiClient)],
      'an instance that asks the server that is down',
      {},
      lostServer,
    ),
    askingWrongly: await startApi(
      [opaqueTokensOf(authorizationServer.issuer, wrongSecret)],
      'an instance that asks with an outdated secret',
      {},
      authorizationServer,
    ),
  }
}

async function startApi(
  issuer: string | readonly Issuer[],
  remark?: string,
  system?: Partial<System>,
  asked?: AuthorizationServer,
): Promise<ApiInstance> {
  let operator: EventListener = () => {}
  const api = createOrdersApi(issuer, (event) => operator(event), system)
  const server = await listen(api.app)
  return {
    url: server.url,
    remark,
    ...(asked !== undefined && { introspections: asked.introspections }),
    reportTo: (next) => {
      operator = next
    },
    close: async () => void (await Promise.all([server.close(), api.close()])),
  }
}
