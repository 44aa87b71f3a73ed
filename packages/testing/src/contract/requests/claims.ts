import type { ContractRequest, ExpectedAnswer } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { granted, group, invalidToken, MARK, NAMES, scopeInsufficient, token } from './contract-request.ts'

const untrusted = invalidToken('ISSUER_UNTRUSTED')
const audienceMismatch = invalidToken('AUDIENCE_MISMATCH')
const expired = invalidToken('TOKEN_EXPIRED')
const notYet = invalidToken('TOKEN_NOT_YET_VALID')
const missing = invalidToken('CLAIM_MISSING')
const invalid = invalidToken('CLAIM_INVALID')
const bound = invalidToken('CONFIRMATION_UNSUPPORTED')

type Row = readonly [json: string | undefined, expected: ExpectedAnswer]

/** Good signatures over claims that do not do (RFC 7519 section 4.1, RFC 9068 section 4). */
export async function claimRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  const { claims } = world
  return [
    ...(await claimGroup(world, 'iss', issuers(world.issuer.issuer))),
    ...(await claimGroup(world, 'aud', audiences)),
    ...(await claimGroup(world, 'exp', expiries(Number(claims.iat)))),
    ...(await claimGroup(world, 'nbf', beginnings(Number(claims.iat), granted))),
    ...(await claimGroup(world, 'iat', beginnings(Number(claims.iat), missing))),
    ...(await identities(world)),
    ...(await claimGroup(world, 'cnf', confirmations)),
    ...(await claimGroup(world, 'scope', scopes)),
    ...(await prototypes(world)),
  ]
}

async function claimGroup(
  { withClaim }: ContractWorld,
  name: string,
  rows: readonly Row[],
): Promise<readonly ContractRequest[]> {
  return group(
    `the claim ${name}`,
    await Promise.all(
      rows.map(async ([json, expected]) =>
        token(json?.slice(0, 60) ?? 'missing', await withClaim(name, json), expected),
      ),
    ),
  )
}

function issuers(issuer: string): readonly Row[] {
  const { host } = new URL(issuer)
  const text = (value: string): Row => [JSON.stringify(value), untrusted]
  return [
    [JSON.stringify(issuer), granted],
    [`"${issuer.replace('h', String.raw`\u0068`)}"`, granted],
    text(`${issuer}/`),
    text(`${issuer}//`),
    text(issuer.toUpperCase()),
    text(issuer.replace(host, host.toUpperCase())),
    text(`${issuer}:443`),
    text(issuer.replace('https', 'http')),
    text(host),
    text(`${issuer}.${MARK}.example`),
    text(`${issuer}@${MARK}.example`),
    text(`${issuer}?${MARK}`),
    text(`${issuer}#`),
    text(`${issuer} `),
    text(` ${issuer}`),
    text(`${issuer}\u0000`),
    text(issuer.replace('issuer', 'i\u0073\u0301suer')),
    text(`https://${MARK}.example`),
    text('http://169.254.169.254/latest/meta-data'),
    text('file:///etc/passwd'),
    text(''),
    text('__proto__'),
    text('constructor'),
    [JSON.stringify([issuer]), untrusted],
    [JSON.stringify([`https://${MARK}.example`, issuer]), untrusted],
    [JSON.stringify({ iss: issuer }), untrusted],
    ['null', untrusted],
    ['0', untrusted],
    ['true', untrusted],
    [undefined, untrusted],
  ]
}

const { audience } = NAMES
const audiences: readonly Row[] = [
  [JSON.stringify(audience), granted],
  [JSON.stringify([audience]), granted],
  [JSON.stringify([`https://${MARK}.example`, audience]), granted],
  ...[
    `${audience}/`,
    `${audience}/orders`,
    `${audience}.${MARK}.example`,
    audience.slice(0, -1),
    audience.slice(8),
    `x${audience}`,
    audience.toUpperCase(),
    `${audience},${MARK}`,
    `${audience} ${MARK}`,
    `${audience} `,
    `${audience}\u0000`,
    'client-1',
    '*',
    `https://${MARK}.example`,
  ].map((name): Row => [JSON.stringify(name), audienceMismatch]),
  [JSON.stringify([`${audience}/`, MARK]), audienceMismatch],
  ['[]', audienceMismatch],
  ['""', invalid],
  ['{}', invalid],
  [JSON.stringify({ 0: audience, length: 1 }), invalid],
  [JSON.stringify([[audience]]), invalid],
  [JSON.stringify([audience, 1]), invalid],
  [JSON.stringify([1, audience]), invalid],
  [JSON.stringify([null, audience]), invalid],
  [JSON.stringify(['', audience]), invalid],
  ['1', invalid],
  ['null', invalid],
  ['true', invalid],
  [undefined, missing],
]

/** What is no number of seconds, written as JSON can write it. */
const noDates: readonly Row[] = [
  '1e400',
  '-1e400',
  'null',
  'true',
  'false',
  '""',
  '"soon"',
  '[]',
  '[4000000000]',
  '{}',
].map((json): Row => [json, invalid])

