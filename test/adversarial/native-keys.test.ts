import { describe, expect, test } from 'vitest'
import type { Algorithm } from '../../packages/core/src/issuers/algorithms.ts'
import { bothFor, imported, signingInput } from '../core/native/differential.ts'

// Keys that nobody could sign with. An issuer may publish one; then jose and the Node path have to be of one opinion
// about every signature, and neither may throw.

const octets = (text: string): string => Buffer.from(text, 'hex').toString('base64url')
const odd = 'f'.repeat(512)
const signatures = [0, 1, 63, 64, 65, 255, 256, 257, 512].flatMap((length) =>
  [0x00, 0x01, 0x7f, 0xff].map((fill) => new Uint8Array(length).fill(fill)),
)

const rsaKeys: readonly (readonly [title: string, modulus: string, exponent: string])[] = [
  ['an even modulus', `${'f'.repeat(511)}e`, '010001'],
  ['a modulus that is a power of two', `8${'0'.repeat(511)}`, '010001'],
  ['a modulus that is a power of two, less one', odd, '03'],
  ['a modulus that begins with zeros', `0000${odd}`, '010001'],
  ['an exponent with zeros before it', odd, '0000000000010001'],
  ['an exponent as long as the modulus', odd, `${'f'.repeat(511)}d`],
  ['the modulus for an exponent', odd, odd],
  ['an exponent longer than the modulus', odd, `${odd}01`],
  ['an exponent of 65 bits', odd, '010000000000000001'],
  ['an exponent of 65 bits, and 4096 of modulus', `${'f'.repeat(1023)}1`, '010000000000000001'],
]

describe.each(rsaKeys)('RSA with %s', (_, n, e) => {
  test.each(['RS256', 'RS512', 'PS256', 'PS512'] as const)('%s', async (algorithm) => {
    const both = await bothFor(algorithm, { kty: 'RSA', n: octets(n), e: octets(e) })
    for (const signature of signatures) expect(await both(signingInput(algorithm), signature)).toBe(false)
  })
})

test.each<[string, Algorithm, object]>([
  [
    'a point that is not on the curve',
    'ES256',
    { kty: 'EC', crv: 'P-256', x: octets('01'.repeat(32)), y: octets('02'.repeat(32)) },
  ],
  ['the point zero', 'ES256', { kty: 'EC', crv: 'P-256', x: octets('00'.repeat(32)), y: octets('00'.repeat(32)) }],
  [
    'coordinates beyond the field',
    'ES256',
    { kty: 'EC', crv: 'P-256', x: octets('ff'.repeat(32)), y: octets('ff'.repeat(32)) },
  ],
])('P-256 with %s is not imported, so that no path is asked', async (_, algorithm, jwk) => {
  await expect(imported(jwk, algorithm)).rejects.toBeInstanceOf(Error)
})
