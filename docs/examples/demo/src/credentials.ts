import { audience } from './api.ts'
import { authorizationCode, clientCredentials, deviceFlow, refresh } from './grants.ts'
import type { Servers } from './servers.ts'
import { createUserAgent } from './user-agent.ts'

/** A credential to send, and how the client came by it. */
export interface Credential {
  readonly value: string
  readonly obtained: string
}

/** What clients can really hold: every one of these was issued by a running authorization server. */
export interface Credentials {
  readonly fromCode: Credential
  readonly fromRefresh: Credential
  readonly fromDevice: Credential
  readonly fromClient: Credential
  readonly writeOnly: Credential
  readonly forBilling: Credential
  readonly withoutResource: Credential
  readonly idToken: Credential
  readonly refreshToken: Credential
  readonly fromOtherServer: Credential
  readonly fromLostServer: Credential
}

/** What a client asks for to read orders. */
export const read = { scope: 'orders:read', resource: audience }
const write = { scope: 'orders:write', resource: audience }
const billing = { scope: 'invoices:read', resource: 'https://billing.example' }

export async function obtainCredentials({
  authorizationServer,
  otherServer,
  lostServer,
}: Servers): Promise<Credentials> {
  const { issuer } = authorizationServer
  const alice = createUserAgent('alice')
  const code = await authorizationCode(issuer, { ...read, scope: 'openid offline_access orders:read' }, alice)
  const refreshed = await refresh(issuer, required(code.refreshToken))
  const device = await deviceFlow(issuer, read, alice)
  const signInOnly = await authorizationCode(issuer, { scope: 'openid' }, alice)
  const [other, lost] = await Promise.all(
    [otherServer, lostServer].map((server) => clientCredentials(server.issuer, read)),
  )
  const [reader, writer, biller] = await Promise.all(
    [read, write, billing].map((request) => clientCredentials(issuer, request)),
  )

  return {
    fromCode: { value: code.accessToken, obtained: 'authorization code with PKCE: alice signed in and consented' },
    fromRefresh: { value: refreshed.accessToken, obtained: 'refresh token grant' },
    fromDevice: { value: device.accessToken, obtained: 'device flow: alice approved the code in her browser' },
    fromClient: { value: required(reader?.accessToken), obtained: 'client credentials, scope orders:read' },
    writeOnly: { value: required(writer?.accessToken), obtained: 'client credentials, scope orders:write' },
    forBilling: { value: required(biller?.accessToken), obtained: `client credentials, for ${billing.resource}` },
    withoutResource: { value: signInOnly.accessToken, obtained: 'authorization code with PKCE, no API named' },
    idToken: {
      value: required(code.idToken),
      obtained: 'authorization code with PKCE: the ID token beside the access token',
    },
    refreshToken: { value: required(refreshed.refreshToken), obtained: 'refresh token grant: the next refresh token' },
    fromOtherServer: {
      value: required(other?.accessToken),
      obtained: 'client credentials, at another authorization server',
    },
    fromLostServer: {
      value: required(lost?.accessToken),
      obtained: 'client credentials, at a server that is down by now',
    },
  }
}

function required(token: string | undefined): string {
  if (token === undefined) throw new Error('The authorization server did not issue a token that was asked for')
  return token
}
