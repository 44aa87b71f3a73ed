import type { AccessToken, AdapterOptions, ResourceServer, ResourceServerOptions, TokenClaims } from '@tokenward/core'
import { readAdapterInput, refusalError } from '@tokenward/core'
import type * as aws from 'aws-lambda'
import type { HttpEvent } from './event.ts'
import { fromEvent, toResult } from './event.ts'
import type { Demands } from './judge.ts'
import { judge, unmet } from './judge.ts'

/** Only beside a resource server `refusals`: `forward` throws a `RefusalError`, for a middleware of yours. */
export interface ProtectOptions<Claims> extends Demands<Claims>, AdapterOptions {}

/**
 * Puts a resource server in front of a function that answers HTTP events. What comes back is for Lambda to call; it
 * rejects with a TypeError where the event is no HTTP request.
 *
 * @param server a resource server, or the options of one
 * @throws TypeError that names every problem of the options
 */
export function protect<Event extends HttpEvent, Result, Claims = TokenClaims, Anonymous extends undefined = never>(
  server: ResourceServer<Claims, Anonymous> | ResourceServerOptions<Claims, 'refuse'>,
  handler: (event: Event, token: AccessToken<Claims> | Anonymous, context: aws.Context) => Result | Promise<Result>,
  { policy, fresh, ...beside }: ProtectOptions<Claims> = {},
): (event: Event, context: aws.Context) => Promise<Result | aws.APIGatewayProxyResult> {
  const problems = unmet({
    'the handler must be a function': typeof handler === 'function',
    'policy must be a function': policy === undefined || typeof policy === 'function',
    'fresh must be a boolean': fresh === undefined || typeof fresh === 'boolean',
    'fresh needs a policy': fresh !== true || policy !== undefined,
  })
  const { server: resourceServer, refusals } = readAdapterInput('protect', server, beside, problems)
  return async (event, context) => {
    const decision = await judge(resourceServer, fromEvent(event), { policy, fresh })
    // a cast because a resource server whose type is not Anonymous grants nothing without a token
    if (decision.granted) return handler(event, decision.token as AccessToken<Claims> | Anonymous, context)
    if (refusals === 'forward') throw refusalError(decision)
    return toResult(event, decision)
  }
}
