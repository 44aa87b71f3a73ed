import { constants } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Subject } from './differential.ts'
import { bothFor, bothOf, hashOf, publicJwk, rsaKey, rsaSubjects, signature, signingInput } from './differential.ts'
import type { Hash, PssChanges } from './rsa-encodings.ts'
import { digest, digestInfo, pkcs1, pss, rawSignature } from './rsa-encodings.ts'

const integer = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`)
/** At least so many octets. */
function octetsOf(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16)
  return Buffer.from(digits.padStart(Math.max(length * 2, digits.length + (digits.length % 2)), '0'), 'hex')
}

function modulusOf({ privateKey }: Subject): bigint {
  return integer(Buffer.from(publicJwk(privateKey).n ?? '', 'base64url'))
}

describe.each(rsaSubjects)('$title', (subject) => {
  const { algorithm, privateKey } = subject
  const octets = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const signed = signingInput(algorithm)
  const good = signature(subject, signed)
  // the name of a hash that RSA signs with, as differential.ts makes it
  const hash = hashOf(algorithm) as Hash

  test('a value that is not below the modulus, or is its mirror', async () => {
    const both = await bothOf(subject)
    const [n, s] = [modulusOf(subject), integer(good)]
    for (const value of [0n, 1n, n - 1n, n, n + 1n, n - s, 256n ** BigInt(octets) - 1n])
      expect(await both(signed, octetsOf(value, octets))).toBe(false)
    for (const value of [s + n, s + 2n * n]) expect(await both(signed, octetsOf(value, octets))).toBe(false)
    for (const value of [s + n, s]) expect(await both(signed, octetsOf(value, octets + 1))).toBe(false)
  })

  test('another padding, and another hash', async () => {
    const both = await bothOf(subject)
    const paddings = { RS: constants.RSA_PKCS1_PSS_PADDING, PS: constants.RSA_PKCS1_PADDING }
    const padding = algorithm.startsWith('PS') ? paddings.PS : paddings.RS
    expect(await both(signed, signature(subject, signed, { padding }))).toBe(false)
    for (const other of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'md5'])
      expect(await both(signed, signature(subject, signed, { hash: other })), other).toBe(other === hash)
  })
})

describe.each(rsaSubjects.filter(({ title }) => title.includes('2048')))('$title', (subject) => {
  const { algorithm } = subject

  test('a signature that begins with a zero, one more zero, or none', async () => {
    const both = await bothOf(subject)
    const [text, begun] = beginningWithZero(subject)
    expect(await both(text, begun)).toBe(true)
    expect(await both(text, Uint8Array.from([0, ...begun]))).toBe(false)
    expect(await both(text, Uint8Array.from([...begun.slice(1), 0]))).toBe(false)
    // RFC 8017 refuses it (8.1.2, 8.2.2), and OpenSSL does not where the padding is PSS: what counts is one answer
    const shortened = await both(text, begun.slice(1))
    expect(shortened && algorithm.startsWith('RS')).toBe(false)
  })
})

function beginningWithZero(subject: Subject): readonly [signed: string, signature: Uint8Array] {
  for (let round = 0; round < 100_000; round += 1) {
    const signed = signingInput(subject.algorithm, { round })
    const made = signature(subject, signed)
    if (made[0] === 0) return [signed, made]
  }
  throw new Error('no signature began with a zero')
}

describe.each(rsaSubjects.filter(({ algorithm }) => algorithm.startsWith('PS')))('$title', (subject) => {
  const { algorithm, privateKey } = subject

  test('a salt of any length but that of the hash', async () => {
    const both = await bothOf(subject)
    const signed = signingInput(algorithm)
    const usual = Number(algorithm.slice(2)) / 8
    const longest = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8 - usual - 2
    for (const saltLength of [0, 1, 20, 31, 32, 33, 47, 48, 49, 63, 64, 65, longest - 1, longest])
      expect(await both(signed, signature(subject, signed, { saltLength })), String(saltLength)).toBe(
        saltLength === usual,
      )
  })
})

describe('PKCS #1 v1.5, encoded by hand', () => {
  const both = Promise.all(
    ([65_537, 3] as const).map(async (exponent) => {
      const privateKey = rsaKey(2048, exponent)
      return { privateKey, ask: await bothFor('RS256', publicJwk(privateKey)) }
    }),
  )
  const signed = signingInput('RS256')
  const info = digestInfo('sha256', signed)
  const hash = digest('sha256', signed)
  const hex = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'hex'), hash])

  async function answers(message: Uint8Array): Promise<readonly boolean[]> {
    const asked = (await both).map(async ({ privateKey, ask }) => ask(signed, rawSignature(privateKey, message)))
    return Promise.all(asked)
  }

  test('right, it is good', async () => {
    expect(await answers(pkcs1(256, info))).toEqual([true, true])
  })

  test.each([
    ['something after the hash', pkcs1(256, info, { after: new Uint8Array(1) })],
    ['much after the hash, and eight octets of padding', pkcs1(256, info, { after: new Uint8Array(194) })],
    ['much after the hash, and no padding', pkcs1(256, info, { after: new Uint8Array(202) })],
    ['block type 2', pkcs1(256, info, { head: [0, 2] })],
    ['block type 0', pkcs1(256, info, { head: [0, 0], fill: 0 })],
    ['no zero before', pkcs1(256, info, { head: [1, 1] })],
    ['padding that is not all ones', pkcs1(256, info, { fill: 0xfe })],
    ['no separator', pkcs1(256, info, { separator: [] })],
    ['a separator that is not zero', pkcs1(256, info, { separator: [1] })],
    ['the hash alone', pkcs1(256, hash)],
    ['the name of another hash', pkcs1(256, hex('3031300d060960864801650304020305000420'))],
    ['no parameters', pkcs1(256, hex('302f300b06096086480165030402010420'))],
    ['parameters that are not NULL', pkcs1(256, hex('3031300d060960864801650304020104000420'))],
    ['something in NULL', pkcs1(256, hex('3032300e06096086480165030402010501000420'))],
    ['a length in long form', pkcs1(256, hex('308131300d060960864801650304020105000420'))],
    [
      'a length without end',
      pkcs1(256, Buffer.concat([hex('3080300d060960864801650304020105000420'), Buffer.alloc(2)])),
    ],
    ['a hash that is longer by a zero', pkcs1(256, Buffer.concat([info, Buffer.alloc(1)]))],
    ['a hash that is cut', pkcs1(256, info.subarray(0, -1))],
    ['nothing', new Uint8Array(256)],
  ])('%s, it is not', async (_, message) => {
    expect(await answers(message)).toEqual([false, false])
  })
})

describe.each(['PS256', 'PS384', 'PS512'] as const)('PSS, encoded by hand: %s', (algorithm) => {
  const privateKey = rsaKey()
  const signed = signingInput(algorithm)
  const hash = `sha${algorithm.slice(2)}` as Hash // of one of these three
  const length = digest(hash).length
  const other: Hash = hash === 'sha512' ? 'sha256' : 'sha512'

  async function answer(changes: PssChanges, encodedWith = hash): Promise<boolean> {
    const both = await bothFor(algorithm, publicJwk(privateKey))
    return both(signed, rawSignature(privateKey, pss(256, encodedWith, signed, changes)))
  }

  test.each<[string, PssChanges]>([
    ['a random salt', {}],
    ['a salt of zeros', { salt: new Uint8Array(length) }],
    ['a salt of ones', { salt: new Uint8Array(length).fill(0xff) }],
  ])('with %s, it is good', async (_, changes) => {
    expect(await answer(changes)).toBe(true)
  })

  test.each<[string, PssChanges]>([
    ['no salt', { salt: new Uint8Array() }],
    ['a salt of one octet less', { salt: new Uint8Array(length - 1) }],
    ['a salt of one octet more', { salt: new Uint8Array(length + 1) }],
    ['the longest salt', { salt: new Uint8Array(254 - length) }],
    ['a mask of another hash', { mgfHash: other }],
    ['a mask of SHA-1', { mgfHash: 'sha1' }],
    ['another trailer', { trailer: 0xcc }],
    ['no trailer', { trailer: 0 }],
    ['no mark before the salt', { mark: 0 }],
    ['another mark before the salt', { mark: 2 }],
    ['padding that is not zero', { padding: 1 }],
  ])('with %s, it is not', async (_, changes) => {
    expect(await answer(changes)).toBe(false)
  })

  test('with another hash, it is not', async () => {
    expect(await answer({}, other)).toBe(false)
  })

  test('with a bit before the message, it is not', async () => {
    const both = await bothFor(algorithm, publicJwk(privateKey))
    const n = integer(Buffer.from(publicJwk(privateKey).n ?? '', 'base64url'))
    let message: Uint8Array
    do message = pss(256, hash, signed, { top: 0x80 })
    while (integer(message) >= n)
    expect(await both(signed, rawSignature(privateKey, message))).toBe(false)
  })
})
