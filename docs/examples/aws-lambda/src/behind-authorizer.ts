// #region behind
import type { APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda'

interface Facts {
  readonly issuer: string
  readonly subject: string
  readonly scopes: string
}

export const handler = async ({ requestContext }: APIGatewayProxyEventV2WithLambdaAuthorizer<Facts>) => {
  const { issuer, subject } = requestContext.authorizer.lambda
  return { statusCode: 200, body: JSON.stringify({ orderedBy: [issuer, subject] }) }
}
// #endregion
