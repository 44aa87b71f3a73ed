import type {
  IntrospectedIssuerOptions,
  Issuer,
  ResourceServer,
  TokenwardEvent,
  Verifier,
  VerifierOptions,
} from '@tokenward/core'
import { clientSecretBasic, createResourceServer, createVerifier, introspectedIssuer } from '@tokenward/core'
import type { ManualClock } from '@tokenward/testing'
import { manualClock } from '@tokenward/testing'
import { AUDIENCE } from '../scene.ts'

export const ISSUER = 'https://issuer.example'
export const ENDPOINT = 'https://issuer.example/introspect'

/** One request as the authorization server saw it. */
export interface Asked {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  /** The body as it came, and decoded. */
  readonly body: string
  readonly parameters: URLSearchParams
}

export type Reply = (asked: Asked) => Response | Promise<Response>

/** An authorization server with an introspection endpoint, without a network, and whoever asks it. */
export interface Endpoint {
  readonly clock: ManualClock
  readonly system: ManualClock & { readonly fetch: (url: string, init: RequestInit) => Promise<Response> }
  readonly events: TokenwardEvent[]
  /** The requests to introspection endpoints, oldest first. */
  readonly asked: readonly Asked[]
  /** The URLs of all other requests. */
  readonly fetched: readonly string[]
  /** How every introspection request is answered from now on. By default every token is active. */
  answer(reply: Reply): void
  /** How every other request is answered. By default with 404. */
  publish(reply: Reply): void
  /** The issuer with this endpoint and Basic, but for what is given. */
  issuer(options?: Partial<IntrospectedIssuerOptions>): Issuer
  verifier(options?: Partial<IntrospectedIssuerOptions>, others?: Others): Verifier
  /** The same behind HTTP. */
  serving(options?: Partial<IntrospectedIssuerOptions>, others?: Others): ResourceServer
}

type Others = Partial<Pick<VerifierOptions, 'claims' | 'issuer' | 'clockToleranceSeconds' | 'maxTokenBytes'>>

export function endpoint(): Endpoint {
  const clock = manualClock()
  const asked: Asked[] = []
  const fetched: string[] = []
  const events: TokenwardEvent[] = []
  let reply: Reply = () => json(active(clock))
  let document: Reply = () => json({ error: 'not_found' }, 404)

  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init)
    const body = await request.text()
    const one = { url, method: request.method, headers: request.headers, body, parameters: new URLSearchParams(body) }
    if (request.method !== 'POST') {
      fetched.push(url)
      return document(one)
    }
    asked.push(one)
    return reply(one)
  }
  const system = { ...clock, fetch }
  const issuer: Endpoint['issuer'] = (options = {}) =>
    introspectedIssuer({
      issuer: ISSUER,
      endpoint: ENDPOINT,
      clientAuthentication: clientSecretBasic('api', 'secret'),
      ...options,
    })
  const all = (options?: Partial<IntrospectedIssuerOptions>, others: Others = {}): VerifierOptions => ({
    issuer: issuer(options),
    audience: AUDIENCE,
    system,
    onEvent: (event) => {
      if (event.type !== 'verifier-built-repeatedly') events.push(event) // as tests do, for the sake of independence
    },
    ...others,
  })
  return {
    clock,
    system,
    events,
    asked,
    fetched,
    answer: (next) => {
      reply = next
    },
    publish: (next) => {
      document = next
    },
    issuer,
    verifier: (options, others) => createVerifier(all(options, others)),
    serving: (options, others) => createResourceServer({ ...all(options, others), anonymous: 'refuse' }),
  }
}

/** The members of a good answer about an access token for this API. */
export function active(clock: ManualClock, members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    active: true,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    scope: 'orders:read',
    exp: clock.nowSeconds() + 300,
    ...members,
  }
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return text(JSON.stringify(value), 'application/json', status, headers)
}

export function text(
  body: string | null,
  contentType: string,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(body, { status, headers: { 'content-type': contentType, ...headers } })
}

/** A promise that settles when the test says so. */
export function held<T>(): { readonly promise: Promise<T>; readonly release: (value: T) => void } {
  let release: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    release = resolve
  })
  return { promise, release }
}
