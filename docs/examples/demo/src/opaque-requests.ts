import { randomBytes } from 'node:crypto'
import type { Credentials } from './credentials.ts'
import { exchange } from './exchange.ts'
import type { DemoRequest, Expectation } from './exchange.ts'
import { revoke } from './grants.ts'
import type { OpaqueCredentials } from './opaque-credentials.ts'
import { partnerClient } from './provider-configuration.ts'
import { bearer, invalid } from './requests.ts'
import type { Section } from './requests.ts'
import type { Servers } from './servers.ts'

/** Lets the instance that will be cut off see one token while the server still answers. */
export async function beforeOutage({ askingInOutage }: Servers, { fromLostServer }: OpaqueCredentials): Promise<void> {
  await exchange(bearer(askingInOutage, 'Token, while its server is up', fromLostServer))
}

/** Opaque tokens are asked about, and the answers remembered. */
export function introspected(
  { askingApi }: Servers,
  { toReadAndWrite, toRead }: OpaqueCredentials,
  { fromClient }: Credentials,
): Section {
  return {
    title: 'Opaque tokens: accepted',
    remark: 'The authorization server is asked about each token once, and its answer remembered for 60 seconds.',
    requests: [
      once({ ...bearer(askingApi, 'Opaque token', toReadAndWrite, asked(1)), path: '/whoami' }),
      once(bearer(askingApi, 'Same token, from memory', toReadAndWrite, asked(0))),
      once({
        ...bearer(askingApi, 'Same token, asked afresh', toReadAndWrite, { status: 201, introspections: 1 }),
        method: 'POST',
      }),
      once(bearer(askingApi, 'Another opaque token', toRead, asked(1))),
      bearer(askingApi, 'Signed token of the same issuer', fromClient, asked(0)),
    ],
  }
}

/** Revokes both tokens, which changes nothing until somebody asks. */
export async function revoked(
  { askingApi, authorizationServer }: Servers,
  { toReadAndWrite, toRead }: OpaqueCredentials,
): Promise<Section> {
  for (const { value } of [toReadAndWrite, toRead]) await revoke(authorizationServer.issuer, value, partnerClient)
  return {
    title: 'Opaque tokens: the client revoked both at the authorization server',
    remark: 'For up to 60 seconds the answer in memory still holds, except on a route that asks afresh.',
    requests: [
      once(bearer(askingApi, 'Revoked token, from memory', toRead, asked(0))),
      {
        ...once(bearer(askingApi, 'Revoked token, asked afresh', toReadAndWrite, inactive(1))),
        method: 'POST',
      },
      once(bearer(askingApi, 'Same token, on the other route', toReadAndWrite, inactive(0))),
    ],
  }
}

/** Puts the clock of the API forward, past the life of what it remembers. */
export function afterDelay({ askingApi, putForward }: Servers, { toRead }: OpaqueCredentials): Section {
  putForward(61)
  const later = { ...askingApi, remark: 'the same instance, its clock put forward by 61 s' }
  return {
    title: 'Opaque tokens: 61 seconds later',
    remark: 'Nothing waited: the clock of the API was put forward.',
    requests: [once(bearer(later, 'Revoked token, 61 s later', toRead, inactive(1)))],
  }
}

/** What the authorization server does not know, or knows as something else. */
export function refusedWhenAsked(
  { askingApi }: Servers,
  { forBilling }: OpaqueCredentials,
  { refreshToken, withoutResource }: Credentials,
): Section {
  const unknown = { value: randomBytes(32).toString('base64url'), obtained: 'invented' }
  const refused = (code: NonNullable<Expectation['code']>): Expectation => ({ ...invalid(code), introspections: 1 })
  return {
    title: 'Opaque tokens: refused',
    remark: 'That a token is active does not make it an access token for this API.',
    requests: [
      once(bearer(askingApi, 'Unknown token', unknown, inactive(1))),
      once(bearer(askingApi, 'Opaque token for another API', forBilling, refused('AUDIENCE_MISMATCH'))),
      once(bearer(askingApi, 'Opaque token, no API named', withoutResource, refused('CLAIM_MISSING'))),
      once(bearer(askingApi, 'Refresh token, active as well', refreshToken, refused('CLAIM_MISSING'))),
    ],
  }
}

/** Nobody can say anything about the token. */
export function unanswered(
  { askingInOutage, askingWrongly }: Servers,
  { fromLostServer, unseenFromLostServer, toRead }: OpaqueCredentials,
): Section {
  const unavailable = (failure: NonNullable<Expectation['failure']>, introspections: number): Expectation => ({
    status: 503,
    code: 'INTROSPECTION_UNAVAILABLE',
    failure,
    introspections,
  })
  return {
    title: 'Opaque tokens: the authorization server cannot be asked',
    remark: 'That says nothing about the token: 503 and Retry-After, never a 401.',
    requests: [
      once(bearer(askingInOutage, 'Server down, token from memory', fromLostServer, asked(0))),
      bearer(askingInOutage, 'Server down, token not seen before', unseenFromLostServer, unavailable('network', 0)),
      bearer(askingWrongly, 'Wrong client secret of the API', toRead, unavailable('credentials-refused', 1)),
    ],
  }
}

function asked(introspections: number): Expectation {
  return { status: 200, introspections }
}

function inactive(introspections: number): Expectation {
  return { ...invalid('TOKEN_INACTIVE'), introspections }
}

function once(request: DemoRequest): DemoRequest {
  return { ...request, isOnce: true }
}
