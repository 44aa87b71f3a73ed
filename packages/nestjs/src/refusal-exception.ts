import { type ExecutionContext, HttpException } from '@nestjs/common'
import type { RefusalError } from '@tokenward/core'

const GRAPHQL_CODES = { 400: 'BAD_REQUEST', 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 500: undefined, 503: undefined }
/** INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, INTERNAL, UNAVAILABLE. */
const GRPC_CODES = { 400: 3, 401: 16, 403: 7, 500: 13, 503: 14 }

/** JSON leaves it out: the one object that Nest's filter and both platforms make no content of. */
const noContent: object = Object.create({ toJSON: () => undefined })

/** A refusal over HTTP or GraphQL, fit for anyone to read. Its `cause` is a `RefusalError`, for your exception filters. */
export class RefusalException extends HttpException {
  /** What drivers of GraphQL put into the answer; Apollo's takes `http` for status and fields. */
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(refusal: RefusalError) {
    const { status, headers, body } = refusal
    super(body === undefined ? noContent : { ...body }, status)
    const lines = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    const code = GRAPHQL_CODES[status] ?? 'INTERNAL_SERVER_ERROR'
    this.extensions = { code, http: { status, headers: new Map(lines) } }
    explain(this, refusal)
  }
}

/** Sets the fields of an HTTP answer at once: they stay, whatever a filter makes of the rest. */
export function refusalException(context: ExecutionContext, refusal: RefusalError): RefusalException {
  const response: { header: (name: string, value: unknown) => unknown } = context.getArgByIndex(1)
  const fields = context.getType() === 'http' ? Object.entries(refusal.headers) : []
  for (const [name, value] of fields) if (name !== 'Content-Type') response.header(name, value)
  return new RefusalException(refusal)
}

/** The exception that filters of Nest, and yours, know in this context. Its package is there, or there was no such context. */
export async function exceptionFor(context: ExecutionContext, refusal: RefusalError): Promise<Error> {
  const { status: statusCode, body, message } = refusal
  const told = { status: 'error', statusCode, ...(body && { error: body.error }), message }
  if (context.getType() === 'ws') return explain(new (await import('@nestjs/websockets')).WsException(told), refusal)
  if (context.getType() !== 'rpc') return refusalException(context, refusal)
  const { RpcException } = await import('@nestjs/microservices')
  return explain(new RpcException({ ...told, code: GRPC_CODES[statusCode] }), refusal)
}

/** What is sent or printed of an exception is what the wire may carry: the operator's error is the cause of the cause. */
function explain<E extends Error>(exception: E, cause: RefusalError): E {
  const { message } = cause
  return Object.assign(exception, { message, stack: `${exception.name}: ${message}`, cause })
}
