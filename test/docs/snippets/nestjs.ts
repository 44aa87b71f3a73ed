import type { ArgumentsHost, CallHandler, ExceptionFilter, ExecutionContext, NestInterceptor } from '@nestjs/common'
import type { AccessToken } from '@tokenward/core'

import { Catch, Controller, Delete, Get, UseGuards } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets'
import { scopes } from '@tokenward/core'
import {
  accessToken,
  AccessTokenGuard,
  Auth,
  Authorize,
  Public,
  RefusalException,
  rememberUpgrade,
  TokenwardModule,
  UseResourceServer,
} from '@tokenward/nestjs'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'

class Settings {
  readonly issuer = issuer
  readonly audience = audience
}
class SettingsModule {}

// #region levels
@Controller('/orders')
@Authorize(scopes('orders:read'))
export class OrdersController {
  @Get()
  list(@Auth() token: AccessToken) {
    return { orderedBy: token.subject }
  }

  @Delete('/:id')
  @Authorize(scopes('orders:write')) // beside orders:read
  cancel(@Auth() token: AccessToken) {
    return { cancelledBy: token.subject }
  }

  @Get('/health')
  @Public()
  health() {
    return { ok: true }
  }
}
// #endregion

// #region audit
export class Audit implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    console.log(`asked by ${accessToken(context).subject}`)
    return next.handle()
  }
}
// #endregion

export const manual =
  // #region manual
  TokenwardModule.forRoot({ issuer, audience, guard: 'manual' })
// #endregion

// #region anonymous
@Controller('/catalog')
export class CatalogController {
  @Get()
  list(@Auth({ optional: true }) token: AccessToken | undefined) {
    return { pricesFor: token?.subject ?? 'everybody' }
  }
}
// #endregion

// #region async
export const tokenward = TokenwardModule.forRootAsync({
  imports: [SettingsModule],
  inject: [Settings],
  useFactory: (settings: Settings) => ({ issuer: settings.issuer, audience: settings.audience }),
})
// #endregion

// #region several
export const imports = [
  TokenwardModule.forRoot({ issuer, audience }),
  TokenwardModule.forRoot({ name: 'partners', issuer: 'https://partners.example.com', audience }),
]

@Controller('/partners')
@UseResourceServer('partners')
export class PartnersController {
  @Get('/orders')
  list(@Auth() token: AccessToken) {
    return { orderedBy: token.subject }
  }
}
// #endregion

// #region filter
@Catch(RefusalException)
export class ProblemFilter implements ExceptionFilter {
  catch(exception: RefusalException, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse()
    const status = exception.getStatus()
    response.status(status).send({ status, title: exception.message })
  }
}
// #endregion

// #region gateway
@WebSocketGateway()
@UseGuards(AccessTokenGuard)
export class OrdersGateway {
  handleConnection(client: object, request: object) {
    rememberUpgrade(client, request) // with @nestjs/platform-ws; Socket.IO needs no such line
  }

  @SubscribeMessage('orders')
  @Authorize(scopes('orders:read'))
  list(@Auth() token: AccessToken) {
    return { event: 'orders', data: token.subject }
  }
}
// #endregion

export const overSockets =
  // #region handshake
  TokenwardModule.forRoot({
    issuer,
    audience,
    credentials: (context) => {
      if (context.getType() !== 'ws') return undefined
      const { token } = context.switchToWs().getClient().handshake.auth // of Socket.IO
      return token && `Bearer ${token}`
    },
  })
// #endregion

// #region messages
@Controller()
@UseGuards(AccessTokenGuard)
export class OrdersMessages {
  @MessagePattern('orders.list')
  @Authorize(scopes('orders:read'))
  list(@Auth() token: AccessToken) {
    return token.subject
  }
}
// #endregion
