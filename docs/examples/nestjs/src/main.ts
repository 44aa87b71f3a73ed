import { NestFactory } from '@nestjs/core'
import { OrdersApi } from './orders-api.ts'

const { ISSUER, AUDIENCE, PORT = '3000' } = process.env
if (ISSUER === undefined || AUDIENCE === undefined) {
  console.error(`Set ISSUER to the issuer of your access tokens and AUDIENCE to the name they give this API:

  ISSUER=https://login.example.com AUDIENCE=https://orders.example.com npx -y pnpm@12 example:nestjs

No authorization server at hand? "npx -y pnpm@12 demo --serve" starts one and says where it listens.`)
  process.exit(2)
}

const app = await NestFactory.create(OrdersApi.with({ issuer: ISSUER, audience: AUDIENCE }))
app.enableShutdownHooks()
await app.listen(Number(PORT))
console.log(`Listening on http://localhost:${PORT}/orders`)
