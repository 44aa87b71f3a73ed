import { describe, expect, test } from 'vitest'
import type { SignatureCheck } from '../../../packages/core/src/cryptography.ts'
import { bothFor, bothOf, edSubjects, signature, signingInput } from './differential.ts'

/** The order of the group (RFC 8032 section 5.1), little-endian in what follows. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const P = 2n ** 255n - 19n

const littleEndian = (value: bigint): Uint8Array =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed()
const integer = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets.toReversed()).toString('hex')}`)
const SIGN = 2n ** 255n

/** Every point whose order divides 8, by its y, and the spellings of it that a strict reader refuses. */
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
const smallOrder = {
  'the identity': 1n,
  'order 2': P - 1n,
  'order 4': 0n,
  'order 4, the other sign': SIGN,
  'order 8': ORDER_8_Y,
  'order 8, the other sign': ORDER_8_Y + SIGN,
  'order 8, the other y': P - ORDER_8_Y,
  'order 8, the other y and sign': P - ORDER_8_Y + SIGN,
}
const notCanonical = {
  'the identity with a sign': 1n + SIGN,
  'the identity as p + 1': P + 1n,
  'the identity as p + 1 with a sign': P + 1n + SIGN,
  'order 2 with a sign': P - 1n + SIGN,
  'zero as p': P,
  'zero as p with a sign': P + SIGN,
  'all bits': SIGN * 2n - 1n,
  'p + 2, which is on no curve': P + 2n,
}
const points = Object.entries({ ...smallOrder, ...notCanonical, 'on no curve': 2n })

describe.each(edSubjects)('$title', (subject) => {
  const signed = signingInput(subject.algorithm)
  const good = signature(subject, signed)
  const [r, s] = [good.slice(0, 32), good.slice(32)]

  test('S outside of 0 to L - 1', async () => {
    const both = await bothOf(subject)
    const scalar = integer(s)
    expect(await both(signed, Uint8Array.from([...r, ...littleEndian(scalar)]))).toBe(true)
    for (const other of [
      scalar + L,
      scalar + 2n * L,
      scalar + 7n * L,
      0n,
      L - scalar,
      L - 1n,
      L,
      L + 1n,
      SIGN,
      2n * SIGN - 1n,
    ])
      expect(await both(signed, Uint8Array.from([...r, ...littleEndian(other)]))).toBe(false)
  })

  test.each(points)('R is %s', async (_, point) => {
    const both = await bothOf(subject)
    for (const scalar of [s, new Uint8Array(32)])
      expect(await both(signed, Uint8Array.from([...littleEndian(point), ...scalar]))).toBe(false)
  })

  test('the halves exchanged, or R with the other sign', async () => {
    const both = await bothOf(subject)
    expect(await both(signed, Uint8Array.from([...s, ...r]))).toBe(false)
    const negated = Uint8Array.from(good)
    negated[31] = (negated[31] ?? 0) ^ 0x80
    expect(await both(signed, negated)).toBe(false)
  })
})

// With such a key some forged signatures verify: which ones has to be the platform's one opinion.
describe('a key that is a point of small order, or none', () => {
  test.each(points)('%s', async (_, point) => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(littleEndian(point)).toString('base64url') }
    const both = await ifImported(jwk)
    const answers: unknown[] = []
    for (const [, forgedR] of points)
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const forged = Uint8Array.from([...littleEndian(forgedR), ...new Uint8Array(32)])
        answers.push(await both?.(signingInput('Ed25519', { attempt }), forged))
      }
    expect(answers).toHaveLength(points.length * 8)
  })
})

/** Nothing where the platform refuses the key, as core then skips it. */
async function ifImported(jwk: object): Promise<SignatureCheck | undefined> {
  return bothFor('Ed25519', jwk).catch((error: unknown) => {
    if (error instanceof DOMException) return undefined
    throw error
  })
}
