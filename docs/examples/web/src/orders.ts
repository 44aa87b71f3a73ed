// #region protect
import { createResourceServer, logRefusals, protect, scopes } from '@tokenward/core'

export const server = createResourceServer({
  issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
  audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
  onEvent: logRefusals(console),
})

export const orders = protect(server, (_request, token) => Response.json({ orderedBy: token.subject }), {
  policy: scopes('orders:read'),
})
// #endregion

// #region catalog
export const openServer = createResourceServer({
  issuer: 'https://login.example.com',
  audience: 'https://orders.example.com',
  anonymous: 'pass',
})

export const catalog = protect(openServer, (_request, token) =>
  Response.json({ pricesFor: token?.subject ?? 'everybody' }),
)
// #endregion
