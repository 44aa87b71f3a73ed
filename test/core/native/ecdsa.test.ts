import { describe, expect, test } from 'vitest'
import { bothOf, ecSubjects, signature, signingInput } from './differential.ts'

/** The order of P-256, and the prime of its field. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const MOST = 2n ** 256n - 1n

const [subject] = ecSubjects
if (subject === undefined) throw new Error('there is no key')
const signed = signingInput('ES256')
const good = signature(subject, signed)
const [r, s] = [integer(good.subarray(0, 32)), integer(good.subarray(32))]

function integer(digits: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(digits).toString('hex')}`)
}

function octets(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

function joined(...integers: readonly bigint[]): Uint8Array {
  return Buffer.concat(integers.map(octets))
}

/** Signs until the signature is as wanted. */
function signatureThat(fits: (signature: Uint8Array) => boolean): Uint8Array {
  for (let round = 0; round < 1_000_000; round += 1) {
    const made = signature(subject ?? never(), signed)
    if (fits(made)) return made
  }
  return never()
}

function never(): never {
  throw new Error('no signature was as wanted')
}

describe('r and s', () => {
  test('outside of 1 to n - 1, and at its borders', async () => {
    const both = await bothOf(subject)
    const values = [0n, 1n, 2n, N - 2n, N - 1n, N, N + 1n, P - N, P - 1n, P, P + 1n, MOST]
    for (const value of values) {
      expect(await both(signed, joined(r, value))).toBe(false)
      expect(await both(signed, joined(value, s))).toBe(false)
      for (const other of values) expect(await both(signed, joined(value, other))).toBe(false)
    }
  })

  test('exchanged, equal, one off', async () => {
    const both = await bothOf(subject)
    for (const [one, other] of [
      [s, r],
      [r, r],
      [s, s],
      [r + 1n, s],
      [r, s + 1n],
      [r - 1n, s],
      [r, s - 1n],
      [N - r, s],
    ] as const)
      expect(await both(signed, joined(one, other))).toBe(false)
  })

  // RFC 7518 section 3.4 leaves it open, and WebCrypto takes both: so a hash of a token never covers its signature.
  test('s and n - s are both good, as for jose', async () => {
    const both = await bothOf(subject)
    expect(await both(signed, joined(r, s))).toBe(true)
    expect(await both(signed, joined(r, N - s))).toBe(true)
    expect(await both(signed, joined(N - r, N - s))).toBe(false)
  })

  test.each([
    ['r begins with a zero octet', (made: Uint8Array) => made[0] === 0],
    ['s begins with a zero octet', (made: Uint8Array) => made[32] === 0],
    ['r begins with a zero octet before a high bit', (made: Uint8Array) => made[0] === 0 && (made[1] ?? 0) >= 0x80],
    ['r begins with a high bit', (made: Uint8Array) => (made[0] ?? 0) >= 0x80],
    ['neither begins with a high bit', (made: Uint8Array) => (made[0] ?? 0) < 0x80 && (made[32] ?? 0) < 0x80],
  ])('good where %s', async (_, fits) => {
    const both = await bothOf(subject)
    const made = signatureThat(fits)
    expect(await both(signed, made)).toBe(true)
    const [madeR, madeS] = [made.slice(0, 32), made.slice(32)]
    for (const shortened of [
      [...madeR.subarray(1), ...madeS],
      [...madeR, ...madeS.subarray(1)],
      [0, ...madeR, ...madeS],
      [...madeR, 0, ...madeS],
      [0, ...madeR, 0, ...madeS],
    ])
      expect(await both(signed, Uint8Array.from(shortened))).toBe(false)
  })
})

describe('in another form', () => {
  test('DER is no signature', async () => {
    const both = await bothOf(subject)
    for (let round = 0; round < 20; round += 1)
      expect(await both(signed, signature(subject, signed, { dsaEncoding: 'der' }))).toBe(false)
  })

  test('nor is DER that was cut or filled to 64 octets', async () => {
    const both = await bothOf(subject)
    const der = signature(subject, signed, { dsaEncoding: 'der' })
    const shortest = Uint8Array.from([
      0x30,
      62,
      2,
      29,
      ...new Uint8Array(29).fill(1),
      2,
      29,
      ...new Uint8Array(29).fill(1),
    ])
    for (const changed of [der.slice(0, 64), der.slice(-64), shortest]) {
      expect(changed.length).toBe(64)
      expect(await both(signed, changed)).toBe(false)
    }
  })

  test('as r and s of another length', async () => {
    const both = await bothOf(subject)
    for (const width of [33, 48, 66]) {
      const wide = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(width * 2, '0'), 'hex')
      expect(await both(signed, Buffer.concat([wide(r), wide(s)]))).toBe(false)
    }
  })

  test.each(['sha1', 'sha384', 'sha512'])('over %s', async (hash) => {
    expect(await (await bothOf(subject))(signed, signature(subject, signed, { hash }))).toBe(false)
  })
})
