import { read } from './credentials.ts'
import type { Credential, Credentials } from './credentials.ts'
import { exchange } from './exchange.ts'
import type { DemoRequest, Expectation } from './exchange.ts'
import {
  pemText,
  signedByStranger,
  signedWithSharedText,
  unsigned,
  withFlippedPayloadBit,
  withFlippedSignatureBit,
  withScope,
} from './forged-tokens.ts'
import { clientCredentials, publishedKeys } from './grants.ts'
import type { ApiInstance, Servers } from './servers.ts'
import { createSigningKey } from './signing-keys.ts'

export interface Section {
  readonly title: string
  readonly remark: string
  readonly requests: readonly DemoRequest[]
}

type Code = NonNullable<Expectation['code']>

/** Good tokens, by each of the four grants. */
export function accepted({ ordersApi }: Servers, credentials: Credentials): Section {
  return {
    title: 'Accepted',
    remark: 'Signature, type, issuer, audience and lifetime are right, and the scope suffices.',
    requests: [
      { ...bearer(ordersApi, 'Token of a user who signed in', credentials.fromCode), path: '/whoami' },
      bearer(ordersApi, 'Same token, a scope is needed', credentials.fromCode),
      bearer(ordersApi, 'Refreshed token', credentials.fromRefresh),
      bearer(ordersApi, 'Token of a device', credentials.fromDevice),
      bearer(ordersApi, 'Token of a program', credentials.fromClient),
      { ...bearer(ordersApi, 'Token with the scope to write', credentials.writeOnly, { status: 201 }), method: 'POST' },
    ],
  }
}

/** What is sent is no Bearer credential at all, or more than one. */
export function withoutCredential({ ordersApi }: Servers, { fromCode, fromClient }: Credentials): Section {
  const twice = [fromCode, fromClient].map(({ value }) => `Bearer ${value}`)
  return {
    title: 'Refused: no usable credential',
    remark: 'Who sends no credential is told how to authenticate, without an error code (RFC 6750 section 3.1).',
    requests: [
      raw(ordersApi, 'No token', [], { status: 401, code: 'TOKEN_MISSING' }),
      raw(ordersApi, 'Another scheme', [`Basic ${btoa('alice:wonderland')}`], { status: 401, code: 'TOKEN_MISSING' }),
      raw(ordersApi, 'Two credentials', twice, { status: 400, error: 'invalid_request', code: 'REQUEST_MALFORMED' }),
    ],
  }
}

/** Genuine tokens, used where they do not belong. */
export function misused({ ordersApi, apiInAnHour }: Servers, credentials: Credentials): Section {
  const refused = (title: string, credential: Credential, code: Code, api = ordersApi) =>
    bearer(api, title, credential, invalid(code))
  const needs = (scope: string): Expectation => ({
    status: 403,
    error: 'insufficient_scope',
    scope,
    code: 'SCOPE_INSUFFICIENT',
  })
  return {
    title: 'Refused: a genuine token in the wrong place',
    remark: 'The client learns little; the operator learns which check failed, and why.',
    requests: [
      bearer(ordersApi, 'Token without the scope', credentials.writeOnly, needs('orders:read')),
      {
        ...bearer(ordersApi, 'Token to read, used to write', credentials.fromCode, needs('orders:write')),
        method: 'POST',
      },
      refused('Token for another API', credentials.forBilling, 'AUDIENCE_MISMATCH'),
      refused('Token of another issuer', credentials.fromOtherServer, 'ISSUER_UNTRUSTED'),
      refused('Expired token', credentials.fromCode, 'TOKEN_EXPIRED', apiInAnHour),
      refused('ID token', credentials.idToken, 'TOKEN_TYPE_REJECTED'),
      refused('Refresh token', credentials.refreshToken, 'TOKEN_MALFORMED'),
      refused('Opaque access token', credentials.withoutResource, 'TOKEN_MALFORMED'),
    ],
  }
}

