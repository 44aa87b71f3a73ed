import type { ExecutionContext } from '@nestjs/common'
import type { NodeHeader, TokenRequest } from '@tokenward/core'
import { AuthError, fieldLines } from '@tokenward/core'

/** Finds what stands for the Authorization field, such as `Bearer ...`, where a call has no such field. */
export type Credentials = (context: ExecutionContext) => string | readonly string[] | undefined

/** One call of a handler. */
interface Execution {
  /** What Nest hands to the guard and to the parameters of the handler alike, and to no other call of that handler. */
  readonly subject: unknown
  /** Undefined where no credential can stand. */
  readonly request: TokenRequest | undefined
}

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
  if (type === 'http') return { subject: first, request: fromNode(first) }
  if (type === 'rpc') return { subject: second, request: fromMessage(second) }
  if (type === 'graphql') return graphql(args.slice(args.length === 3 ? 1 : 2)) // a reference comes without arguments
  if (type !== 'ws') return { subject: undefined, request: undefined }
  const upgrade = upgrades.get(Object(first)) ?? property(first, 'request')
  return { subject: Object(second) === second ? second : first, request: fromNode(upgrade) } // data, or else the client
}

/** What the resource server is told. Where no credential can stand, reading it throws: nobody passes, anonymous or not. */
export function tokenRequest(context: ExecutionContext, credentials: Credentials | undefined): TokenRequest {
  const { request } = executionOf(context)
  const type = context.getType<string>()
  const others = ['graphql', 'ws', 'rpc'].includes(type) ? credentials : undefined
  if (others === undefined && request !== undefined) return request
  const headerValues = (name: string): readonly string[] => {
    const lack = `a context of type ${type} has nothing here that carries credentials: see rememberUpgrade and credentials`
    if (request === undefined && others === undefined) throw new AuthError('NOT_AUTHENTICATED', lack)
    const values = request?.headerValues(name) ?? []
    return values.length === 0 && name === 'authorization' ? texts(others?.(context)) : values
  }
  return { method: '', url: '', ...request, headerValues }
}

/** What requests of Express, of Fastify and of Node itself have in common, if they have it. */
interface AnyRequest
  extends NodeHeader, Partial<Record<'method' | 'protocol' | 'host' | 'originalUrl' | 'url', string>> {
  readonly raw?: NodeHeader
}

/** Not one of the web, whose header is no record. */
function isRequest(value: unknown): value is AnyRequest {
  const headers = property(value, 'headers')
  return typeof headers === 'object' && headers !== null && !('get' in headers)
}

function fromNode(request: unknown): TokenRequest | undefined {
  if (!isRequest(request)) return undefined
  const { method = '', headers, raw: { rawHeaders } = request } = request
  return {
    method,
    get url() {
      const { protocol = 'http', host = headers['host'], originalUrl = request.url } = request
      return `${protocol}://${String(host)}${originalUrl}`
    },
    headerValues: (name) => texts(fieldLines({ rawHeaders, headers }, name)),
  }
}

/** Drivers differ in where they put the request. Two of them are a context that several requests share. */
function graphql([context, info]: readonly unknown[]): Execution {
  const req = property(context, 'req')
  const upgrade = property(property(req, 'extra'), 'request')
  const found = new Set([req, upgrade, property(property(context, 'reply'), 'request')].filter(isRequest))
  const [request = property(context, 'request')] = found
  const subject = property(info, 'fieldName') === undefined ? undefined : info
  return { subject, request: found.size > 1 ? undefined : fromNode(request) }
}

/** What the contexts of gRPC, NATS, Kafka and RabbitMQ, and MQTT have, and those of TCP and Redis since Nest 12. */
const ACCESSORS = ['toHttp2Headers', 'getHeaders', 'getMessage', 'getPacket', 'getMetadata']

function fromMessage(context: unknown): TokenRequest | undefined {
  const accessor = ACCESSORS.map((name) => property(context, name)).find((one) => typeof one === 'function')
  if (typeof accessor !== 'function') return undefined
  const headerValues = (name: string): readonly string[] => {
    const given: unknown = Reflect.apply(accessor, context, [])
    const properties = property(given, 'properties')
    const header =
      property(given, 'headers') ?? property(properties, 'headers') ?? property(properties, 'userProperties')
    const fields = Object(header ?? given) as object // or nothing, if it is none
    const entries = Symbol.iterator in fields ? [...(fields as Iterable<unknown[]>)] : Object.entries(fields)
    return entries.flatMap(([key, value]) => (String(key).toLowerCase() === name ? texts(value) : []))
  }
  return { method: '', url: '', headerValues }
}

/** The values of a field, in whatever form there are none, one or more. */
function texts(value: unknown): readonly string[] {
  return [value ?? []].flat().map(String)
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
