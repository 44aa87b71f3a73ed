import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, scene } from '../scene.ts'

// All of these tokens are signed by the trusted key over exactly these octets: only the reading of them refuses.

const { issuer, clock, trusting } = await scene()
const verifier = trusting()
const now = clock.nowSeconds()
const HEADER = `{"alg":"ES256","typ":"at+jwt","kid":"${issuer.kid}"}`
const MEMBERS = `"iss":"${issuer.issuer}","aud":"https://api.example","sub":"user-1","client_id":"client-1","iat":${now},"exp":${now + 300},"jti":"1"`

const withPayload = async (payload: string | Uint8Array): Promise<string> =>
  outcome(verifier.verify(await issuer.signRaw(HEADER, payload)))
const withHeader = async (header: string | Uint8Array): Promise<string> =>
  outcome(verifier.verify(await issuer.signRaw(header, `{${MEMBERS}}`)))
const withMember = (member: string): Promise<string> => withPayload(`{${MEMBERS},${member}}`)

/** `text` with `octets` in place of every `?`. */
function octetsWith(text: string, ...octets: readonly number[]): Uint8Array {
  return Uint8Array.from([...Buffer.from(text)].flatMap((octet) => (octet === 0x3f ? octets : [octet])))
}

const nested = (depth: number): string => `${'['.repeat(depth - 1)}1${']'.repeat(depth - 1)}`

describe('the texts that these tests change', () => {
  it('are good as they are', async () => {
    expect(await withPayload(`{${MEMBERS}}`)).toBe('accepted')
    expect(await withHeader(HEADER)).toBe('accepted')
    expect(await withMember('"x":1')).toBe('accepted')
  })
})

describe('member names', () => {
  verifies('RFC7515-4-a', 'RFC7519-4-a')('stand once: a second one refuses, in header and claims', async () => {
    expect(await withMember('"aud":"https://other.example"')).toBe('TOKEN_MALFORMED')
    expect(await withMember('"sub":"user-1"')).toBe('TOKEN_MALFORMED')
    expect(await withHeader('{"alg":"none","alg":"ES256","typ":"at+jwt"}')).toBe('TOKEN_MALFORMED')
    expect(await withHeader('{"alg":"ES256","typ":"at+jwt","alg":"ES256"}')).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC7515-5.3-a')('are what they are once unescaped', async () => {
    expect(await withMember(String.raw`"\u0061ud":"https://other.example"`)).toBe('TOKEN_MALFORMED')
    expect(await withMember(String.raw`"s\u0075b":"root"`)).toBe('TOKEN_MALFORMED')
    expect(await withMember(String.raw`"a\/b":1,"a/b":2`)).toBe('TOKEN_MALFORMED')
    expect(await withMember(String.raw`"\ud834\udd1e":1,"𝄞":2`)).toBe('TOKEN_MALFORMED')
    expect(await withPayload(`{${MEMBERS.replace('"aud"', String.raw`"\u0061ud"`)}}`)).toBe('accepted')
  })

  it('may repeat in different objects, and differ in case or normal form', async () => {
    expect(await withMember('"a":{"sub":1,"b":{"sub":2}},"c":[{"sub":3},{"sub":4}]')).toBe('accepted')
    expect(await withMember('"Aud":1,"AUD":2')).toBe('accepted')
    expect(await withMember('"caf\u00e9":1,"cafe\u0301":2')).toBe('accepted')
    expect(await withMember('"x":"sub","y":["sub","sub"],"z":"\\"sub\\":1,\\"sub\\":2"')).toBe('accepted')
  })

  it('may not repeat inside either', async () => {
    expect(await withMember('"a":{"b":1,"b":2}')).toBe('TOKEN_MALFORMED')
    expect(await withMember('"a":[{"b":1,"c":[],"b":2}]')).toBe('TOKEN_MALFORMED')
    expect(await withMember('"a":{"":1,"":2}')).toBe('TOKEN_MALFORMED')
    expect(await withMember('"a":{"b":{"c":1},"b":2}')).toBe('TOKEN_MALFORMED')
    expect(await withMember('"__proto__":1,"__proto__":2')).toBe('TOKEN_MALFORMED')
  })
})

describe('depth', () => {
  it('is at most 16 levels, the claims themselves included', async () => {
    expect(await withMember(`"x":${nested(16)}`)).toBe('accepted')
    expect(await withMember(`"x":${nested(17)}`)).toBe('TOKEN_MALFORMED')
    expect(await withMember(`"x":${'{"x":'.repeat(15)}1${'}'.repeat(15)}`)).toBe('accepted')
    expect(await withMember(`"x":${'{"x":'.repeat(16)}1${'}'.repeat(16)}`)).toBe('TOKEN_MALFORMED')
    expect(await withHeader(HEADER.replace('}', `,"x":${nested(17)}}`))).toBe('TOKEN_MALFORMED')
  })

  it('is judged before anything recurses', async () => {
    expect(await withPayload('['.repeat(10_000))).toBe('TOKEN_MALFORMED')
    expect(await withPayload('{"a":'.repeat(2000))).toBe('TOKEN_MALFORMED')
  })

  it('does not count what stands in strings, nor levels side by side', async () => {
    expect(await withMember(`"x":"${'['.repeat(50)}"`)).toBe('accepted')
    expect(await withMember(`"x":[${Array(100).fill('[]').join(',')}]`)).toBe('accepted')
    expect(await withMember(`"x":"\\"${'{'.repeat(50)}\\\\"`)).toBe('accepted')
  })
})

