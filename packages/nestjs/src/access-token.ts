import type { ExecutionContext } from '@nestjs/common'
import { createParamDecorator } from '@nestjs/common'
import type { AccessToken, TokenClaims } from '@tokenward/core'
import { AuthError, ERRORS, isRefusalError } from '@tokenward/core'
import { executionOf } from './execution.ts'
import type { Protection } from './protection.ts'
import { refusalException } from './refusal-exception.ts'

/** What the guard found for one call. */
interface Found {
  readonly handler: unknown
  readonly token: AccessToken | undefined
  readonly gate: Protection['gate']
  readonly key: object
}

/** By subject, one for each handler: a WebSocket client may be the subject of many calls. */
const findings = new WeakMap<object, readonly Found[]>()

export function remember(context: ExecutionContext, found: Found): void {
  const { subject } = executionOf(context)
  if (Object(subject) !== subject) return
  const others = findings.get(Object(subject))?.filter(({ handler }) => handler !== found.handler) ?? []
  findings.set(Object(subject), [...others, found])
}

function recall(context: ExecutionContext): Found {
  const handler = context.getHandler()
  const found = findings.get(Object(executionOf(context).subject))?.find((one) => one.handler === handler)
  if (found !== undefined) return found
  const cause = new Error(`AccessTokenGuard did not run for ${context.getClass().name}.${handler.name}`)
  throw new AuthError('NOT_AUTHENTICATED', ERRORS.NOT_AUTHENTICATED.description, { cause })
}

/**
 * The verified token of a call, for guards and interceptors that run after `AccessTokenGuard`. `Claims` are those of the
 * resource server's schema.
 *
 * @throws AuthError NOT_AUTHENTICATED where that guard did not run, RefusalException for an anonymous call
 */
export function accessToken<Claims = TokenClaims>(context: ExecutionContext): AccessToken<Claims> {
  const { gate, key } = recall(context)
  try {
    return gate.accessToken(key)
  } catch (error) {
    throw isRefusalError(error) ? refusalException(context, error) : error
  }
}

export interface AuthOptions {
  /** Gives undefined for an anonymous call, in place of refusing it. */
  readonly optional?: boolean | undefined
}

/** A parameter of a handler: `@Auth() token: AccessToken`. What {@link accessToken} gives, and throws. */
export const Auth: (options?: AuthOptions) => ParameterDecorator = createParamDecorator(
  (options: AuthOptions | undefined, context: ExecutionContext) =>
    options?.optional === true ? recall(context).token : accessToken(context),
)
