import { decode } from 'jose/base64url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64url, decodeBase64urlText } from '../../../packages/core/src/internal/encoding.ts'
import { native } from '../../../packages/core/src/node/cryptography.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** RFC 4648 section 5 without padding, and with no bit that is not needed, read letter by letter. */
function isStrict(text: string): boolean {
  const letters = text.split('').map((letter) => ALPHABET.indexOf(letter)) // by code unit, so that half a pair counts
  const unused = { 0: 0, 2: 0b1111, 3: 0b11 }[letters.length % 4]
  return unused !== undefined && !letters.includes(-1) && ((letters.at(-1) ?? 0) & unused) === 0
}

function expected(text: string): string | undefined {
  return isStrict(text) ? hex(decode(text)) : undefined
}

function hex(octets: Uint8Array | undefined): string | undefined {
  return octets && Buffer.from(octets).toString('hex')
}

/** The path that is active, and the Node path whichever is: stray bits are looked for before either. */
function sameAnswer(text: string): void {
  expect(hex(decodeBase64url(text)), JSON.stringify(text)).toBe(expected(text))
  const web = /^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1 ? hex(decode(text)) : undefined
  const isCut = text.length % 4 !== 0 && !isStrict(text) // never reaches the path
  const node = isCut ? web : hex(native?.decodeBase64url(text))
  expect(node, `Node path: ${JSON.stringify(text)}`).toBe(web)
  const decoded = decodeBase64urlText(text)
  expect(hex(typeof decoded === 'string' ? Buffer.from(decoded) : decoded), JSON.stringify(text)).toBe(expected(text))
  const nodeText = isCut ? undefined : native?.decodeBase64urlText(text)
  expect([undefined, utf8(expected(text))]).toContain(nodeText)
}

function utf8(octets: string | undefined): string | undefined {
  try {
    return octets && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(octets, 'hex'))
  } catch {
    return undefined
  }
}

/** What a lenient decoder takes for `letter`: its low octet is the letter's. */
const lookalikes = [0x0100, 0x0200, 0x2100, 0xff00, 0xd800, 0xdc00]

describe('one value has one spelling', () => {
  test.each([
    ['nothing', '', ''],
    ['one octet', 'AA', '00'],
    ['two octets', '__8', 'ffff'],
    ['three octets', '-_-_', 'fbffbf'],
    ['four octets', 'AAECAw', '00010203'],
  ])('%s', (_, text, octets) => {
    expect(hex(decodeBase64url(text))).toBe(octets)
    sameAnswer(text)
  })

  test.each([
    ['padding', ['AA==', 'AAA=', 'AAAA=', 'AAAA====', '=', '==', '====', 'AA=A', '=AAA', 'AA=', 'A=']],
    ['the letters of base64', ['++++', '////', 'AA+A', 'AA/A', 'AAA+', 'AAA/', 'AA+', 'A/']],
    [
      'space',
      [
        ' AAAA',
        'AAAA ',
        'AA AA',
        'AA\nAA',
        'AAAA\n',
        'AAAA\r\n',
        'AAA\t',
        'AA A',
        'A A A A ',
        '\u00a0AAA',
        'AAA\u2028',
      ],
    ],
    ['control characters', ['\0AAA', 'AAA\0', '\0', '\0\0\0\0', 'AAA\u007f', 'AA\u0008A']],
    ['other characters', ['AAA.', 'A,AA', 'AA!A', 'AA~A', 'AA%3D', "AA'A", 'AA@A', 'AA[A', 'AA`A', 'AA{A', 'AA:A']],
    ['Latin-1', ['AAAé', 'ÁAAA', 'AÿAA', '\u0080AAA', '\u00c1\u00c1\u00c1\u00c1']],
    ['beyond Latin-1', ['ŁAAA', 'AAAŁ', 'ŁŁŁŁ', 'ŁŁ', 'AAŁ', '\u2141AAA', 'ＡAAA', 'АAAA', '😀AA', 'AA😀']],
    ['half a pair', ['\ud841AAA', 'AAA\udc41', '\ud841\ud841\ud841\ud841', 'AA\ud841', '\udc41\ud841AA']],
    ['a length that no octets have', ['A', 'AAAAA', 'A'.repeat(4097)]],
    ['bits that belong to no octet', ['AB', 'A_', 'AAB', 'AAD', 'AA-', '__9', 'AAAAAB']],
  ])('refuses %s', (_, texts) => {
    for (const text of texts) {
      expect(decodeBase64url(text), JSON.stringify(text)).toBeUndefined()
      sameAnswer(text)
    }
  })

  test('refuses every character but the letters, at every place', () => {
    for (let unit = 0; unit <= 0xffff; unit += unit < 0x0300 ? 1 : 61) {
      const character = String.fromCharCode(unit)
      const isLetter = ALPHABET.includes(character)
      for (const text of [`${character}AAA`, `AAA${character}`, `${'A'.repeat(61)}${character}AA`])
        expect(decodeBase64url(text) !== undefined, JSON.stringify(text)).toBe(isLetter)
    }
  })

  test('refuses a character whose low octet is a letter, wherever a letter stood', () => {
    const text = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"key-1"}').toString('base64url')
    for (let place = 0; place < text.length; place += 1) {
      for (const lift of lookalikes) {
        const lifted = String.fromCharCode(text.charCodeAt(place) | lift)
        const changed = text.slice(0, place) + lifted + text.slice(place + 1)
        expect(decodeBase64url(changed), JSON.stringify(changed)).toBeUndefined()
        sameAnswer(changed)
      }
    }
  })

  test('a very long text', () => {
    const text = 'QUJD'.repeat(250_000)
    expect(decodeBase64url(text)?.length).toBe(750_000)
    for (const changed of [`${text}=`, `${text}A`, `${text.slice(1)}Ł`, `${text.slice(2)}==`, `\0${text.slice(1)}`])
      expect(decodeBase64url(changed)).toBeUndefined()
  })
})

