import type { JsonWebKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Algorithm } from '../../../packages/core/src/issuers/algorithms.ts'
import { native } from '../../../packages/core/src/node/cryptography.ts'
import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7520 from '../../fixtures/vectors/rfc7520.ts'
import * as rfc8037 from '../../fixtures/vectors/rfc8037.ts'
import { publicHalf } from '../vectors/trust.ts'
import { bothFor, imported } from './differential.ts'

type Published = readonly [title: string, algorithm: Algorithm, privateKey: JsonWebKey, compact: string]

interface Signed {
  readonly protected: string
  readonly signature: string
}

const compact = (payload: string, signature: Signed | undefined): string =>
  `${signature?.protected}.${payload}.${signature?.signature}`
const { rs256, es256, generalJson, flattenedJson } = rfc7515
const { rsaPrivateKey, multipleSignatures, nested } = rfc7520

const published: readonly Published[] = [
  ['RFC 7515 A.2', 'RS256', rs256.privateKey, rs256.compact],
  ['RFC 7515 A.3', 'ES256', es256.privateKey, es256.compact],
  ['RFC 7515 A.6, first', 'RS256', rs256.privateKey, compact(generalJson.payload, generalJson.signatures[0])],
  ['RFC 7515 A.6, second', 'ES256', es256.privateKey, compact(generalJson.payload, generalJson.signatures[1])],
  ['RFC 7515 A.7', 'ES256', es256.privateKey, compact(flattenedJson.payload, flattenedJson)],
  ['RFC 7520 4.1', 'RS256', rsaPrivateKey, rfc7520.rs256.compact],
  ['RFC 7520 4.2', 'PS384', rsaPrivateKey, rfc7520.ps384.compact],
  [
    'RFC 7520 4.8',
    'RS256',
    rsaPrivateKey,
    compact(multipleSignatures.general.payload, multipleSignatures.general.signatures[0]),
  ],
  ['RFC 7520 6', 'PS256', nested.privateKey, nested.signed],
  ['RFC 8037 A.4', 'EdDSA', rfc8037.privateKey, rfc8037.ed25519.compact],
]

describe.each(published)('%s: %s', (_, algorithm, privateKey, token) => {
  const signed = token.slice(0, token.lastIndexOf('.'))
  const signature = Buffer.from(token.slice(signed.length + 1), 'base64url')

  test('is good', async () => {
    expect(await (await bothFor(algorithm, publicHalf(privateKey)))(signed, signature)).toBe(true)
  })

  test('is good no more with any bit of the signature changed', async () => {
    const both = await bothFor(algorithm, publicHalf(privateKey))
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const changed = Uint8Array.from(signature)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
      expect(await both(signed, changed), `bit ${bit}`).toBe(false)
    }
  })
})

test.each([
  ['RFC 7515 A.4', rfc7515.es512.privateKey, 'ES512'],
  ['RFC 7520 4.3', rfc7520.ecPrivateKey, 'ES512'],
] as const)('%s is left to jose', async (_, privateKey, algorithm) => {
  expect(native?.signatureCheck(await imported(publicHalf(privateKey), algorithm), algorithm)).toBeUndefined()
})

// The rest are over texts that are no JWS, so the platform's WebCrypto is what to agree with.
const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'))
const base64url = (text: string): string => Buffer.from(text, 'hex').toString('base64url')

describe('RFC 6979 A.2.5: ECDSA on P-256 with SHA-256', () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: base64url('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
    y: base64url('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'),
  }

  test.each([
    [
      'sample',
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
        'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    ],
    [
      'test',
      'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367' +
        '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    ],
  ])('"%s"', async (text, signature) => {
    const key = await imported(jwk, 'ES256')
    const check = native?.signatureCheck(key, 'ES256')
    const recipe = { name: 'ECDSA', hash: 'SHA-256' }
    expect(await crypto.subtle.verify(recipe, key, hex(signature), new TextEncoder().encode(text))).toBe(true)
    expect(await check?.(text, hex(signature))).toBe(true)
    expect(await check?.(`${text}.`, hex(signature))).toBe(false)
  })
})

describe('RFC 8032 7.1: Ed25519', () => {
  test.each([
    [
      'TEST 1',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      'TEST 2',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'TEST 3',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('%s', async (_, point, text, signature) => {
    const key = await imported({ kty: 'OKP', crv: 'Ed25519', x: base64url(point) }, 'Ed25519')
    const check = native?.signatureCheck(key, 'Ed25519')
    const latin1 = Buffer.from(text, 'hex').toString('latin1')
    expect(await crypto.subtle.verify({ name: 'Ed25519' }, key, hex(signature), hex(text))).toBe(true)
    expect(await check?.(latin1, hex(signature))).toBe(true)
    expect(await check?.(`${latin1}.`, hex(signature))).toBe(false)
  })
})
