// #region authorizer
import { authorizer } from '@tokenward/aws-lambda'
import { logRefusals, scopes } from '@tokenward/core'

export const handler = authorizer(
  {
    issuer: 'https://login.example.com',
    audience: 'https://orders.example.com',
    onEvent: logRefusals(console),
  },
  { response: 'simple', policy: scopes('orders:read') },
)
// #endregion
