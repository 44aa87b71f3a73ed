import { OrdersController } from '../../../docs/examples/nestjs/src/orders.controller.ts'

// #region module
import type { DynamicModule } from '@nestjs/common'
import type { System } from '@tokenward/core'
import { TokenwardModule } from '@tokenward/nestjs'

export class OrdersApi {
  static with(system: Partial<System> = {}): DynamicModule {
    const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com', system }
    return { module: OrdersApi, imports: [TokenwardModule.forRoot(options)], controllers: [OrdersController] }
  }
}
// #endregion

// #region mint
import { Test } from '@nestjs/testing'
import { testIssuer } from '@tokenward/testing'

const issuer = await testIssuer({ issuer: 'https://login.example.com' })
const module = await Test.createTestingModule({ imports: [OrdersApi.with({ fetch: issuer.fetch })] }).compile()
const app = module.createNestApplication()
await app.listen(0, '127.0.0.1')

const good = await issuer.mint({ aud: 'https://orders.example.com', scope: 'orders:read' })
const expired = await issuer.mint({ aud: 'https://orders.example.com', exp: 1 })
// #endregion

export const asked = { app, good, expired }
