// #region orders
import { Controller, Get } from '@nestjs/common'
import type { AccessToken } from '@tokenward/core'
import { scopes } from '@tokenward/core'
import { Auth, Authorize } from '@tokenward/nestjs'

@Controller('/orders')
export class OrdersController {
  @Get()
  @Authorize(scopes('orders:read'))
  list(@Auth() token: AccessToken): { readonly orderedBy: string | undefined } {
    return { orderedBy: token.subject }
  }
}
// #endregion