function expiries(nowSeconds: number): readonly Row[] {
  return [
    [String(nowSeconds + 1), granted],
    [String(nowSeconds + 0.5), granted],
    [String(nowSeconds - 29), granted],
    ['4e9', granted],
    [String(nowSeconds - 30), expired],
    [String(nowSeconds - 3600), expired],
    ['0', expired],
    ['-0', expired],
    ['1', expired],
    ['-1', expired],
    ['1e-400', expired],
    ['-1e300', expired],
    [`"${nowSeconds + 300}"`, invalid],
    ['"4e9"', invalid],
    ...noDates,
    [undefined, missing],
  ]
}

function beginnings(nowSeconds: number, whenMissing: ExpectedAnswer): readonly Row[] {
  return [
    [String(nowSeconds), granted],
    [String(nowSeconds + 30), granted],
    [String(nowSeconds - 0.5), granted],
    ['0', granted],
    ['-1', granted],
    [String(nowSeconds + 31), notYet],
    [String(nowSeconds + 3600), notYet],
    ['1e300', notYet],
    [`"${nowSeconds}"`, invalid],
    ...noDates,
    [undefined, whenMissing],
  ]
}

async function identities({ withClaim }: ContractWorld): Promise<readonly ContractRequest[]> {
  const wrong = ['1', 'true', '""', '{}', '["user-1"]', 'null']
  const rows = (name: string) => [
    { name, json: undefined, expected: missing },
    ...wrong.map((json) => ({ name, json, expected: invalid })),
  ]
  const actors = ['"someone"', '[]', 'null', '1'].map((json) => ({ name: 'act', json, expected: invalid }))
  return group(
    'who the token is for',
    await Promise.all(
      [...rows('sub'), ...rows('client_id'), ...rows('jti'), ...actors].map(async ({ name, json, expected }) =>
        token(`${name} ${json ?? 'missing'}`, await withClaim(name, json), expected),
      ),
    ),
  )
}

const confirmations: readonly Row[] = [
  ['{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}', bound],
  ['{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}', bound],
  [`{"jwk":{"kty":"EC","crv":"P-256","x":"${MARK}","y":"${MARK}"}}`, bound],
  [`{"${MARK}":1}`, bound],
  ['{}', bound],
  ['[]', bound],
  ['null', bound],
  ['false', bound],
  ['0', bound],
  ['""', bound],
]

const scopes: readonly Row[] = [
  ['"orders:read"', granted],
  ['"orders:write orders:read"', granted],
  ['"orders:read orders:read"', granted],
  ['"  orders:read  "', granted],
  [`"orders:read ${MARK}\\" \\\\ \\u00e9 x"`, granted],
  ...[
    '',
    ' ',
    'orders',
    'orders:',
    'orders:*',
    'orders:reads',
    'orders:read:all',
    'xorders:read',
    'ORDERS:READ',
    'Orders:read',
    'orders:read,orders:write',
    'orders:read;',
    'orders:read\t',
    'orders:read\torders:write',
    'orders:read\n',
    'orders:read\u0000',
    'orders:read\u00a0',
    'orders:re\u0301ad',
    'orders\uff1aread',
    '"orders:read"',
    '\\orders:read',
    '__proto__',
    `${MARK}", scope="${MARK}\r\nSet-Cookie: ${MARK}`,
  ].map((scope): Row => [JSON.stringify(scope), scopeInsufficient]),
  [undefined, scopeInsufficient],
  ['["orders:read"]', invalid],
  ['{"orders:read":true}', invalid],
  ['null', invalid],
  ['1', invalid],
  ['true', invalid],
]

async function prototypes({ claims, withPayload }: ContractWorld): Promise<readonly ContractRequest[]> {
  const text = (without: string, members: string): string => {
    const others = JSON.stringify({ ...claims, [without]: undefined })
    return `${others.slice(0, -1)},${members}}`
  }
  return group('claims named like what every object has', [
    token(
      'beside good claims',
      await withPayload(text('', `"__proto__":{"${MARK}":1},"constructor":{"prototype":{"${MARK}":1}},"toString":1`)),
      granted,
    ),
    token(
      'scope in __proto__',
      await withPayload(text('scope', '"__proto__":{"scope":"orders:read"}')),
      scopeInsufficient,
    ),
    token('exp in __proto__', await withPayload(text('exp', '"__proto__":{"exp":4000000000}')), missing),
    token('aud in __proto__', await withPayload(text('aud', `"__proto__":{"aud":"${audience}"}`)), missing),
    token('iss in __proto__', await withPayload(text('iss', `"__proto__":{"iss":"${claims.iss}"}`)), untrusted),
    token('sub in constructor', await withPayload(text('sub', '"constructor":{"sub":"user-1"}')), missing),
    token('hasOwnProperty that is no function', await withPayload(text('', '"hasOwnProperty":1')), granted),
    token('cnf in __proto__', await withPayload(text('', '"__proto__":{"cnf":{}}')), granted),
  ])
}
