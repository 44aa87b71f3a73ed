import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { derSignature } from '../../../packages/core/src/node/der-signature.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = createPublicKey(privateKey)

/** Reads a DER signature (RFC 3279 section 2.2.3), and refuses whatever is no DER (X.690 section 8.3). */
function readDer(der: Uint8Array): readonly [r: bigint, s: bigint] {
  const octets = Buffer.from(der)
  expect([octets[0], octets[1]]).toEqual([0x30, octets.length - 2])
  const [r, afterR] = readInteger(octets, 2)
  const [s, end] = readInteger(octets, afterR)
  expect(end).toBe(octets.length)
  return [r, s]
}

function readInteger(octets: Buffer, at: number): readonly [value: bigint, end: number] {
  const length = octets[at + 1] ?? 0
  const digits = octets.subarray(at + 2, at + 2 + length)
  expect([octets[at], digits.length]).toEqual([0x02, length])
  const [first = 0, second = 0] = digits
  expect(length, 'an integer has digits').toBeGreaterThan(0)
  expect(first, 'it is not negative').toBeLessThan(0x80)
  if (length > 1 && first === 0) expect(second, 'it is as short as it can be').toBeGreaterThanOrEqual(0x80)
  return [BigInt(`0x${digits.toString('hex')}`), at + 2 + length]
}

function joined(r: bigint, s: bigint): Uint8Array {
  return Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex')
}

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const edges = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0x7fffn,
  0x8000n,
  2n ** 247n,
  2n ** 248n - 1n,
  2n ** 248n,
  2n ** 255n - 1n,
  2n ** 255n,
  N - 1n,
  N,
  N + 1n,
  2n ** 256n - 1n,
]

describe('r and s become the DER that they are', () => {
  test('at every edge, for both', () => {
    for (const r of edges) for (const s of edges) expect(readDer(derSignature(joined(r, s)))).toEqual([r, s])
  })

  test('for any octets', () => {
    const octets = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const leadingZeros = fc
      .tuple(octets, fc.nat(32))
      .map(([all, zeros]) => new Uint8Array([...new Uint8Array(zeros), ...all.subarray(zeros)]))
    const integer = fc.oneof(octets, leadingZeros)
    fc.assert(
      fc.property(integer, integer, (r, s) => {
        const value = (part: Uint8Array): bigint => BigInt(`0x${Buffer.from(part).toString('hex')}`)
        expect(readDer(derSignature(new Uint8Array([...r, ...s])))).toEqual([value(r), value(s)])
      }),
      { numRuns: 2000 },
    )
  })

  test('of a view into something larger, which stays as it is', () => {
    const larger = Uint8Array.from({ length: 96 }, (_, at) => at)
    const before = Uint8Array.from(larger)
    expect(derSignature(larger.subarray(16, 80))).toEqual(derSignature(larger.slice(16, 80)))
    expect(larger).toEqual(before)
  })
})

// One signature cannot be had from node:crypto in both forms, since each has a new r. But what it says of one form it
// must say of the other, and its own DER must come out again.
describe('node:crypto is of the same opinion', () => {
  const text = Buffer.from('signed')

  test('a signature that it made of r and s verifies as DER', () => {
    for (let round = 0; round < 300; round += 1) {
      const plain = sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      expect(verify('sha256', text, { key: publicKey, dsaEncoding: 'der' }, derSignature(plain))).toBe(true)
    }
  })

  test('a signature that it made as DER is what its r and s become', () => {
    const lengths = new Set<number>()
    for (let round = 0; round < 2000 && lengths.size < 4; round += 1) {
      const der = sign('sha256', text, { key: privateKey, dsaEncoding: 'der' })
      expect(Buffer.from(derSignature(joined(...readDer(der))))).toEqual(der)
      lengths.add(der.length)
    }
    expect(lengths.size, 'lengths from 69 to 72 came up').toBeGreaterThanOrEqual(3)
  })
})
