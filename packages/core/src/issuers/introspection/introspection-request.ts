import type { AuthorizationServer } from 'oauth4webapi'
import { FetchError, JSON_TYPE, parseAnswer, readAnswer, unreachable } from '../../internal/fetch-json.ts'
import { quote } from '../../internal/quote.ts'
import type { System } from '../../system.ts'
import type { ClientAuthentication } from './client-authentication.ts'

const SIGNED_TYPE = /^application\/token-introspection\+jwt\s*(?:;|$)/i

export interface IntrospectionRequest {
  readonly issuer: string
  readonly endpoint: string
  readonly clientAuthentication: ClientAuthentication
  readonly parameters: Readonly<Record<string, string>>
  /** Whether a signed answer (RFC 9701) is asked for, and nothing else accepted. */
  readonly isSigned: boolean
  readonly allowLoopbackHttp: boolean
}

/** An answer as it came: the members of the JSON object, or the JWT that holds them. */
export type IntrospectionAnswer =
  | { readonly kind: 'json'; readonly members: Readonly<Record<string, unknown>> }
  | { readonly kind: 'jwt'; readonly jwt: string }

/**
 * Asks about one token (RFC 7662 section 2.1). Client authentication is oauth4webapi's; the answer is read here, as
 * strictly as everything else that comes from outside.
 *
 * @throws FetchError
 */
export async function introspect(
  system: System,
  { issuer, endpoint, clientAuthentication, parameters, isSigned, allowLoopbackHttp }: IntrospectionRequest,
  token: string,
  signal: AbortSignal,
): Promise<IntrospectionAnswer> {
  const library = await import('oauth4webapi')
  const send = clientAuthentication.fetch ?? system.fetch
  let isOnTheWay = false
  const server: AuthorizationServer = { issuer, introspection_endpoint: endpoint }
  const client = { client_id: clientAuthentication.clientId }
  const options = {
    [library.customFetch]: async (url: string, init: RequestInit) => {
      isOnTheWay = true
      return send(url, init)
    },
    [library.allowInsecureRequests]: allowLoopbackHttp,
    additionalParameters: { ...parameters },
    requestJwtResponse: isSigned,
    signal,
  }
  let response: Response
  try {
    response = await library.introspectionRequest(server, client, clientAuthentication.load(library), token, options)
  } catch (error) {
    throw isOnTheWay ? unreachable(error, endpoint) : unusable(error, endpoint)
  }
  return readIntrospection(response, endpoint, isSigned)
}

async function readIntrospection(
  response: Response,
  endpoint: string,
  isSigned: boolean,
): Promise<IntrospectionAnswer> {
  const bytes = await readAnswer(response, endpoint, isSigned ? SIGNED_TYPE : JSON_TYPE).catch((error: unknown) => {
    throw aboutCredentials(error, endpoint)
  })
  if (isSigned) return { kind: 'jwt', jwt: new TextDecoder().decode(bytes).trim() }
  return { kind: 'json', members: parseAnswer(bytes, endpoint) }
}

/** What keeps a request from being made is the API's own credentials: a key that the library cannot sign with. */
function unusable(cause: unknown, endpoint: string): FetchError {
  const why = cause instanceof Error ? cause.message : 'the request could not be made'
  return new FetchError('credentials-unusable', `${quote(endpoint)} was not asked: ${why}`, { cause })
}

/** RFC 7662 section 2.3: 401 is about the API's own credentials, and says nothing about the token. */
function aboutCredentials(error: unknown, endpoint: string): unknown {
  if (!(error instanceof FetchError) || (error.status !== 401 && error.status !== 403)) return error
  const message = `${quote(endpoint)} answered ${error.status}: it does not accept the credentials of this API`
  return new FetchError('credentials-refused', message, { status: error.status })
}
