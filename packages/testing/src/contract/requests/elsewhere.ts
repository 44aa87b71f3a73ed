import type { ContractRequest, FieldLine } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { contractApi } from '../contract-api.ts'
import { granted, group, invalidToken, malformedRequest, MARK, noCredential, request } from './contract-request.ts'

const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const

/** Everything about a request that is not the Authorization field. */
export async function elsewhereRequests({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint()
  const authorization = ['Authorization', `Bearer ${good}`] as const
  return [
    ...otherPlaces(good),
    ...besideTheField(good, authorization),
    ...head(authorization),
    ...methods(authorization),
    ...hostileSurroundings(authorization),
  ]
}

function otherPlaces(good: string): readonly ContractRequest[] {
  return group('a token anywhere else is not seen', [
    request('nowhere', {}, noCredential),
    request('in the query', { path: `${contractApi.orders}?access_token=${good}` }, noCredential),
    request(
      'in the query, several times',
      { path: `${contractApi.orders}?access_token=${good}&access_token=${good}` },
      noCredential,
    ),
    request('in a form', { method: 'POST', headers: [form], body: `access_token=${good}` }, noCredential),
    request(
      'in JSON',
      {
        method: 'POST',
        headers: [['Content-Type', 'application/json']],
        body: JSON.stringify({ access_token: good }),
      },
      noCredential,
    ),
    request('in a cookie', { headers: [['Cookie', `access_token=${good}; token=${MARK}`]] }, noCredential),
    request('in Proxy-Authorization', { headers: [['Proxy-Authorization', `Bearer ${good}`]] }, noCredential),
    request('in X-Authorization', { headers: [['X-Authorization', `Bearer ${good}`]] }, noCredential),
    request(
      'in X-Forwarded-Authorization',
      { headers: [['X-Forwarded-Authorization', `Bearer ${good}`]] },
      noCredential,
    ),
    request('in X-Access-Token', { headers: [['X-Access-Token', good]] }, noCredential),
    request('as a WebSocket protocol', { headers: [['Sec-WebSocket-Protocol', `bearer, ${good}`]] }, noCredential),
  ])
}

function besideTheField(good: string, authorization: FieldLine): readonly ContractRequest[] {
  return group('the Authorization field decides alone', [
    request(
      'a bad token in the query',
      { path: `${contractApi.orders}?access_token=${MARK}`, headers: [authorization] },
      granted,
    ),
    request(
      'a good token in the query, a bad one in the field',
      { path: `${contractApi.orders}?access_token=${good}`, headers: [['Authorization', `Bearer ${MARK}`]] },
      invalidToken('TOKEN_MALFORMED'),
    ),
    request('a bad token in a cookie', { headers: [authorization, ['Cookie', `access_token=${MARK}`]] }, granted),
    request(
      'a bad token in Proxy-Authorization',
      { headers: [authorization, ['Proxy-Authorization', `DPoP ${MARK}`]] },
      granted,
    ),
  ])
}

function head(authorization: FieldLine): readonly ContractRequest[] {
  return group('HEAD', [
    request('without a token', { method: 'HEAD' }, noCredential),
    request(
      'with a bad token',
      { method: 'HEAD', headers: [['Authorization', `Bearer ${MARK}`]] },
      invalidToken('TOKEN_MALFORMED'),
    ),
    request('with a malformed field', { method: 'HEAD', headers: [['Authorization', 'Bearer']] }, malformedRequest),
    request('with a good token', { method: 'HEAD', headers: [authorization] }, granted),
  ])
}

function methods(authorization: FieldLine): readonly ContractRequest[] {
  return group('no method is exempt', [
    ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) => [
      request(`${method} without a token`, { method }, noCredential),
      request(`${method} with a good token`, { method, headers: [authorization] }, granted),
    ]),
    request(
      'a preflight',
      {
        method: 'OPTIONS',
        headers: [
          ['Origin', `https://${MARK}.example`],
          ['Access-Control-Request-Method', 'GET'],
          ['Access-Control-Request-Headers', `authorization, ${MARK}`],
        ],
      },
      noCredential,
    ),
    request('GET, said to be OPTIONS', { headers: [['X-HTTP-Method-Override', 'OPTIONS']] }, noCredential),
  ])
}

function hostileSurroundings(authorization: FieldLine): readonly ContractRequest[] {
  return group('what else a client makes up changes nothing', [
    request('Host', { headers: [['Host', `"><${MARK}>.example`]] }, noCredential),
    request('Host, with a good token', { headers: [['Host', `${MARK}.example:99999`], authorization] }, granted),
    request(
      'forwarding fields',
      {
        headers: [
          ['X-Forwarded-Host', `${MARK}.example`],
          ['X-Forwarded-Proto', MARK],
          ['Forwarded', `host="${MARK}"`],
        ],
      },
      noCredential,
    ),
    request(
      'Origin and Referer',
      {
        headers: [
          ['Origin', `https://${MARK}.example`],
          ['Referer', MARK],
        ],
      },
      noCredential,
    ),
    request('query', { path: `${contractApi.orders}?q=%0d%0aSet-Cookie:%20${MARK}` }, noCredential),
    request('absolute form', { path: `http://${MARK}.example${contractApi.orders}` }, noCredential),
    request(
      'identity fields of a proxy',
      {
        headers: [
          ['X-User', 'admin'],
          ['X-Remote-User', MARK],
          ['X-Auth-Subject', MARK],
        ],
      },
      noCredential,
    ),
  ])
}
