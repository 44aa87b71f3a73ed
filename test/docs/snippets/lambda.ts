import { protect } from '@tokenward/aws-lambda'
import { createResourceServer, createVerifier, scopes } from '@tokenward/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Snapshots } from './web.ts'

/** Two functions on AWS Lambda, as if each were a module. */
export async function lambda(snapshots: Snapshots) {
  const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }

  // #region lambda-serve
  const server = createResourceServer({ ...options, seedKeys: await snapshots.read() })

  const handler = protect(
    server,
    async (_event: APIGatewayProxyEventV2, token) => ({
      statusCode: 200,
      body: JSON.stringify({ orderedBy: token.subject }),
    }),
    { policy: scopes('orders:read') },
  )
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
