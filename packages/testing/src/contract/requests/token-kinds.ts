import type { ContractRequest } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { granted, group, invalidToken, MARK, NAMES, token } from './contract-request.ts'

const typeRejected = invalidToken('TOKEN_TYPE_REJECTED')

const accepted = ['at+jwt', 'at+JWT', 'AT+JWT', 'application/at+jwt', 'application/at+JWT', 'Application/AT+jwt']
const others: readonly unknown[] = [
  undefined,
  null,
  7,
  ['at+jwt'],
  { typ: 'at+jwt' },
  '',
  'JWT',
  'jwt',
  'JOSE',
  'at-jwt',
  'at+jwt ',
  'at jwt',
  'xat+jwt',
  'at+jwt+x',
  'at+jwt;v=1',
  'at+jwt, JWT',
  'text/at+jwt',
  'application/jwt',
  'application/application/at+jwt',
  '/at+jwt',
  'dpop+jwt',
  'logout+jwt',
  'secevent+jwt',
  'token-introspection+jwt',
  'application/token-introspection+jwt',
  'statuslist+jwt',
  'oauth-authz-req+jwt',
  'client-authentication+jwt',
  'id_token+jwt',
  `${MARK}+jwt`,
]

/** Good signatures over what is no access token (RFC 9068 section 4, RFC 8725 sections 3.11 and 3.12). */
export async function tokenKindRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  const { withHeader } = world
  return [
    ...group(
      'typ of an access token',
      await Promise.all(accepted.map(async (typ) => token(typ, await withHeader({ typ }), granted))),
    ),
    ...group(
      'typ of anything else',
      await Promise.all(
        others.map(async (typ) =>
          token(typ === undefined ? 'missing' : JSON.stringify(typ), await withHeader({ typ }), typeRejected),
        ),
      ),
    ),
    ...(await otherTokens(world)),
  ]
}

async function otherTokens({ issuer, claims }: ContractWorld): Promise<readonly ContractRequest[]> {
  const ours = { aud: NAMES.audience }
  const nowSeconds = Number(claims.iat)
  return group('other tokens of the same issuer', [
    token('an ID token', await issuer.idToken(), typeRejected),
    token('an ID token for this API', await issuer.idToken(ours), typeRejected),
    token(
      'an ID token with scopes for this API',
      await issuer.idToken({ ...ours, scope: 'orders:read', client_id: 'client-1', jti: '1' }),
      typeRejected,
    ),
    token(
      'a logout token',
      await issuer.mint(
        { events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, sid: MARK },
        { header: { typ: 'logout+jwt' } },
      ),
      typeRejected,
    ),
    token(
      'an introspection response',
      await issuer.mint(
        { token_introspection: { active: true, scope: 'orders:read', exp: nowSeconds + 300 } },
        { header: { typ: 'token-introspection+jwt' } },
      ),
      typeRejected,
    ),
  ])
}
