import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../packages/core/src/internal/sha256.ts'
import { native } from '../../../packages/core/src/node/cryptography.ts'

async function webCryptoSays(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('base64url')
}

/** What the Node path says, and the path that is active. */
async function both(text: string): Promise<readonly unknown[]> {
  return [native?.sha256(text), await sha256(text)]
}

async function twice(text: string): Promise<readonly string[]> {
  const hash = await webCryptoSays(text)
  return [hash, hash]
}

describe('the hash of a text is that of its UTF-8', () => {
  test('as published (FIPS 180, examples)', async () => {
    const published = createHash('sha256').update('abc').digest('hex')
    expect(published).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(await sha256('abc')).toBe(Buffer.from(published, 'hex').toString('base64url'))
  })

  test.each([
    ['nothing', ''],
    ['ASCII', 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2lnbmF0dXJl'],
    ['a zero', '\0'],
    ['a zero within', 'a\0b'],
    ['two octets each', 'éÿ\u0080߿'],
    ['three octets each', 'Ł€\u2028\ufeff\uffff'],
    ['four octets each', '😀𝔸\u{10ffff}'],
    ['a byte order mark', '\ufeffabc'],
    ['half a pair, high', 'a\ud800b'],
    ['half a pair, low', 'a\udc00b'],
    ['halves the wrong way round', '\udc00\ud800'],
    ['half a pair at the end', 'abc\ud83d'],
    ['many halves', '\ud800'.repeat(5000)],
    ['a combining accent, which stays apart', 'e\u0301'],
    ['the length of a block', 'x'.repeat(64)],
    ['a long text', 'x'.repeat(1_000_000)],
    ['a long text beyond Latin-1', 'Ł😀'.repeat(100_000)],
  ])('%s', async (_, text) => {
    expect(await both(text)).toEqual(await twice(text))
  })

  test('lengths around a block', async () => {
    for (let length = 50; length <= 130; length += 1)
      expect(await both('x'.repeat(length))).toEqual(await twice('x'.repeat(length)))
  })

  test('texts that were put together and cut', async () => {
    const joined = ['eyJ', 'é'.repeat(20), '\ud83d', '\ude00'].join('.')
    for (const text of [
      ...Array.from({ length: joined.length }, (_, start) => joined.slice(start)),
      '\ud83d'.concat('\ude00'),
    ])
      expect(await both(text)).toEqual(await twice(text))
  })

  test('any text', async () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ unit }))
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        expect(await both(given)).toEqual(await twice(given))
      }),
      { numRuns: 1000 },
    )
  })
})
