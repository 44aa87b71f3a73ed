import type { ErrorCode, FetchFailure, IntrospectionFailedEvent, RefusedEvent } from '@tokenward/core'
import { request as openRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { ApiInstance } from './servers.ts'

/** One request of the demo, and the answer that a reader may expect. */
export interface DemoRequest {
  readonly title: string
  readonly api: ApiInstance
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The `Authorization` field lines, as sent: none, one, or one too many. */
  readonly authorization: readonly string[]
  /** How the client came by the credential; absent where it holds none. */
  readonly obtained: string | undefined
  readonly expected: Expectation
  /** Whether the answer depends on what came before, so that the same request gets another one later. */
  readonly isOnce?: boolean
}

export interface Expectation {
  readonly status: number
  /** `error` in the challenge (RFC 6750 section 3.1). */
  readonly error?: string
  /** `scope` in the challenge. */
  readonly scope?: string
  /** The code that the API's operator sees. */
  readonly code?: ErrorCode
  /** How often the authorization server is asked about the token meanwhile. */
  readonly introspections?: number
  /** Why the authorization server could not be asked, as the API's operator sees it. */
  readonly failure?: FetchFailure
}

export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly challenge: string | undefined
  readonly retryAfter: string | undefined
  readonly body: string
  readonly refusals: readonly RefusedEvent[]
  readonly failures: readonly IntrospectionFailedEvent[]
  /** How often the authorization server was asked meanwhile; absent where the API asks nobody about tokens. */
  readonly introspections: number | undefined
}

export interface Exchange {
  readonly request: DemoRequest
  readonly answer: Answer
  /** Where the answer differs from the expected one. Empty: it is as expected. */
  readonly differences: readonly string[]
}

/** Sends the request over HTTP and compares the answer, on the wire and for the operator, with the expected one. */
export async function exchange(request: DemoRequest): Promise<Exchange> {
  const refusals: RefusedEvent[] = []
  const failures: IntrospectionFailedEvent[] = []
  const { reportTo, introspections } = request.api
  reportTo((event) => {
    if (event.type === 'refused') refusals.push(event)
    if (event.type === 'introspection-failed') failures.push(event)
  })
  const before = introspections?.() ?? 0
  const received = await send(request)
  const asked = introspections === undefined ? undefined : introspections() - before
  const answer: Answer = { ...received, refusals, failures, introspections: asked }
  return { request, answer, differences: differences(request.expected, answer) }
}

type Received = Omit<Answer, 'refusals' | 'failures' | 'introspections'>

/** Uses node:http, since fetch would join two `Authorization` fields into one. */
async function send({ api, method, path, authorization }: DemoRequest): Promise<Received> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = openRequest(new URL(path, api.url), { method, agent: false }, resolve)
    outgoing.on('error', reject)
    if (authorization.length > 0) outgoing.setHeader('authorization', authorization)
    outgoing.end()
  })
  response.setEncoding('utf8')
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    challenge: response.headers['www-authenticate'],
    retryAfter: response.headers['retry-after'],
    body,
  }
}

/** Where the answer is not the expected one, in words. */
export function differences(expected: Expectation, answer: Answer): string[] {
  const codes = answer.refusals.map(({ code }) => code).join(' ')
  const reasons = answer.failures.map(({ reason }) => reason).join(' ')
  const text = (count: number | undefined): string => (count === undefined ? '' : String(count))
  return [
    ...difference('status', String(answer.status), String(expected.status)),
    ...challengeDifferences(expected, answer.challenge),
    ...difference('code that the operator sees', codes, expected.code ?? ''),
    ...difference('number of introspections', text(answer.introspections), text(expected.introspections)),
    ...difference('reason not to introspect', reasons, expected.failure ?? ''),
    ...(expected.status === 503 && answer.retryAfter === undefined ? ['Retry-After is missing'] : []),
  ]
}

/** A refusal of the request's credential carries a challenge (RFC 6750 section 3); no other answer does. */
function challengeDifferences({ status, error, scope }: Expectation, challenge: string | undefined): string[] {
  if (status < 400 || status >= 500) return challenge === undefined ? [] : ['there is a challenge']
  if (challenge === undefined) return ['the challenge is missing']
  return [
    ...(challenge.startsWith('Bearer realm="orders"')
      ? []
      : ['the challenge does not begin with Bearer and the realm']),
    ...difference('error in the challenge', challengeParameter(challenge, 'error'), error),
    ...difference('scope in the challenge', challengeParameter(challenge, 'scope'), scope),
  ]
}

function difference(what: string, actual = '', expected = ''): string[] {
  return actual === expected ? [] : [`the ${what} is ${actual || 'absent'}, not ${expected || 'absent'}`]
}

/** The value of one parameter of a `WWW-Authenticate` field (RFC 9110 section 11.2). */
export function challengeParameter(challenge: string | undefined, name: string): string | undefined {
  return challenge === undefined ? undefined : new RegExp(`[\\s,]${name}="([^"]*)"`).exec(challenge)?.[1]
}