describe('encoding', () => {
  verifies('RFC8725-3.7-a')('is UTF-8 and nothing else', async () => {
    const text = `{${MEMBERS},"x":"?"}`
    expect(await withPayload(octetsWith(text, 0xc3, 0xa9))).toBe('accepted')
    for (const octets of [
      [0xe9], // Latin-1
      [0xc3], // cut short
      [0x80], // a continuation of nothing
      [0xc0, 0xaf], // overlong
      [0xe0, 0x80, 0xaf],
      [0xed, 0xa0, 0x80], // a surrogate
      [0xf4, 0x90, 0x80, 0x80], // beyond Unicode
      [0xff],
    ]) {
      expect(await withPayload(octetsWith(text, ...octets))).toBe('TOKEN_MALFORMED')
      expect(await withHeader(octetsWith(HEADER.replace('}', ',"x":"?"}'), ...octets))).toBe('TOKEN_MALFORMED')
    }
    for (const encoding of ['utf16le', 'latin1'] as const) {
      const odd = Buffer.from(`{${MEMBERS},"x":"\u00e9"}`, encoding)
      expect(await withPayload(odd)).toBe('TOKEN_MALFORMED')
    }
    expect(await withHeader(Buffer.from(HEADER, 'utf16le'))).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC7515-5.2-b')('has no byte order mark, and the header is a JSON object', async () => {
    expect(await withHeader(`\ufeff${HEADER}`)).toBe('TOKEN_MALFORMED')
    expect(await withPayload(`\ufeff{${MEMBERS}}`)).toBe('TOKEN_MALFORMED')
    for (const header of ['[]', 'null', '"x"', '1', 'true', '', ' ', `[${HEADER}]`]) {
      expect(await withHeader(header)).toBe('TOKEN_MALFORMED')
    }
    expect(await withHeader(octetsWith(HEADER.replace('at+jwt', 'at+jwt?'), 0xff))).toBe('TOKEN_MALFORMED')
  })

  it('of a lone surrogate in an escape is read as it is, and shown in ASCII', async () => {
    expect(await withMember(String.raw`"x":"\ud800"`)).toBe('accepted')
    expect(await withMember(String.raw`"\ud800":1,"\ud801":2`)).toBe('accepted')
    expect(await withMember(String.raw`"\ud800":1,"\uD800":2`)).toBe('TOKEN_MALFORMED')
    const text = `{${MEMBERS.replace(issuer.issuer, String.raw`https://issuer.example\ud800`)}}`
    const refusal = await refusalOf(verifier.verify(await issuer.signRaw(HEADER, text)))
    expect(refusal.code).toBe('ISSUER_UNTRUSTED')
    expect(refusal.message).toMatch(/^[\x20-\x7e]*$/)
  })
})

describe('the claims', () => {
  verifies('RFC7519-7.2-a')('are one JSON object', async () => {
    for (const payload of ['[]', 'null', '"x"', '1', 'true', '', `[{${MEMBERS}}]`, `"{${MEMBERS}}"`]) {
      expect(await withPayload(payload)).toBe('TOKEN_MALFORMED')
    }
  })

  verifies('RFC7515-10.12-a')('and the header end where the object ends', async () => {
    for (const rest of ['ABCD', '}', '{}', ',', '\0', '//', ' x', '\u00a0']) {
      expect(await withHeader(`${HEADER}${rest}`)).toBe('TOKEN_MALFORMED')
      expect(await withPayload(`{${MEMBERS}}${rest}`)).toBe('TOKEN_MALFORMED')
    }
    expect(await withPayload(` \t\r\n{${MEMBERS}} \t\r\n`)).toBe('accepted')
  })

  it('are JSON and none of its relatives', async () => {
    for (const member of [
      "'x':1",
      'x:1',
      '"x":01',
      '"x":+1',
      '"x":.5',
      '"x":0x1',
      '"x":NaN',
      '"x":Infinity',
      '"x":undefined',
      '"x":1,',
      '"x":/**/1',
      '"x"',
      '"x":',
      '"x":"\n"',
      '"x":"\\x"',
      '"x":"\\u00zz"',
      '"\\u00zz":1',
      '"\\x":1',
      '"x":"unfinished',
      '"x":"\\',
      '"x":[1,]',
      '"x":[}',
    ]) {
      expect([member, await withMember(member)]).toEqual([member, 'TOKEN_MALFORMED'])
    }
  })

  it('are read as JSON.parse reads them, wherever they are read at all', async () => {
    const names = new Set(['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'nbf', 'jti', 'scope', 'act', 'cnf'])
    const members = fc.dictionary(
      fc.string({ unit: 'binary' }).filter((name) => !names.has(name)),
      fc.jsonValue({ maxDepth: 4 }),
    )
    await fc.assert(
      fc.asyncProperty(members, fc.nat(3), async (extra, space) => {
        const payload = JSON.stringify({ ...JSON.parse(`{${MEMBERS}}`), ...extra }, undefined, space)
        const { claims } = await verifier.verify(await issuer.signRaw(HEADER, payload))
        expect(claims).toEqual(JSON.parse(Buffer.from(payload).toString()))
      }),
      { numRuns: 60 },
    )
  })
})

describe('the operator', () => {
  it.each([
    ['{"a":1,"a":2}', 'a member name stands twice'],
    ['[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]', 'nested deeper than 16 levels'],
    ['{', 'not JSON'],
    ['[]', 'not a JSON object'],
  ])('learns which rule %s broke, and nothing of the text', async (payload, rule) => {
    const { message } = await refusalOf(verifier.verify(await issuer.signRaw(HEADER, payload)))

    expect(message).toBe(`the token cannot be read: its payload is ${rule}`)
  })

  it('learns which part it was', async () => {
    const refusal = await refusalOf(verifier.verify(await issuer.signRaw(Uint8Array.of(0xff), '{}')))

    expect(refusal.message).toBe('the token cannot be read: its header is not UTF-8')
  })
})
