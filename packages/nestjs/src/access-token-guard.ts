import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { Inject, Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { AccessToken, Decision } from '@tokenward/core'
import { refusalError } from '@tokenward/core'
import { remember } from './access-token.ts'
import { demandOf } from './demand.ts'
import { tokenRequest } from './execution.ts'
import type { Protection } from './protection.ts'
import { resourceServerToken } from './protection.ts'
import { exceptionFor } from './refusal-exception.ts'

const passed = new WeakSet<ExecutionContext>()

/**
 * Lets calls through that have a good token and all that `@Authorize` asks, and those of `@Public` handlers. For HTTP,
 * GraphQL, WebSockets and RPC: in any other context it refuses. Several of these guards on a handler count as one.
 */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  static readonly isAccessTokenGuard = true
  readonly #modules: ModuleRef

  constructor(@Inject(ModuleRef) modules: ModuleRef) {
    this.#modules = modules
  }

  /** @throws what the filters of Nest expect in this context: RefusalException, WsException or RpcException */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const demand = demandOf(context)
    if (demand === undefined || passed.has(context)) return true
    const { gate, credentials } = this.#modules.get<Protection>(resourceServerToken(demand.server), { strict: false })
    const key = {} // of this call alone: a WebSocket client has many
    let decision: Decision<AccessToken | undefined> = await gate.authenticate(key, tokenRequest(context, credentials))
    const token = decision.granted ? decision.token : undefined
    // set to nothing by a refusal too
    if (context.getType() === 'http') Reflect.set(context.getArgByIndex(0), 'auth', token)
    for (const { policy, fresh } of demand.requirements) {
      if (decision.granted) decision = fresh ? await gate.authorizeFresh(key, policy) : gate.authorize(key, policy)
    }
    if (!decision.granted) throw await exceptionFor(context, refusalError(decision))
    remember(context, { handler: context.getHandler(), token, gate, key })
    passed.add(context)
    return true
  }
}
