// #region authorizer
import { authorizer } from '@tokenward/aws-lambda'

export const handler = authorizer(
  { issuer: 'https://login.example.com', audience: 'https://orders.example.com' },
  { response: 'iam', context: ({ claims }) => ({ tenant: String(claims['tenant']) }) },
)
// #endregion
