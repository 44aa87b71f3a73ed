import type { CryptoKey } from 'jose'
import type * as OAuth from 'oauth4webapi'
import { OptionProblems } from '../../internal/option-problems.ts'
import { isObject } from '../../internal/guards.ts'

type Library = typeof OAuth

/** How the API proves to the authorization server who it is (RFC 7662 section 2.1). Made by the functions below. */
export interface ClientAuthentication {
  readonly clientId: string
  /** The name of the method, as in authorization server metadata (RFC 8414 section 2). */
  readonly method: string
  /** The library is loaded when the first token needs it. */
  readonly load: (library: Library) => OAuth.ClientAuth
  /** Replaces the verifier's fetch, for a connection that presents a client certificate. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

/** `client_secret_basic`: id and secret in the Authorization field, form-encoded first (RFC 6749 section 2.3.1). The usual one. */
export function clientSecretBasic(clientId: string, clientSecret: string): ClientAuthentication {
  requireTexts('clientSecretBasic', { clientId, clientSecret })
  const credentials = btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)
  const authenticate: OAuth.ClientAuth = (_server, _client, _body, headers) => {
    headers.set('authorization', `Basic ${credentials}`)
  }
  return { clientId, method: 'client_secret_basic', load: () => authenticate }
}

/** `client_secret_post`: id and secret in the body, never in the URL (RFC 6749 section 2.3.1). */
export function clientSecretPost(clientId: string, clientSecret: string): ClientAuthentication {
  requireTexts('clientSecretPost', { clientId, clientSecret })
  return { clientId, method: 'client_secret_post', load: (library) => library.ClientSecretPost(clientSecret) }
}

/** `client_secret_jwt`: an assertion signed with HS256 and the secret (RFC 7523). */
export function clientSecretJwt(clientId: string, clientSecret: string): ClientAuthentication {
  requireTexts('clientSecretJwt', { clientId, clientSecret })
  const load = (library: Library): OAuth.ClientAuth =>
    library.ClientSecretJwt(clientSecret, { [library.modifyAssertion]: nameType })
  return { clientId, method: 'client_secret_jwt', load }
}

/**
 * `private_key_jwt`: an assertion signed with a private key (RFC 7523). Its audience is the issuer and nothing else.
 *
 * @param key a private CryptoKey that may sign, of an algorithm that the authorization server accepts
 */
export function privateKeyJwt(
  clientId: string,
  key: CryptoKey,
  options: { readonly kid?: string | undefined } = {},
): ClientAuthentication {
  const problems = new OptionProblems('privateKeyJwt')
  const { given } = problems.read(options, ['kid'])
  const kid = given['kid']
  problems.require(isText(clientId), 'clientId must be a non-empty string')
  problems.require(
    isObject(key) && key.type === 'private' && key.usages.includes('sign'),
    'key must be a private CryptoKey that may sign',
  )
  problems.require(kid === undefined || isText(kid), 'kid must be a non-empty string')
  problems.throwIfAny()
  const load = (library: Library): OAuth.ClientAuth =>
    library.PrivateKeyJwt({ key, ...(typeof kid === 'string' && { kid }) }, { [library.modifyAssertion]: nameType })
  return { clientId, method: 'private_key_jwt', load }
}

/**
 * `tls_client_auth` or `self_signed_tls_client_auth` (RFC 8705): the connection proves the client.
 *
 * @param fetch makes connections that present the client's certificate
 */
export function mutualTls(
  clientId: string,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): ClientAuthentication {
  const problems = new OptionProblems('mutualTls')
  problems.require(isText(clientId), 'clientId must be a non-empty string')
  problems.require(
    typeof fetch === 'function',
    'fetch must be a function whose connections present the client certificate',
  )
  problems.throwIfAny()
  return { clientId, method: 'tls_client_auth', load: (library) => library.TlsClientAuth(), fetch }
}

/** `none`: whoever reaches the endpoint may ask it about tokens. Only where the network alone decides who can. */
export function unsafeNoClientAuthentication(clientId: string): ClientAuthentication {
  requireTexts('unsafeNoClientAuthentication', { clientId })
  return { clientId, method: 'none', load: (library) => library.None() }
}

/** draft-ietf-oauth-rfc7523bis: the type says what the assertion is for. Its audience is the issuer already. */
function nameType(header: Record<string, unknown>): void {
  header['typ'] = 'client-authentication+jwt'
}

/** RFC 6749 appendix B: letters, digits and *-._ stay as they are, which also suits servers that do not decode. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function requireTexts(subject: string, texts: Readonly<Record<string, unknown>>): void {
  const problems = new OptionProblems(subject)
  for (const [name, text] of Object.entries(texts)) problems.require(isText(text), `${name} must be a non-empty string`)
  problems.throwIfAny()
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
