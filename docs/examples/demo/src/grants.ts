import { createHash, randomBytes } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { appClientId, deviceClientId, redirectUri, workerClient } from './provider-configuration.ts'
import type { UserAgent } from './user-agent.ts'

/** What the token endpoint answered (RFC 6749 section 5.1). */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly idToken: string | undefined
}

/** What a client asks for. Without a `resource` the access token is meant for the authorization server itself. */
export interface Request {
  readonly scope: string
  readonly resource?: string
}

type Json = Readonly<Record<string, unknown>>

/** Authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636): the user signs in and consents. */
export async function authorizationCode(issuer: string, request: Request, user: UserAgent): Promise<Tokens> {
  const authorizationEndpoint = await endpoint(issuer, 'authorization_endpoint')
  const state = randomBytes(16).toString('base64url')
  const codeVerifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    ...request,
    client_id: appClientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    prompt: 'consent',
    state,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  })

  const { searchParams: answer } = await user(`${authorizationEndpoint}?${query.toString()}`, redirectUri)
  const code = answer.get('code')
  if (code === null || answer.get('state') !== state || answer.get('iss') !== issuer)
    throw new Error(`No authorization code: ${answer.toString()}`)
  return requestTokens(issuer, {
    grant_type: 'authorization_code',
    client_id: appClientId,
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  })
}

/** Refresh token grant (RFC 6749 section 6). The server replaces the refresh token each time. */
export function refresh(issuer: string, refreshToken: string): Promise<Tokens> {
  return requestTokens(issuer, { grant_type: 'refresh_token', client_id: appClientId, refresh_token: refreshToken })
}

/** Client credentials grant (RFC 6749 section 4.4): no user takes part. */
export function clientCredentials(issuer: string, request: Request, client = workerClient): Promise<Tokens> {
  return requestTokens(issuer, { ...request, grant_type: 'client_credentials' }, basic(client))
}

/** Token revocation (RFC 7009 section 2.1), by the client that the token was issued to. */
export async function revoke(issuer: string, token: string, client: typeof workerClient): Promise<void> {
  const url = await endpoint(issuer, 'revocation_endpoint')
  const headers = { authorization: basic(client) }
  const { status } = await fetch(url, { method: 'POST', headers, body: new URLSearchParams({ token }) })
  if (status !== 200) throw new Error(`${url} answered ${status}`)
}

/** Device authorization grant (RFC 8628): the user approves the device's code in a browser of their own. */
export async function deviceFlow(issuer: string, request: Request, user: UserAgent): Promise<Tokens> {
  const device = await post(await endpoint(issuer, 'device_authorization_endpoint'), {
    ...request,
    client_id: deviceClientId,
  })
  await user(String(device['verification_uri_complete']))
  return requestTokens(issuer, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: deviceClientId,
    device_code: String(device['device_code']),
  })
}

/** An address from what the server says about itself (OpenID Connect Discovery 1.0 section 4). */
export async function endpoint(issuer: string, name: string): Promise<string> {
  const metadata = await json(await fetch(`${issuer}/.well-known/openid-configuration`))
  return text(metadata[name]) ?? fail(`${issuer} has no ${name}`)
}

/** The public keys that the server publishes (RFC 7517 section 5). */
export async function publishedKeys(issuer: string): Promise<JsonWebKey[]> {
  const { keys } = await json(await fetch(await endpoint(issuer, 'jwks_uri')))
  return Array.isArray(keys) ? keys : []
}

async function requestTokens(
  issuer: string,
  parameters: Record<string, string>,
  authorization?: string,
): Promise<Tokens> {
  const tokens = await post(await endpoint(issuer, 'token_endpoint'), parameters, authorization)
  const accessToken = text(tokens['access_token']) ?? fail('The token endpoint answered without an access token')
  return { accessToken, refreshToken: text(tokens['refresh_token']), idToken: text(tokens['id_token']) }
}

function basic({ id, secret }: typeof workerClient): string {
  return `Basic ${btoa(`${id}:${secret}`)}`
}

async function post(url: string, parameters: Record<string, string>, authorization?: string): Promise<Json> {
  const headers = authorization === undefined ? {} : { authorization }
  return json(await fetch(url, { method: 'POST', headers, body: new URLSearchParams(parameters) }))
}

async function json(response: Response): Promise<Json> {
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(body)}`)
  if (typeof body !== 'object' || body === null) throw new Error(`${response.url} answered no JSON object`)
  return Object.fromEntries(Object.entries(body))
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function fail(message: string): never {
  throw new Error(message)
}
