import { inspect } from 'node:util'
import type { Client, ResourceServer } from 'oidc-provider'
import { listen } from './loopback.ts'
import { accessTokenLifetimeSeconds, partnerClient, providerConfiguration } from './provider-configuration.ts'
import { withoutNotices } from './provider-notices.ts'
import type { SigningKey } from './signing-keys.ts'
import { memoryStorage } from './storage.ts'

const { Provider, errors } = await withoutNotices(() => import('oidc-provider'))

export interface AuthorizationServer {
  readonly issuer: string
  readonly port: number
  /** Signs with other keys from now on, and publishes only those. Sessions and grants stay. */
  readonly replaceKeys: (keys: readonly SigningKey[]) => void
  /** How often it was asked about a token so far (RFC 7662). */
  readonly introspections: () => number
  readonly close: () => Promise<void>
}

/** Starts a real authorization server on the loopback interface. It signs with the first of `keys`. */
export async function startAuthorizationServer(keys: readonly SigningKey[], port = 0): Promise<AuthorizationServer> {
  const storage = memoryStorage()
  let answer: ReturnType<InstanceType<typeof Provider>['callback']> | undefined
  let introspections = 0
  const server = await listen((request, response) => {
    if (request.url?.startsWith('/token/introspection') === true) introspections += 1
    void answer?.(request, response)
  }, port)

  const replaceKeys = (nextKeys: readonly SigningKey[]) => {
    const configuration = providerConfiguration(nextKeys, storage, (scope, audience, client) =>
      resourceServer(nextKeys, scope, audience, client),
    )
    const provider = withoutNotices(() => new Provider(server.url, configuration))
    provider.on('server_error', (_ctx, error) => console.error(`authorization server: ${inspect(error)}`))
    answer = provider.callback()
  }
  replaceKeys(keys)

  return {
    issuer: server.url,
    port: server.port,
    replaceKeys,
    introspections: () => introspections,
    close: server.close,
  }
}

/** One client gets opaque tokens, all others signed ones. */
function resourceServer(
  keys: readonly SigningKey[],
  scope: string | undefined,
  audience: string,
  { clientId }: Client,
): ResourceServer {
  if (scope === undefined) throw new errors.InvalidTarget()
  const facts = { scope, audience, accessTokenTTL: accessTokenLifetimeSeconds }
  if (clientId === partnerClient.id) return { ...facts, accessTokenFormat: 'opaque' }
  return { ...facts, accessTokenFormat: 'jwt', jwt: { sign: { alg: keys[0]?.alg ?? 'RS256' } } }
}
