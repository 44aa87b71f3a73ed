import { createResourceServer, createVerifier, scopes } from '@tokenward/core'
import type { GatewayEvent, Snapshots } from './web.ts'
import { gatewayAnswer, tokenRequestOf } from './web.ts'

/** Two functions on AWS Lambda, as if each were a module. */
export async function lambda(snapshots: Snapshots) {
  const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }

  // #region lambda-serve
  const server = createResourceServer({ ...options, seedKeys: await snapshots.read() })

  async function handler(event: GatewayEvent) {
    const authenticated = await server.authenticate(tokenRequestOf(event))
    if (!authenticated.granted) return gatewayAnswer(authenticated)

    const authorized = server.authorize(authenticated.token, scopes('orders:read'))
    if (!authorized.granted) return gatewayAnswer(authorized)

    return { statusCode: 200, body: JSON.stringify({ orderedBy: authorized.token.subject }) }
  }
  // #endregion

  return handler
}

export function scheduled(snapshots: Snapshots) {
  const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }

  // #region lambda-refresh
  async function refreshKeys(): Promise<void> {
    const verifier = createVerifier(options)
    await verifier.warmUp() // if this throws, the last good snapshot stays where it is
    await snapshots.write(verifier.exportKeys())
  }
  // #endregion

  return refreshKeys
}
