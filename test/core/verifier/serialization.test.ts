import { base64url, CompactEncrypt, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, scene } from '../scene.ts'

const { issuer, trusting } = await scene({ algorithm: 'RS256' })
const verifier = trusting()
const token = await issuer.mint()
const json = (value: unknown): string => base64url.encode(JSON.stringify(value))

/** A JWE to the public key that verifies signatures, as a sender can make it who knows no secret (RFC 7516 section 7.1). */
async function encrypted(plaintext: string): Promise<string> {
  const { alg: _alg, use: _use, ...publicKey } = issuer.publicKey
  return new CompactEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt', cty: 'JWT', kid: issuer.kid })
    .encrypt(await importJWK(publicKey, 'RSA-OAEP-256'))
}

/** Five segments with this header and nothing behind it that could be decrypted. */
const jweWith = (header: unknown): string => [json(header), 'AAAA', 'AAAA', 'AAAA', 'AAAA'].join('.')

describe('an encrypted token', () => {
  verifies('8725bis-3.3-b', 'RFC8725-3.3-a')('is refused, also around a token that is good', async () => {
    const unsigned = `${json({ alg: 'none' })}.${token.split('.')[1]}.`
    const broken = `${token.slice(0, -8)}AAAAAAAA`
    for (const inner of [token, unsigned, broken, '{}']) {
      expect(await outcome(verifier.verify(await encrypted(inner)))).toBe('TOKEN_MALFORMED')
    }
    expect((await refusalOf(verifier.verify(await encrypted(token)))).message).toContain('JWE')
  })

  verifies(
    '8725bis-3.13-a',
    '8725bis-3.15-a',
    'NONE-RSA15-a',
  )('is refused before any work is done for it', async () => {
    const started = performance.now()
    for (const header of [
      { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31 - 1, p2s: 'AAAA' },
      { alg: 'RSA-OAEP-256', enc: 'A256GCM', zip: 'DEF' },
      { alg: 'RSA1_5', enc: 'A128CBC-HS256' },
      { alg: 'dir', enc: 'A128GCM' },
    ]) {
      expect(await outcome(verifier.verify(jweWith(header)))).toBe('TOKEN_MALFORMED')
    }
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('is one by its header too, where the segments do not say so', async () => {
    for (const enc of ['A256GCM', null, '', false]) {
      expect(await outcome(verifier.verify(await issuer.mint({}, { header: { enc } })))).toBe('TOKEN_MALFORMED')
    }
  })
})

describe('a token in compact form', () => {
  const [header = '', payload = '', signature = ''] = token.split('.')

  it.each([
    ['no segment', ''],
    ['one segment', header],
    ['two segments', `${header}.${payload}`],
    ['four segments', `${token}.${signature}`],
    ['six segments', `${token}.a.b.c`],
    ['only dots', '..'],
    ['no header', `.${payload}.${signature}`],
    ['no payload', `${header}..${signature}`],
  ])('has three segments, not %s', async (_what, text) => {
    expect(await outcome(verifier.verify(text))).toBe('TOKEN_MALFORMED')
  })

  it('with no signature is not signed', async () => {
    expect(await outcome(verifier.verify(`${header}.${payload}.`))).toBe('SIGNATURE_INVALID')
  })

  verifies('8725bis-3.14-a')('holds base64url characters and periods only', async () => {
    for (const odd of ['{', '"', ' ', '\n', '=', '+', '/', '%', '\u00e9', '\0']) {
      for (const text of [
        `${odd}${token}`,
        `${header}${odd}.${payload}.${signature}`,
        `${header}.${payload}${odd}.${signature}`,
        `${header}.${payload}.${signature}${odd}`,
      ]) {
        expect(await outcome(verifier.verify(text))).toBe('TOKEN_MALFORMED')
      }
    }
  })

  it('whose payload decodes to the same octets by another spelling is refused as malformed', async () => {
    const padded = (await Promise.all(['', 'x', 'xx'].map((pad) => issuer.mint({ pad })))).map((text) =>
      text.split('.'),
    )
    const [first = '', claims = '', last = ''] = padded.find(([, middle = '']) => middle.length % 4 === 2) ?? []
    const spellings = Array.from(
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
      (end) => claims.slice(0, -1) + end,
    )
    const same = spellings.filter(
      (spelling) => spelling !== claims && Buffer.from(spelling, 'base64url').equals(Buffer.from(claims, 'base64url')),
    )

    expect(same.length).toBeGreaterThan(5)
    expect(await outcome(verifier.verify([first, claims, last].join('.')))).toBe('accepted')
    for (const spelling of same) {
      expect(await outcome(verifier.verify([first, spelling, last].join('.')))).toBe('TOKEN_MALFORMED')
    }
  })
})

describe('what its header names', () => {
  it.each([
    ['kid', 1],
    ['kid', null],
    ['kid', ['key-1']],
    ['kid', {}],
    ['b64', true],
    ['b64', false],
    ['crit', null],
    ['crit', []],
  ])('%s may not be %j', async (name, value) => {
    expect(await outcome(verifier.verify(await issuer.mint({}, { header: { [name]: value } })))).toBe('TOKEN_MALFORMED')
  })

  verifies(
    'RFC7519-7.2-b',
    'RFC7515-4.1.1-a',
    'RFC7515-4.1.1-b',
    'RFC9068-2.1-a',
  )('alg must be an allowed algorithm, as it is spelt', async () => {
    for (const alg of [
      undefined,
      null,
      '',
      1,
      ['RS256'],
      'rs256',
      'RS256 ',
      'none',
      'NONE',
      'HS256',
      'RS1',
      'ES256K',
      '__proto__',
      'A128KW',
    ]) {
      const refusal = await refusalOf(verifier.verify(await issuer.mint({}, { header: { alg } })))
      expect([alg, refusal.code]).toEqual([alg, 'ALGORITHM_REJECTED'])
      expect(refusal.message).toMatch(/^[\x20-\x7e]*$/)
    }
  })

  it('alg must be the algorithm that signed', async () => {
    for (const alg of ['RS384', 'RS512', 'PS256']) {
      expect(await outcome(verifier.verify(await issuer.mint({}, { header: { alg } })))).toBe('KEY_UNKNOWN')
    }
  })
})
