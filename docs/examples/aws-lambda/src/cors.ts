// #region cors
import { protect } from '@tokenward/aws-lambda'
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda'

const guarded = protect(
  { issuer: 'https://login.example.com', audience: 'https://orders.example.com' },
  async (_event: APIGatewayProxyEvent, token): Promise<APIGatewayProxyResult> => ({
    statusCode: 200,
    body: JSON.stringify({ orderedBy: token.subject }),
  }),
)

const cors = {
  'Access-Control-Allow-Origin': 'https://app.example.com',
  'Access-Control-Allow-Headers': 'Authorization',
  'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After',
}

export const handler = async (event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> => {
  if (event.httpMethod === 'OPTIONS') return { statusCode: 204, headers: cors, body: '' }
  const result = await guarded(event, context)
  return { ...result, headers: { ...result.headers, ...cors } }
}
// #endregion
