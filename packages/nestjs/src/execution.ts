import type { ExecutionContext } from '@nestjs/common'
import type { ServerInput, TokenClaims, TokenRequest } from '@tokenward/core'
import { AuthError, fieldReader, fromNodeRequest, isNodeRequest } from '@tokenward/core'

/** Finds what stands for the Authorization field, such as `Bearer ...`, where a call has no such field. */
export type Credentials = (context: ExecutionContext) => string | readonly string[] | undefined

/** What `createResourceServer` takes; or what it made, which stays yours to close, as a `verifier` does. */
export type ProtectionOptions<Claims = TokenClaims> = ServerInput<Claims> & {
  /** Asked where the usual place is empty, and never for HTTP, where the Authorization field alone counts. */
  readonly credentials?: Credentials | undefined
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
  const args: readonly unknown[] = context.getArgs()
  const [first, second] = args
  const type = context.getType<string>()
  if (type === 'http') return [first, first]
  if (type === 'rpc') return [second, second]
  if (type === 'graphql') return graphql(args.slice(args.length === 3 ? 1 : 2)) // a reference comes without arguments
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
  const request = type === 'rpc' ? fromMessage(carrier) : isNodeRequest(carrier) && fromNodeRequest(carrier)
  const others = ['graphql', 'ws', 'rpc'].includes(type) ? credentials : undefined
  if (request && others === undefined) return request
  const headerValues = (name: string): readonly string[] => {
    const lack = `a context of type ${type} has nothing here that carries credentials: see rememberUpgrade and credentials`
    if (others === undefined) throw new AuthError('NOT_AUTHENTICATED', lack)
    const values = request ? request.headerValues(name) : []
    return values.length > 0 ? values : fieldReader({ authorization: others(context) })(name)
  }
  return { method: '', url: '', ...request, headerValues }
}

/** What the contexts of gRPC, NATS, Kafka and RabbitMQ, and MQTT have, and those of TCP and Redis since Nest 12. */
const ACCESSORS = ['toHttp2Headers', 'getHeaders', 'getMessage', 'getPacket', 'getMetadata']

function fromMessage(context: unknown): TokenRequest | undefined {
  const accessor = ACCESSORS.map((name) => at(context, name)).find((one) => typeof one === 'function')
  if (typeof accessor !== 'function') return undefined
  const headerValues = (name: string): readonly string[] => {
    const given: unknown = Reflect.apply(accessor, context, [])
    const parts = ['headers', 'properties.headers', 'properties.userProperties'].map((path) => at(given, path))
    return fieldReader(parts.find(Boolean) ?? given)(name)
  }
  return { method: '', url: '', headerValues }
}

/** What stands in `value` under names with dots between them. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, name) => Reflect.get(Object(found), name), value)
}
