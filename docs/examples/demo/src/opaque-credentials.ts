import { read } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { clientCredentials } from './grants.ts'
import { partnerClient } from './provider-configuration.ts'
import type { Servers } from './servers.ts'

/** Opaque access tokens, each issued by a running authorization server. */
export interface OpaqueCredentials {
  readonly toReadAndWrite: Credential
  readonly toRead: Credential
  readonly forBilling: Credential
  readonly fromLostServer: Credential
  readonly unseenFromLostServer: Credential
}

export async function obtainOpaqueCredentials({
  authorizationServer,
  lostServer,
}: Servers): Promise<OpaqueCredentials> {
  const obtain = async (issuer: string, scope: string, resource: string, obtained: string) => {
    const { accessToken } = await clientCredentials(issuer, { scope, resource }, partnerClient)
    return { value: accessToken, obtained }
  }
  const { issuer } = authorizationServer
  const lost = (): Promise<Credential> =>
    obtain(lostServer.issuer, read.scope, read.resource, 'client credentials, at a server that is down by now')
  const billing = 'https://billing.example'
  return {
    toReadAndWrite: await obtain(
      issuer,
      'orders:read orders:write',
      read.resource,
      'client credentials, scope orders:read orders:write',
    ),
    toRead: await obtain(issuer, read.scope, read.resource, 'client credentials, scope orders:read'),
    forBilling: await obtain(issuer, 'invoices:read', billing, `client credentials, for ${billing}`),
    fromLostServer: await lost(),
    unseenFromLostServer: await lost(),
  }
}
