import type { IntrospectedIssuerOptions } from '@tokenward/core'
import type { AdapterFactory, Configuration } from 'oidc-provider'

import type { SigningKey } from '../../docs/examples/demo/src/signing-keys.ts'

import { clientSecretBasic, introspectedIssuer } from '@tokenward/core'
import { createHash, randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'

import { listen } from '../../docs/examples/demo/src/loopback.ts'
import { withoutNotices } from '../../docs/examples/demo/src/provider-notices.ts'
import { createSigningKey } from '../../docs/examples/demo/src/signing-keys.ts'
import { memoryStorage } from '../../docs/examples/demo/src/storage.ts'
import { createUserAgent } from '../../docs/examples/demo/src/user-agent.ts'

export const AUDIENCE = 'https://orders.example'
const redirectUri = 'http://127.0.0.1/callback'
/** Who asks for tokens, and who asks about them. */
const worker = { id: 'orders-worker', secret: 'a-secret-of-the-worker' }
const app = 'orders-app'
const api = { id: 'orders-api', secret: 'a-secret-of-the-api' }

/** A real authorization server with opaque tokens, stopped when the test ends. */
export interface IntrospectingServer {
  readonly issuer: string
  /** The paths asked so far. */
  readonly asked: readonly string[]
  readonly clientCredentials: () => Promise<string>
  /** The access token and the refresh token of a user who signed in. */
  readonly signIn: () => Promise<{ readonly accessToken: string; readonly refreshToken: string }>
  /** RFC 7009. */
  readonly revoke: (token: string, client: 'worker' | 'app') => Promise<void>
}

export async function introspectingServer(): Promise<IntrospectingServer> {
  const asked: string[] = []
  const { Provider } = await withoutNotices(() => import('oidc-provider'))
  const keys = [await createSigningKey('RS256', 'key-1')]
  let answer: ReturnType<InstanceType<typeof Provider>['callback']> | undefined
  const server = await listen((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://localhost').pathname)
    void answer?.(request, response)
  })
  onTestFinished(() => server.close())
  const provider = withoutNotices(() => new Provider(server.url, configuration(keys, memoryStorage())))
  answer = provider.callback()
  const issuer = server.url
  return {
    issuer,
    asked,
    clientCredentials: async () =>
      text((await token(issuer, { grant_type: 'client_credentials', ...readOrders }, basic(worker)))['access_token']),
    signIn: () => signIn(issuer),
    revoke: async (revoked, client) => {
      const credentials = client === 'worker' ? { authorization: basic(worker) } : {}
      const body = new URLSearchParams(client === 'worker' ? { token: revoked } : { token: revoked, client_id: app })
      const response = await fetch(`${issuer}/token/revocation`, { method: 'POST', headers: credentials, body })
      if (response.status !== 200) throw new Error(`revocation answered ${response.status}: ${await response.text()}`)
    },
  }
}

/** The issuer as the API configures it: the endpoint comes from the metadata. */
export function introspected(
  { issuer }: IntrospectingServer,
  options: Partial<IntrospectedIssuerOptions> = {},
): ReturnType<typeof introspectedIssuer> {
  const clientAuthentication = clientSecretBasic(api.id, api.secret)
  return introspectedIssuer({ issuer, clientAuthentication, allowLoopbackHttp: true, ...options })
}

const readOrders = { scope: 'orders:read', resource: AUDIENCE }

function configuration(keys: readonly SigningKey[], adapter: AdapterFactory): Configuration {
  return {
    adapter,
    clients: [
      { client_id: worker.id, client_secret: worker.secret, grant_types: ['client_credentials'], ...noRedirects },
      { client_id: api.id, client_secret: api.secret, grant_types: [], ...noRedirects },
      {
        client_id: app,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [redirectUri],
      },
    ],
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ scope: 'orders:read', audience: AUDIENCE, accessTokenFormat: 'opaque' }),
        useGrantedResource: () => true,
      },
    },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    jwks: { keys: [...keys] },
    scopes: ['openid', 'offline_access', 'orders:read'],
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 600,
      Session: 600,
    },
  }
}

const noRedirects = { redirect_uris: [], response_types: [] as [] }

async function signIn(issuer: string): Promise<{ accessToken: string; refreshToken: string }> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    ...readOrders,
    scope: 'openid offline_access orders:read',
    client_id: app,
    response_type: 'code',
    redirect_uri: redirectUri,
    prompt: 'consent',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const { searchParams } = await createUserAgent('alice')(`${issuer}/auth?${query.toString()}`, redirectUri)
  const tokens = await token(issuer, {
    grant_type: 'authorization_code',
    client_id: app,
    code: text(searchParams.get('code')),
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  return { accessToken: text(tokens['access_token']), refreshToken: text(tokens['refresh_token']) }
}

async function token(
  issuer: string,
  parameters: Readonly<Record<string, string>>,
  authorization?: string,
): Promise<Readonly<Record<string, unknown>>> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const body = new URLSearchParams(parameters)
  const response = await fetch(`${issuer}/token`, { method: 'POST', headers, body })
  const answer: unknown = await response.json()
  if (response.status !== 200) throw new Error(`the token endpoint answered ${JSON.stringify(answer)}`)
  return { ...Object(answer) }
}

function basic({ id, secret }: { readonly id: string; readonly secret: string }): string {
  return `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error('the authorization server did not answer this')
  return value
}
