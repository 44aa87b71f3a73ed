// #region handler
import { protect } from '@tokenward/aws-lambda'
import { createResourceServer, logRefusals, scopes } from '@tokenward/core'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

const server = createResourceServer({
  issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
  audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
  onEvent: logRefusals(console),
})

export const handler = protect(
  server,
  async (_event: APIGatewayProxyEventV2, token) => ({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ orderedBy: token.subject }),
  }),
  { policy: scopes('orders:read') },
)
// #endregion