/** Tokens that the authorization server never issued. */
export async function forged(
  { authorizationServer, ordersApi }: Servers,
  { fromCode, fromClient }: Credentials,
): Promise<Section> {
  const [publicKey = {}] = await publishedKeys(authorizationServer.issuer)
  const refused = (title: string, value: string, how: string, code: Code) =>
    bearer(ordersApi, title, { value, obtained: `forged: ${how}` }, invalid(code))
  const token = fromCode.value
  const hmac = (text: string) => signedWithSharedText(token, text)
  return {
    title: 'Refused: forged',
    remark: 'All of these read the same from outside: nobody can find out which keys are trusted.',
    requests: [
      refused('Payload bit flipped', withFlippedPayloadBit(token), 'one bit of exp changed', 'SIGNATURE_INVALID'),
      refused(
        'Signature bit flipped',
        withFlippedSignatureBit(token),
        'one bit of the signature changed',
        'SIGNATURE_INVALID',
      ),
      {
        ...refused(
          'Scope added',
          withScope(fromClient.value, 'orders:read orders:write'),
          'orders:write added to scope',
          'SIGNATURE_INVALID',
        ),
        method: 'POST',
      },
      refused(
        'Signed by a stranger',
        await signedByStranger(token),
        "another RSA key under the issuer's kid",
        'SIGNATURE_INVALID',
      ),
      refused('alg: none', unsigned(token), 'the signature left out', 'ALGORITHM_REJECTED'),
      refused(
        'HS256 with the public key, PEM',
        hmac(pemText(publicKey)),
        'the PEM text as HMAC secret',
        'ALGORITHM_REJECTED',
      ),
      refused(
        'HS256 with the public key, JWK',
        hmac(JSON.stringify(publicKey)),
        'the JWK text as HMAC secret',
        'ALGORITHM_REJECTED',
      ),
    ],
  }
}

/** The issuer of the token is down, which says nothing about the token. */
export function outage({ apiInOutage }: Servers, { fromLostServer }: Credentials): Section {
  return {
    title: 'The authorization server is down',
    remark: 'That says nothing about the token: 503 and Retry-After, never a 401.',
    requests: [
      bearer(apiInOutage, 'Token while its issuer is down', fromLostServer, { status: 503, code: 'KEYS_UNAVAILABLE' }),
    ],
  }
}

/** Lets the other authorization server replace its signing key under an API that knows the old one. */
export async function rotation(
  { otherServer, otherApi }: Servers,
  { fromOtherServer: before }: Credentials,
): Promise<Section> {
  await exchange(bearer(otherApi, 'Token of the old key, while it is published', before))
  otherServer.replaceKeys([await createSigningKey('ES256', 'other-key-2')])
  const { accessToken } = await clientCredentials(otherServer.issuer, read)
  const after = { value: accessToken, obtained: 'client credentials, after the server replaced its signing key' }
  return {
    title: 'The other authorization server replaced its signing key',
    remark: 'The new key is fetched when the first token names it. The old key verifies nothing any more.',
    requests: [
      bearer(otherApi, 'Token of the new key', after),
      bearer(
        otherApi,
        'Token of the withdrawn key',
        { ...before, obtained: `${before.obtained}, before the change` },
        invalid('KEY_UNKNOWN'),
      ),
    ],
  }
}

/** A request with one Bearer credential. */
export function bearer(
  api: ApiInstance,
  title: string,
  { value, obtained }: Credential,
  expected: Expectation = { status: 200 },
): DemoRequest {
  return { ...raw(api, title, [`Bearer ${value}`], expected), obtained }
}

function raw(api: ApiInstance, title: string, authorization: readonly string[], expected: Expectation): DemoRequest {
  return { title, api, method: 'GET', path: '/orders', authorization, obtained: undefined, expected }
}

/** A 401 that says `invalid_token`. */
export function invalid(code: Code): Expectation {
  return { status: 401, error: 'invalid_token', code }
}
