import type { AdapterAnswer, ContractRequest, Draft, FieldLine } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { contractApi } from '../contract-api.ts'
import {
  group,
  invalidToken,
  malformedRequest,
  MARK,
  NAMES,
  noCredential,
  pass,
  refusal,
  request,
  scopeInsufficient,
  where,
} from './contract-request.ts'

/** What may differ with the way in which an adapter is put in front of a route. */
export async function routeRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  const tokens = await usualTokens(world)
  return [
    ...group('mounted below a path', usual(contractApi.mounted, tokens)),
    ...group('two challenges', usual(contractApi.twoChallenges, tokens)),
    ...group('requests without a token may pass', await anonymous(world)),
    ...group('nested resource servers', await nested(world)),
  ]
}

interface Tokens {
  readonly good: string
  readonly expired: string
  readonly withoutScope: string
  readonly unreachable: string
}

async function usualTokens({ issuer }: ContractWorld): Promise<Tokens> {
  return {
    good: await issuer.mint({ sub: MARK }),
    expired: await issuer.mint({ exp: 1 }),
    withoutScope: await issuer.mint({ scope: 'orders:write' }),
    unreachable: await issuer.mint({ iss: NAMES.unreachableIssuer }),
  }
}

/** One request for each status, with GET and with HEAD. */
function usual(path: string, { good, expired, withoutScope, unreachable }: Tokens): readonly Draft[] {
  const rows: readonly (readonly [name: string, headers: readonly FieldLine[], expected: AdapterAnswer])[] = [
    ['no token', [], noCredential],
    ['a good token', [authorization(good)], pass()],
    ['a malformed field', [['Authorization', 'Bearer']], malformedRequest],
    ['an expired token', [authorization(expired)], invalidToken('TOKEN_EXPIRED')],
    ['another scope', [authorization(withoutScope)], scopeInsufficient],
    [
      'an issuer that cannot be reached',
      [authorization(unreachable)],
      refusal(503, 'temporarily_unavailable', 'KEYS_UNAVAILABLE'),
    ],
  ]
  return ['GET', 'HEAD', 'POST'].flatMap((method) =>
    rows.map(([name, headers, expected]) => request(`${name}, ${method}`, { method, path, headers }, expected)),
  )
}

async function anonymous({ issuer }: ContractWorld): Promise<readonly Draft[]> {
  const good = await issuer.mint()
  const [nobody, somebody] = [pass('{"subject":null}'), pass('{"subject":"user-1"}')]
  const noJwt = invalidToken('TOKEN_MALFORMED')
  const at = (name: string, field: FieldLine | undefined, expected: AdapterAnswer, parts: Partial<Draft> = {}): Draft =>
    request(name, { path: contractApi.anonymous, headers: field === undefined ? [] : [field], ...parts }, expected)
  return [
    at('no field', undefined, nobody),
    at('no field, HEAD', undefined, nobody, { method: 'HEAD' }),
    at('no field, POST', undefined, nobody, { method: 'POST' }),
    at('a token in the query', undefined, nobody, { path: `${contractApi.anonymous}?access_token=${good}` }),
    at('a good token', authorization(good), somebody),
    at('a good token, HEAD', authorization(good), somebody, { method: 'HEAD' }),
    at('a good token without scopes', authorization(await issuer.mint({}, { omit: ['scope'] })), somebody),
    at('an expired token', authorization(await issuer.mint({ exp: 1 })), invalidToken('TOKEN_EXPIRED')),
    at('no JWT', authorization(MARK), noJwt),
    at('no JWT, HEAD', authorization(MARK), noJwt, { method: 'HEAD' }),
    at('an empty field', ['Authorization', ''], malformedRequest),
    at('Bearer alone', ['Authorization', 'Bearer'], malformedRequest),
    at('another scheme', ['Authorization', `Basic ${MARK}`], noCredential),
  ]
}

async function nested({ issuer }: ContractWorld): Promise<readonly Draft[]> {
  const { outerAudience, innerAudience } = NAMES
  const mint = async (aud: readonly string[], claims = {}): Promise<readonly FieldLine[]> => [
    authorization(await issuer.mint({ aud, ...claims })),
  ]
  const by = (realm: string, answer: AdapterAnswer): AdapterAnswer => ({ ...answer, realm })
  const mismatch = invalidToken('AUDIENCE_MISMATCH')
  const otherScope = await mint([outerAudience, innerAudience], { scope: 'orders:write' })
  const innerMismatch = by('inner', mismatch)
  const rows: readonly (readonly [string, readonly FieldLine[], every: AdapterAnswer, innermost: AdapterAnswer])[] = [
    ['no token', [], by('outer', noCredential), by('inner', noCredential)],
    ['a token for both', await mint([outerAudience, innerAudience]), pass(), pass()],
    ['a token for the outer one', await mint([outerAudience]), innerMismatch, innerMismatch],
    ['a token for the inner one', await mint([innerAudience]), by('outer', mismatch), pass()],
    ['a token for neither', await mint([NAMES.audience]), by('outer', mismatch), innerMismatch],
    ['another scope', otherScope, by('inner', scopeInsufficient), by('inner', scopeInsufficient)],
  ]
  return ['GET', 'HEAD'].flatMap((method) =>
    rows.map(([name, headers, every, innermost]) => {
      const draft = request(`${name}, ${method}`, { method, path: contractApi.nested, headers }, every)
      return where('the innermost resource server decides', innermost, draft)
    }),
  )
}

function authorization(token: string): FieldLine {
  return ['Authorization', `Bearer ${token}`]
}
