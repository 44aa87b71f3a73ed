import { createOrdersApi } from './orders-api.ts'

const { ISSUER, AUDIENCE, PORT = '3000' } = process.env
if (ISSUER === undefined || AUDIENCE === undefined) {
  console.error(`Set ISSUER to the issuer of your access tokens and AUDIENCE to the name they give this API:

  ISSUER=https://login.example.com AUDIENCE=https://orders.example.com npx -y pnpm@12 example:fastify

No authorization server at hand? "npx -y pnpm@12 demo --serve" starts one and says where it listens.`)
  process.exit(2)
}

const app = await createOrdersApi({ issuer: ISSUER, audience: AUDIENCE })
await app.listen({ port: Number(PORT) })
console.log(`Listening on http://localhost:${PORT}/orders`)

process.once('SIGTERM', () => void app.close())
