import type { ContractRequest } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import {
  granted,
  group,
  invalidToken,
  malformedRequest,
  MARK,
  token,
  tooLargeForServer,
  where,
} from './contract-request.ts'
import { encode, segments } from './encoding.ts'

const malformed = invalidToken('TOKEN_MALFORMED')

/** What is no JWS in compact form (RFC 7515 section 7.1), or too large. */
export async function tokenSyntaxRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [...(await compactForm(world)), ...(await jsonSerialization(world)), ...(await sizes(world))]
}

async function compactForm({ issuer, header, claims }: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint()
  const { head, payload, signature } = segments(good)
  const jwe = (members: object): string =>
    `${encode(JSON.stringify({ enc: 'A256GCM', kid: issuer.kid, ...members }))}.${MARK}.AAAAAAAAAAAAAAAA.${encode(MARK)}.AAAAAAAAAAAAAAAAAAAAAA`
  const signedJwe = await issuer.signRaw(header({ enc: 'A256GCM' }), JSON.stringify(claims))
  return group('three segments, or no JWT', [
    token('an opaque token', `1000.${MARK}.e3b0c44298fc1c149afbf4c8996fb924`, malformed),
    token('a refresh token', `${MARK}0Jm8xG2tqkVYcVqSjq1Zb7c4Xy9o5rTn`, malformed),
    token('one segment', head, malformed),
    token('two segments', `${head}.${payload}`, malformed),
    token('four segments', `${good}.${signature}`, malformed),
    token('five segments', `${good}.${payload}.${signature}`, malformed),
    token('a JWE', jwe({ alg: 'RSA-OAEP-256' }), malformed),
    token('a JWE with RSA1_5', jwe({ alg: 'RSA1_5' }), malformed),
    token('a JWE that is compressed', jwe({ alg: 'RSA-OAEP', zip: 'DEF' }), malformed),
    token('a JWE with a password', jwe({ alg: 'PBES2-HS512+A256KW', p2c: 2_147_483_647 }), malformed),
    token('a JWE around a JWT', jwe({ alg: 'dir', cty: 'JWT' }), malformed),
    token('a JWE with a signed header', signedJwe, malformed),
    token('a period at the end', `${good}.`, malformed),
    token('a period in front', `.${good}`, malformed),
    token('two periods', '..', malformed),
    token('one period', '.', malformed),
    token('no header', `.${payload}.${signature}`, malformed),
    token('no payload', `${head}..${signature}`, malformed),
    token('words', 'not.a.jwt', malformed),
  ])
}

async function jsonSerialization({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { head, payload, signature } = segments(await issuer.mint())
  const flattened = JSON.stringify({ protected: head, payload, signature })
  const general = JSON.stringify({ payload, signatures: [{ protected: head, signature }] })
  return group('JSON serialization', [
    token('flattened', flattened, malformedRequest),
    token('flattened and encoded', encode(flattened), malformed),
    token('general and encoded', encode(general), malformed),
  ])
}

async function sizes({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const mint = (octets: number): Promise<string> => issuer.mint({ padding: MARK.padEnd(octets, 'x') })
  return group('size', [
    token('11 KB of claims, within the limit', await mint(11_000), granted),
    ...[
      token('a good token of 20 KB', await mint(15_000), malformed),
      token('a good token of 200 KB', await mint(150_000), malformed),
      token('20 KB of nothing', 'a'.repeat(20 * 1024), malformed),
      token('200 KB of periods', `${MARK}.`.padEnd(200 * 1024, '.'), malformed),
    ].map((draft) => where('large fields are refused', tooLargeForServer, draft)),
  ])
}
