import type { ContractRequest, Draft, ExpectedAnswer } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { createPublicKey } from 'node:crypto'

import { granted, group, invalidToken, MARK, token } from './contract-request.ts'
import { encode, segments } from './encoding.ts'

const malformed = invalidToken('TOKEN_MALFORMED')
const keyUnknown = invalidToken('KEY_UNKNOWN')
const signatureInvalid = invalidToken('SIGNATURE_INVALID')

/** What a token's header may not achieve (RFC 7515 section 4.1, RFC 8725 section 3.10). */
export async function headerParameterRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [...(await keysInTheToken(world)), ...(await criticalExtensions(world)), ...(await texts(world))]
}

/** Signed by the attacker, who says where the key is. */
async function keysInTheToken(world: ContractWorld): Promise<readonly ContractRequest[]> {
  const { withHeader, attacker, keys, trap } = world
  const { kid, publicKey } = attacker
  const ways = waysToName(world)
  const signedWith = async (suffix: string, named: string, expected: ExpectedAnswer): Promise<readonly Draft[]> =>
    Promise.all(
      ways.map(async ([name, members]) =>
        token(`${name}, ${suffix}`, await withHeader({ ...members, kid: named }, attacker), expected),
      ),
    )
  return group('a key from the token itself', [
    ...(await signedWith('under a kid of the issuer', keys.main.kid, signatureInvalid)),
    ...(await signedWith('under its own kid', `${kid}-${MARK}`, keyUnknown)),
    token('jwk, without kid', await withHeader({ jwk: publicKey, kid: undefined }, attacker), keyUnknown),
    token(
      'a good token that carries jku and jwk',
      await withHeader({ jwk: publicKey, jku: `${trap}/jwks.json` }),
      granted,
    ),
  ])
}

type Way = readonly [name: string, members: Readonly<Record<string, unknown>>]

function waysToName({ attacker, trap }: ContractWorld): readonly Way[] {
  const { publicKey } = attacker
  const der = createPublicKey({ key: publicKey, format: 'jwk' })
    .export({ type: 'spki', format: 'der' })
    .toString('base64')
  return [
    ['jwk', { jwk: publicKey }],
    ['jku', { jku: `${trap}/jwks.json` }],
    ['x5u', { x5u: `${trap}/certificate.pem` }],
    ['x5c', { x5c: [der] }],
    ['x5t', { x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x5t#S256': MARK }],
    ['all of them', { jwk: publicKey, jku: `${trap}/jwks.json`, x5u: `${trap}/certificate.pem`, x5c: [der] }],
    ['iss and jwks_uri', { iss: trap, jwks_uri: `${trap}/jwks.json` }],
  ]
}

async function criticalExtensions({
  withHeader,
  keys,
  claims,
  header,
}: ContractWorld): Promise<readonly ContractRequest[]> {
  const extensions: readonly Readonly<Record<string, unknown>>[] = [
    { crit: ['exp'], exp: 4_000_000_000 },
    { crit: [MARK], [MARK]: true },
    { crit: ['b64'], b64: false },
    { crit: ['b64'], b64: true },
    { crit: ['alg'] },
    { crit: ['absent'] },
    { crit: ['exp', 'exp'], exp: 1 },
    { crit: [] },
    { crit: [1] },
    { crit: 'exp', exp: 1 },
    { crit: null },
    { crit: {} },
    { b64: false },
    { b64: true },
    { b64: null },
  ]
  const input = `${encode(header({ crit: ['b64'], b64: false }))}.`
  const payload = encode(JSON.stringify(claims))
  const signature = encode(await keys.main.sign(Buffer.from(input + payload)))
  return group('crit and b64', [
    ...(await Promise.all(
      extensions.map(async (members) => token(JSON.stringify(members), await withHeader(members), malformed)),
    )),
    token('b64 false, signed as RFC 7797 says', `${input}${payload}.${signature}`, malformed),
    token('a parameter that nobody knows', await withHeader({ [MARK]: { a: 1 }, oiat: 2 }), granted),
  ])
}

/** Texts that could break out of a header field, a log line or a page, wherever a header has room for text. */
async function texts({ withHeader, issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const hostile: Readonly<Record<string, string>> = {
    'CR LF': `${MARK}\r\nSet-Cookie: ${MARK}=1\r\n\r\n${MARK}`,
    LF: `${MARK}\n${MARK}`,
    NUL: `${MARK}\u0000${MARK}`,
    quotes: `", error="${MARK}", x="`,
    'a backslash': `${MARK}\\`,
    'a line separator': `${MARK}\u2028${MARK}\u2029`,
    'a lone surrogate': `${MARK}\ud800`,
    'characters outside of the basic plane': `${MARK}\u{1d11e}\u{1f600}`,
    'right to left': `${MARK}\u202e${MARK}`,
    'terminal escapes': `\u001b[2J${MARK}`,
    markup: `<img src=x onerror=alert('${MARK}')>`,
  }
  const rows = Object.entries(hostile)
  const withText = (name: string, rule: (text: string) => object): Promise<readonly (readonly [string, string])[]> =>
    Promise.all(rows.map(async ([what, text]) => [`${name}: ${what}`, await withHeader({ ...rule(text) })] as const))
  const claimTexts = await Promise.all(
    rows.map(async ([what, text]) => [`iss: ${what}`, await issuer.mint({ iss: issuer.issuer + text })] as const),
  )
  const subjects = await Promise.all(
    rows.map(
      async ([what, text]) =>
        [`sub, client_id, jti: ${what}`, await issuer.mint({ sub: text, client_id: text, jti: text })] as const,
    ),
  )
  return group('hostile texts', [
    ...(await withText('kid', (kid) => ({ kid }))).map(([name, raw]) => token(name, raw, keyUnknown)),
    ...(await withText('typ', (typ) => ({ typ }))).map(([name, raw]) =>
      token(name, raw, invalidToken('TOKEN_TYPE_REJECTED')),
    ),
    ...(await withText('alg', (alg) => ({ alg }))).map(([name, raw]) =>
      token(name, raw, invalidToken('ALGORITHM_REJECTED')),
    ),
    ...(await withText('cty', (cty) => ({ cty }))).map(([name, raw]) => token(name, raw, granted)),
    ...claimTexts.map(([name, raw]) => token(name, raw, invalidToken('ISSUER_UNTRUSTED'))),
    ...subjects.map(([name, raw]) => token(name, raw, granted)),
    token('a header of nothing but text', `${encode(MARK)}.${segments(await issuer.mint()).payload}.AAAA`, malformed),
  ])
}
