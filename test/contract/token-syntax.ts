import type { ContractRequest, ExpectedAnswer } from './contract-request.ts'
import type { Segments } from './encoding.ts'
import type { ContractWorld } from './world.ts'

import { granted, group, invalidToken, malformedRequest, MARK, token } from './contract-request.ts'
import { encode, segments } from './encoding.ts'

const malformed = invalidToken('TOKEN_MALFORMED')

/** What is no JWS in compact form (RFC 7515 section 7.1), or holds what is no JSON object (RFC 7519 section 7.2). */
export async function tokenSyntaxRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [
    ...(await compactForm(world)),
    ...(await base64urlRules(world)),
    ...(await jsonRules(world)),
    ...(await sizes(world)),
  ]
}

async function compactForm({ issuer, header, claims }: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint()
  const { head, payload, signature } = segments(good)
  const jwe = (members: object): string =>
    `${encode(JSON.stringify({ enc: 'A256GCM', kid: issuer.kid, ...members }))}.${MARK}.AAAAAAAAAAAAAAAA.${encode(MARK)}.AAAAAAAAAAAAAAAAAAAAAA`
  const flattened = JSON.stringify({ protected: head, payload, signature })
  return [
    ...group('three segments, or no JWT', [
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
      token(
        'a JWE with a signed header',
        await issuer.signRaw(header({ enc: 'A256GCM' }), JSON.stringify(claims)),
        malformed,
      ),
      token('a period at the end', `${good}.`, malformed),
      token('a period in front', `.${good}`, malformed),
      token('two periods', '..', malformed),
      token('one period', '.', malformed),
      token('no header', `.${payload}.${signature}`, malformed),
      token('no payload', `${head}..${signature}`, malformed),
      token('words', 'not.a.jwt', malformed),
    ]),
    ...group('JSON serialization', [
      token('flattened', flattened, malformedRequest),
      token('flattened and encoded', encode(flattened), malformed),
      token(
        'general and encoded',
        encode(JSON.stringify({ payload, signatures: [{ protected: head, signature }] })),
        malformed,
      ),
    ]),
  ]
}

async function base64urlRules({
  issuer,
  withHeader,
  withPayload,
  header,
  claims,
}: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint()
  const { head, payload, signature } = segments(good)
  // Lengths that leave four or two unused bits in the last character of header and payload; of an RSA signature, four.
  const withSpareBits = async (octets: 1 | 2): Promise<readonly [raw: string, parts: Segments]> => {
    const raw = await issuer.signRaw(
      untilUneven(octets, (pad) => header({ pad })),
      untilUneven(octets, (pad) => JSON.stringify({ ...claims, pad })),
    )
    return [raw, segments(raw)]
  }
  const [fourBits, four] = await withSpareBits(1)
  const [twoBits, two] = await withSpareBits(2)
  return group('base64url as strict as it is written', [
    token('four unused bits, all of them zero', fourBits, granted),
    token('two unused bits, all of them zero', twoBits, granted),
    token('one of four bits set in the header', `${strayBit(four.head)}.${four.payload}.${four.signature}`, malformed),
    token('one of four bits set in the payload', `${four.head}.${strayBit(four.payload)}.${four.signature}`, malformed),
    token('one of four bits set in the signature', `${head}.${payload}.${strayBit(signature)}`, malformed),
    token('one of two bits set in the header', `${strayBit(two.head)}.${two.payload}.${two.signature}`, malformed),
    token('one of two bits set in the payload', `${two.head}.${strayBit(two.payload)}.${two.signature}`, malformed),
    token('padding at the end', `${good}==`, malformed),
    token('padding after the header', `${head}=.${payload}.${signature}`, malformedRequest),
    token('a plus sign in the header', `${head.slice(0, -4)}+${head.slice(-3)}.${payload}.${signature}`, malformed),
    token('a slash in the payload', `${head}.${payload.slice(0, -4)}/${payload.slice(-3)}.${signature}`, malformed),
    token('a plus sign in the signature', `${head}.${payload}.+${signature.slice(1)}`, malformed),
    token('a tilde in the payload', `${head}.~${payload.slice(1)}.${signature}`, malformed),
    token('a length that base64url cannot have', `${head}.${payload}.${signature.slice(0, 340)}A`, malformed),
    token(
      'the header in base64',
      (await withHeader({ kid: '\u00ff\u00fe>>>???' })).replace(/^[^.]+/u, plainBase64),
      malformed,
    ),
    token(
      'the payload in base64',
      (await withPayload(JSON.stringify({ ...claims, sub: '>>>???\u00ff' }))).replace(
        /(?<=\.)[^.]+(?=\.)/u,
        plainBase64,
      ),
      malformed,
    ),
  ])
}

/** The text which `make` gives for the shortest padding with which so many octets are left over after groups of three. */
function untilUneven(octets: number, make: (pad: string) => string): string {
  const found = ['', 'p', 'pp'].map(make).find((text) => Buffer.byteLength(text) % 3 === octets)
  if (found === undefined) throw new Error('no padding leaves unused bits')
  return found
}

