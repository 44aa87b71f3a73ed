import type { ContractRequest, Draft, FieldLine, ForeignAnswer } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { contractApi } from '../contract-api.ts'
import { granted, group, invalidToken, noCredential, request, scopeInsufficient } from './contract-request.ts'

const preflight: ForeignAnswer = { by: 'cors', statuses: [200, 204] }

/** CORS in front: a preflight passes without a token, and scripts can read refusals as well as answers. */
export async function corsRequests({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const origin = ['Origin', contractApi.origin] as const
  const bearer = (token: string): FieldLine => ['Authorization', `Bearer ${token}`]
  const at = (name: string, method: string, headers: readonly FieldLine[], expected: Draft['expected']): Draft =>
    request(name, { method, path: contractApi.cors, headers }, expected)
  const asking = (method: string): readonly FieldLine[] => [
    origin,
    ['Access-Control-Request-Method', method],
    ['Access-Control-Request-Headers', 'authorization'],
  ]
  const good = bearer(await issuer.mint())
  const withoutScope = bearer(await issuer.mint({ scope: 'orders:write' }))
  return group('CORS in front', [
    at('a preflight', 'OPTIONS', asking('GET'), preflight),
    at('a preflight for POST', 'OPTIONS', asking('POST'), preflight),
    at('no token', 'GET', [origin], noCredential),
    at('no token, HEAD', 'HEAD', [origin], noCredential),
    at('no token, POST', 'POST', [origin], noCredential),
    at('a bad token', 'GET', [origin, bearer('bad')], invalidToken('TOKEN_MALFORMED')),
    at('another scope', 'GET', [origin, withoutScope], scopeInsufficient),
    at('a good token', 'GET', [origin, good], granted),
    at('a good token, HEAD', 'HEAD', [origin, good], granted),
    at('no token and no origin', 'GET', [], noCredential),
    at('a good token and no origin', 'GET', [good], granted),
  ])
}
