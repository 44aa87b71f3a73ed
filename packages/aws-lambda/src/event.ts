import type { RefusedDecision, TokenRequest } from '@tokenward/core'
import { fieldReader, groupedHeaders } from '@tokenward/core'
import type * as aws from 'aws-lambda'

/** What HTTP gives a function: HTTP API (payload 2.0 and 1.0), REST proxy, load balancer and function URL events. */
export type HttpEvent = aws.APIGatewayProxyEventV2 | aws.APIGatewayProxyEventBase<unknown> | aws.ALBEvent
type RequestEvent = HttpEvent | aws.APIGatewayRequestAuthorizerEvent | aws.APIGatewayRequestAuthorizerEventV2

/**
 * An HTTP event, or the REQUEST event of an authorizer, as a resource server reads it. The URL has no query, since most
 * events carry only a decoded one.
 *
 * @throws TypeError where the event is no HTTP request: there is nothing to judge, so nothing may pass
 */
export function fromEvent(event: RequestEvent): TokenRequest {
  if (typeof event?.requestContext !== 'object') throw new TypeError('the event is no HTTP request')
  const { headers, multiValueHeaders }: { readonly headers?: unknown; readonly multiValueHeaders?: unknown } = event
  const headerValues = fieldReader(multiValueHeaders ?? headers) // where there are lists, the single values hide lines
  if ('rawPath' in event) {
    const { domainName, http } = event.requestContext
    return { method: http.method, url: `https://${domainName}${event.rawPath}`, headerValues }
  }
  const { httpMethod, path, requestContext: context } = event
  const [scheme, host] = ['x-forwarded-proto', 'host'].map((name) => headerValues(name).join())
  if ('elb' in context) return { method: httpMethod, url: `${scheme}://${host}${path}`, headerValues }
  const method: unknown = context.eventType === 'CONNECT' ? 'GET' : httpMethod // how a WebSocket begins
  if (typeof method !== 'string') throw new TypeError('the event is no HTTP request')
  return { method, url: `https://${context.domainName ?? host}${context.path ?? ''}`, headerValues } // with the stage
}

/**
 * The answer to an event that may not pass, in the shape that its source takes: lists of lines from those that send
 * lists; others have room for one line per field, so lines are joined (RFC 9110 section 5.3).
 *
 * @throws TypeError where the event is no HTTP request
 */
export function toResult(event: HttpEvent, { status, headers, body }: RefusedDecision): aws.APIGatewayProxyResult {
  const fields = Object.entries(groupedHeaders(headers)).map(([name, value]) => [name, [value].flat()] as const)
  return {
    statusCode: status,
    ...('multiValueHeaders' in event && event.multiValueHeaders
      ? { multiValueHeaders: Object.fromEntries(fields) }
      : { headers: Object.fromEntries(fields.map(([name, lines]) => [name, lines.join(', ')])) }),
    body: body === undefined || fromEvent(event).method === 'HEAD' ? '' : JSON.stringify(body), // RFC 9110 section 9.3.2
    isBase64Encoded: false,
  }
}
