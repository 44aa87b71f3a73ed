import { randomBytes } from 'node:crypto'
import type { AdapterFactory, Client, ClientMetadata, Configuration, ResourceServer } from 'oidc-provider'
import type { SigningKey } from './signing-keys.ts'

/** Where the authorization code is sent. Nothing listens there: the demo's user agent stops at this address. */
export const redirectUri = 'http://127.0.0.1/callback'

/** An application that a person uses in a browser. A public client: it has no secret, PKCE protects it. */
export const appClientId = 'orders-app'
/** A device without a keyboard. */
export const deviceClientId = 'orders-tv'
/** A program that acts for itself. */
export const workerClient = { id: 'orders-worker', secret: 'a-secret-for-the-demo-only' }
/** As the worker, but its access tokens are opaque. */
export const partnerClient = { id: 'orders-partner', secret: 'another-secret-for-the-demo-only' }
/** The API itself, which gets no tokens and asks about those of others. */
export const apiClient = { id: 'orders-api', secret: 'a-third-secret-for-the-demo-only' }

/** Long enough to paste the printed curl lines. */
export const accessTokenLifetimeSeconds = 1800

/** The APIs that the authorization server issues access tokens for, by resource indicator (RFC 8707). */
const apis: Readonly<Record<string, { readonly scope: string }>> = {
  'https://orders.example': { scope: 'orders:read orders:write' },
  'https://billing.example': { scope: 'invoices:read' },
}

const clients: ClientMetadata[] = [
  {
    client_id: appClientId,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirectUri],
  },
  {
    client_id: deviceClientId,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: [],
    response_types: [],
  },
  ...[workerClient, partnerClient].map(({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  })),
  {
    client_id: apiClient.id,
    client_secret: apiClient.secret,
    grant_types: [],
    redirect_uris: [],
    response_types: [],
  },
]

/** What the provider is told: its clients, its APIs, and what kind of access token each gets. */
export function providerConfiguration(
  keys: readonly SigningKey[],
  storage: AdapterFactory,
  resourceServer: (scope: string | undefined, audience: string, client: Client) => ResourceServer,
): Configuration {
  return {
    adapter: storage,
    clients,
    clientDefaults: { id_token_signed_response_alg: keys[0]?.alg ?? 'RS256' },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, userCodeInputSource: page, userCodeConfirmSource: page, successSource },
      introspection: { enabled: true, allowedPolicy: (_ctx, client) => client.clientId === apiClient.id },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource, client) => resourceServer(apis[resource]?.scope, resource, client),
        useGrantedResource: () => true,
      },
    },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    jwks: { keys },
    pkce: { required: () => true },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.body = `${error}: ${description ?? ''}`
    },
    scopes: ['openid', 'offline_access', ...Object.values(apis).flatMap(({ scope }) => scope.split(' '))],
    ttl: {
      AccessToken: accessTokenLifetimeSeconds,
      ClientCredentials: accessTokenLifetimeSeconds,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: accessTokenLifetimeSeconds,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  }
}

function page(ctx: { body: unknown }, form: string): void {
  ctx.body = `<!doctype html><title>Device</title>${form}`
}

function successSource(ctx: { body: unknown }): void {
  ctx.body = '<!doctype html><title>Device</title><p>You can go back to your device.</p>'
}
