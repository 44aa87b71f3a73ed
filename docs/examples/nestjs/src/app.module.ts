// #region module
import { Module } from '@nestjs/common'
import { logRefusals } from '@tokenward/core'
import { TokenwardModule } from '@tokenward/nestjs'
import { OrdersController } from './orders.controller.ts'

@Module({
  imports: [
    TokenwardModule.forRoot({
      issuer: 'https://login.example.com', // your authorization server, as its tokens name it in "iss"
      audience: 'https://orders.example.com', // your API, as tokens name it in "aud"
      onEvent: logRefusals(console),
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
// #endregion
