// #region route
import { logRefusals, scopes } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import Fastify from 'fastify'

const app = Fastify()

await app.register(tokenward, {
  issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
  audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
  onEvent: logRefusals(console),
})

app.get('/orders', { onRequest: authorize(scopes('orders:read')) }, async (request) => ({
  orderedBy: accessToken(request).subject,
}))
// #endregion

export { app }
export async function listen() {
  // #region listen
  await app.listen({ port: 3000 })
  // #endregion
}