function strayBit(segment: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return segment.slice(0, -1) + alphabet.charAt(alphabet.indexOf(segment.slice(-1)) + 1)
}

function plainBase64(segment: string): string {
  const text = Buffer.from(segment, 'base64url').toString('base64').replaceAll('=', '')
  if (text === segment) throw new Error('both alphabets write this alike')
  return text
}

async function jsonRules(world: ContractWorld): Promise<readonly ContractRequest[]> {
  const { header, claims, withHeader, withPayload } = world
  const payload = JSON.stringify(claims)
  const notObjects: readonly (readonly [string, string | Uint8Array])[] = [
    ['an array', '[]'],
    ['null', 'null'],
    ['a string', JSON.stringify(MARK)],
    ['a number', '1'],
    ['empty', ''],
    ['words', MARK],
    ['a string without end', '{"a":"'],
    ['single quotes', "{'alg':'RS256'}"],
  ]
  const spoilt = (text: string): readonly (readonly [string, string | Uint8Array])[] => [
    ['with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['in UTF-16', Buffer.from(text, 'utf16le')],
    [
      'with invalid UTF-8',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.of(0xc3, 0x28), Buffer.from('"}')]),
    ],
    [
      'with an overlong encoding',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
    ],
    ['with trailing text', `${text}${MARK}`],
    ['with a second object', `${text}{}`],
    ['with a trailing comma', `${text.slice(0, -1)},}`],
    ['with a comment', `/* */${text}`],
    ['with a raw line break in a string', `${text.slice(0, -1)},"x":"a\nb"}`],
    ['with NaN', `${text.slice(0, -1)},"x":NaN}`],
  ]
  const named = async (
    rows: readonly (readonly [string, string | Uint8Array])[],
    prefix: string,
    sign: (text: string | Uint8Array) => Promise<string>,
    expected: ExpectedAnswer,
  ) => Promise.all(rows.map(async ([name, text]) => token(`${prefix}: ${name}`, await sign(text), expected)))
  return [
    ...group('JSON objects in UTF-8 and nothing else', [
      ...(await named([...notObjects, ...spoilt(header())], 'the header', withHeader, malformed)),
      ...(await named([...notObjects, ...spoilt(payload)], 'the payload', withPayload, malformed)),
    ]),
    ...group('member names stand once', [
      ...(await named(duplicates(header(), 'alg', '"none"'), 'the header', withHeader, malformed)),
      ...(await named(duplicates(payload, 'aud', '"https://other.example"'), 'the payload', withPayload, malformed)),
      token(
        'the same name in two objects',
        await withPayload(`${payload.slice(0, -1)},"a":{"iss":1},"b":{"iss":2}}`),
        granted,
      ),
      token(
        'an escaped name that stands once',
        await withPayload(payload.replace('"aud"', String.raw`"\u0061ud"`)),
        granted,
      ),
    ]),
    ...(await nesting(world)),
  ]
}

function duplicates(text: string, name: string, json: string): readonly (readonly [string, string])[] {
  const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`
  return [
    [`${name} again at the end`, `${text.slice(0, -1)},"${name}":${json}}`],
    [`${name} before`, `{"${name}":${json},${text.slice(1)}`],
    [`${name} again, escaped`, `${text.slice(0, -1)},"${escaped}":${json}}`],
    ['in an object inside', `${text.slice(0, -1)},"x":[{"y":1,"y":2}]}`],
  ]
}

async function nesting({
  header,
  claims,
  withHeader,
  withPayload,
}: ContractWorld): Promise<readonly ContractRequest[]> {
  const nested = (text: string, open: string, close: string, levels: number): string =>
    `${text.slice(0, -1)},"x":${open.repeat(levels)}1${close.repeat(levels)}}`
  const payload = JSON.stringify(claims)
  return group('depth', [
    token('arrays 16 levels deep', await withPayload(nested(payload, '[', ']', 15)), granted),
    token('arrays 17 levels deep', await withPayload(nested(payload, '[', ']', 16)), malformed),
    token('objects 17 levels deep', await withPayload(nested(payload, '{"y":', '}', 16)), malformed),
    token('arrays 5,000 levels deep', await withPayload(nested(payload, '[', ']', 5000)), malformed),
    token('a header 5,000 levels deep', await withHeader(nested(header(), '[', ']', 5000)), malformed),
    token(
      '5,000 levels that never close',
      await withPayload(`${payload.slice(0, -1)},"x":${'['.repeat(5000)}`),
      malformed,
    ),
  ])
}

async function sizes({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const mint = (octets: number): Promise<string> => issuer.mint({ padding: MARK.padEnd(octets, 'x') })
  return group('size', [
    token('11 KB of claims, within the limit', await mint(11_000), granted),
    token('a good token of 20 KB', await mint(15_000), malformed),
    token('a good token of 200 KB', await mint(150_000), malformed),
    token('20 KB of nothing', 'a'.repeat(20 * 1024), malformed),
    token('200 KB of periods', `${MARK}.`.padEnd(200 * 1024, '.'), malformed),
  ])
}
