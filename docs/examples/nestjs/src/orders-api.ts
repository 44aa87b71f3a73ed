import type { DynamicModule } from '@nestjs/common'
import type { System } from '@tokenward/core'
import { jwtIssuer, logRefusals } from '@tokenward/core'
import { TokenwardModule } from '@tokenward/nestjs'
import { OrdersController } from './orders.controller.ts'
import { ReadinessController } from './readiness.controller.ts'

export interface OrdersApiOptions {
  readonly issuer: string
  readonly audience: string
  /** For tests: the clock and the network. */
  readonly system?: Partial<System>
}

/** The protected API. */
export class OrdersApi {
  static with({ issuer, audience, system = {} }: OrdersApiOptions): DynamicModule {
    const tokenward = TokenwardModule.forRoot({
      issuer: jwtIssuer({ issuer, allowLoopbackHttp: true }), // so that an issuer on this machine will do
      audience,
      onEvent: logRefusals(console),
      system,
    })
    return { module: OrdersApi, imports: [tokenward], controllers: [OrdersController, ReadinessController] }
  }
}
