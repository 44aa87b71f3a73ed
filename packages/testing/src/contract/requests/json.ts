import type { ContractRequest, Draft } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { granted, group, invalidToken, MARK, token } from './contract-request.ts'

const malformed = invalidToken('TOKEN_MALFORMED')

type Text = readonly [name: string, text: string | Uint8Array]

/** Header and payload are JSON objects in UTF-8, whose member names stand once (RFC 7515 section 4, RFC 7519 section 7.2). */
export async function jsonRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [...(await objects(world)), ...(await names(world)), ...(await nesting(world))]
}

async function objects({
  header,
  claims,
  withHeader,
  withPayload,
}: ContractWorld): Promise<readonly ContractRequest[]> {
  return group('JSON objects in UTF-8 and nothing else', [
    ...(await malformedTexts('the header', [...notObjects, ...spoilt(header())], withHeader)),
    ...(await malformedTexts('the payload', [...notObjects, ...spoilt(JSON.stringify(claims))], withPayload)),
  ])
}

async function names({ header, claims, withHeader, withPayload }: ContractWorld): Promise<readonly ContractRequest[]> {
  const payload = JSON.stringify(claims)
  const inTwoObjects = `${payload.slice(0, -1)},"a":{"iss":1},"b":{"iss":2}}`
  const escaped = payload.replace('"aud"', String.raw`"\u0061ud"`)
  return group('member names stand once', [
    ...(await malformedTexts('the header', duplicates(header(), 'alg', '"none"'), withHeader)),
    ...(await malformedTexts('the payload', duplicates(payload, 'aud', '"https://other.example"'), withPayload)),
    token('the same name in two objects', await withPayload(inTwoObjects), granted),
    token('an escaped name that stands once', await withPayload(escaped), granted),
  ])
}

async function malformedTexts(
  prefix: string,
  texts: readonly Text[],
  sign: (text: string | Uint8Array) => Promise<string>,
): Promise<readonly Draft[]> {
  return Promise.all(texts.map(async ([name, text]) => token(`${prefix}: ${name}`, await sign(text), malformed)))
}

const notObjects: readonly Text[] = [
  ['an array', '[]'],
  ['null', 'null'],
  ['a string', JSON.stringify(MARK)],
  ['a number', '1'],
  ['empty', ''],
  ['words', MARK],
  ['a string without end', '{"a":"'],
  ['single quotes', "{'alg':'RS256'}"],
]

function spoilt(text: string): readonly Text[] {
  const open = text.slice(0, -1)
  const withOctets = (...octets: readonly number[]): Uint8Array =>
    Buffer.concat([Buffer.from(`${open},"x":"`), Buffer.of(...octets), Buffer.from('"}')])
  return [
    ['with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['in UTF-16', Buffer.from(text, 'utf16le')],
    ['with invalid UTF-8', withOctets(0xc3, 0x28)],
    ['with an overlong encoding', withOctets(0xc0, 0xaf)],
    ['with trailing text', `${text}${MARK}`],
    ['with a second object', `${text}{}`],
    ['with a trailing comma', `${open},}`],
    ['with a comment', `/* */${text}`],
    ['with a raw line break in a string', `${open},"x":"a\nb"}`],
    ['with NaN', `${open},"x":NaN}`],
  ]
}

function duplicates(text: string, name: string, json: string): readonly Text[] {
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