describe('the same answer as the web path', () => {
  const letter = fc.constantFrom(...ALPHABET.split(''))
  const oddity = fc.oneof(
    fc.constantFrom('=', '+', '/', ' ', '\n', '\r', '\t', '\0', '.', 'é', 'Ł', '\u2141', '\ud841', '\udc41', '😀'),
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc
      .tuple(letter, fc.constantFrom(...lookalikes))
      .map(([base, lift]) => String.fromCharCode(base.charCodeAt(0) | lift)),
  )

  test('for octets of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const text = Buffer.from(octets).toString('base64url')
        expect(hex(decodeBase64url(text))).toBe(hex(octets))
        sameAnswer(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('for letters alone', () => {
    fc.assert(fc.property(fc.string({ unit: letter, maxLength: 80 }), sameAnswer), { numRuns: 2000 })
  })

  test('for letters with something among them', () => {
    const mixed = fc.tuple(
      fc.string({ unit: letter, maxLength: 40 }),
      oddity,
      fc.string({ unit: letter, maxLength: 40 }),
    )
    fc.assert(
      fc.property(
        mixed.map((parts) => parts.join('')),
        sameAnswer,
      ),
      { numRuns: 5000 },
    )
  })

  test('for any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: oddity })), sameAnswer), {
      numRuns: 2000,
    })
  })
})

describe('what should be UTF-8', () => {
  const read = (octets: Uint8Array | string): unknown =>
    native?.decodeBase64urlText(Buffer.from(octets as string).toString('base64url'))

  test.each(['', '{}', '{"sub":"Zoë"}', '{"sub":"東京"}', '{"sub":"😀"}', '\ufeff{}', '\0', 'x'.repeat(3000)])(
    '%j',
    (text) => {
      expect(read(text)).toBe(text)
    },
  )

  test.each([
    ['a character cut short', [0x7b, 0xc3]],
    ['a longer spelling than needed', [0xc0, 0xaf]],
    ['half a pair', [0xed, 0xa0, 0x80]],
    ['beyond the last character', [0xf4, 0x90, 0x80, 0x80]],
    ['a letter of Latin-1', [0x7b, 0xe9, 0x7d]],
  ])('%s takes a closer look', (_, octets) => {
    expect(read(new Uint8Array(octets))).toBeUndefined()
  })

  test('the character that stands for what is none takes a closer look', () => {
    expect(read('{"sub":"\ufffd"}')).toBeUndefined()
  })

  test('nothing of a longer text is left in a shorter one', () => {
    expect(read('{"sub":"a longer text, which came before"}')).toContain('longer')
    expect(read('{}')).toBe('{}')
  })
})
