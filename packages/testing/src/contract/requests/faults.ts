import type { AdapterAnswer, ContractRequest } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { contractApi } from '../contract-api.ts'
import { group, MARK, NAMES, noCredential, refusal, request, scopeInsufficient, token } from './contract-request.ts'

/** What is no fault of the token: the API's own mistakes, and an issuer that cannot be reached. */
export async function faultRequests({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint({ sub: MARK })
  const headers = [['Authorization', `Bearer ${good}`]] as const
  const { brokenPolicy, unauthenticated } = contractApi
  const serverError = (code: 'POLICY_FAULT' | 'NOT_AUTHENTICATED'): AdapterAnswer => refusal(500, 'server_error', code)
  const unavailable = refusal(503, 'temporarily_unavailable', 'KEYS_UNAVAILABLE')
  const unreachable = { iss: NAMES.unreachableIssuer }
  return [
    ...group('faults of the API', [
      request('a policy that returns nothing', { path: brokenPolicy, headers }, serverError('POLICY_FAULT')),
      request('such a policy, with HEAD', { method: 'HEAD', path: brokenPolicy, headers }, serverError('POLICY_FAULT')),
      request('such a policy, without a token', { path: brokenPolicy }, noCredential),
      request('authorize without authenticate', { path: unauthenticated, headers }, serverError('NOT_AUTHENTICATED')),
      request('the same, without a token', { path: unauthenticated }, serverError('NOT_AUTHENTICATED')),
      request('the same, with HEAD', { method: 'HEAD', path: unauthenticated }, serverError('NOT_AUTHENTICATED')),
    ]),
    ...group('an issuer that cannot be reached', [
      token('a good token', await issuer.mint(unreachable), unavailable),
      token('a kid of its own', await issuer.mint(unreachable, { header: { kid: MARK } }), unavailable),
    ]),
    ...group('a scope is lacking', [
      token('another scope', await issuer.mint({ scope: 'orders:write' }), scopeInsufficient),
      token('no scope', await issuer.mint({}, { omit: ['scope'] }), scopeInsufficient),
    ]),
  ]
}
