import type { ExecutionContext, OnModuleDestroy } from '@nestjs/common'
import type { AnyClaims, ResourceServer, ServerInput, TokenClaims, TokenRequest } from '@tokenward/core'
import { AuthError, fromFields, fromNodeRequest, isNodeRequest } from '@tokenward/core'

/** Finds what stands for the Authorization field, such as `Bearer ...`, where a call has no such field. */
export type Credentials = (context: ExecutionContext) => string | readonly string[] | undefined

/** What `createResourceServer` takes; or what it made, which stays yours to close, as a `verifier` does. */
export type ProtectionOptions<Claims = TokenClaims> = ServerInput<Claims> & {
  /** Asked where the usual place is empty, and never for HTTP, where the Authorization field alone counts. */
  readonly credentials?: Credentials | undefined
}

/** One resource server of an application, and where else it looks for credentials. */
export type Protection = ResourceServer<AnyClaims, undefined> & OnModuleDestroy & Pick<ProtectionOptions, 'credentials'>

/** Where an application has the resource server of this name: for `@Inject`, to warm it up or to ask for its status. */
export function resourceServerToken(name: string = 'default'): symbol {
  return Symbol.for(`tokenward.nestjs.${name}`)
}

/**
 * What Nest hands to the guard and to the parameters of the handler alike, and to no other call of that handler; and
 * what carries the credentials of the call.
 */
type Execution = readonly [subject?: unknown, carrier?: unknown]

const upgrades = new WeakMap<object, object>()

/**
 * Remembers the request that opened a WebSocket, as long as there is the client. For `handleConnection` of a gateway on
 * `@nestjs/platform-ws`, whose clients do not know it; those of Socket.IO do.
 */
export function rememberUpgrade(client: object, request: object): void {
  upgrades.set(client, request)
}

export function executionOf(context: ExecutionContext): Execution {
  const [first, second, ...rest] = context.getArgs<unknown[]>()
  const type = context.getType<string>()
  if (type === 'http') return [first, first]
  if (type === 'rpc') return [second, second]
  if (type === 'graphql') return graphql(rest.length === 1 ? [second, ...rest] : rest) // a reference comes without arguments
  if (type !== 'ws') return []
  const upgrade = upgrades.get(Object(first)) ?? at(first, 'request')
  return [Object(second) === second ? second : first, upgrade] // data, or else the client
}

/** Drivers differ in where they put the request. Two of them are a context that several requests share. */
function graphql([context, info]: readonly unknown[]): Execution {
  const places = ['req', 'req.extra.request', 'reply.request'].map((path) => at(context, path))
  const found = new Set(places.filter(isNodeRequest))
  const [request = at(context, 'request')] = found
  return [at(info, 'fieldName') && info, found.size > 1 ? undefined : request]
}

/** What the resource server is told. Where no credential can stand, reading it throws: nobody passes, anonymous or not. */
export function tokenRequest(context: ExecutionContext, credentials: Credentials | undefined): TokenRequest {
  const type = context.getType<string>()
  const [, carrier] = executionOf(context)
  const request = type === 'rpc' ? fromMessage(carrier) : isNodeRequest(carrier) ? fromNodeRequest(carrier) : undefined
  const others = ['graphql', 'ws', 'rpc'].includes(type) ? credentials : undefined
  if (request && others === undefined) return request
  const lack = `a context of type ${type} has nothing here that carries credentials: see rememberUpgrade and credentials`
  return fromFields(() => {
    if (others === undefined) throw new AuthError('NOT_AUTHENTICATED', lack)
    return { authorization: others(context) }
  }, request)
}

/** What the contexts of gRPC, NATS, Kafka and RabbitMQ, and MQTT have, and those of TCP and Redis since Nest 12. */
const ACCESSORS = ['toHttp2Headers', 'getHeaders', 'getMessage', 'getPacket', 'getMetadata']

function fromMessage(context: unknown): TokenRequest | undefined {
  const accessor = ACCESSORS.map((name) => at(context, name)).find((one) => typeof one === 'function')
  if (typeof accessor !== 'function') return undefined
  return fromFields(() => {
    const sent: unknown = Reflect.apply(accessor, context, [])
    const parts = ['headers', 'properties.headers', 'properties.userProperties'].map((path) => at(sent, path))
    return parts.find(Boolean) ?? sent
  })
}

/** What stands in `value` under names with dots between them. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, name) => Reflect.get(Object(found), name), value)
}
