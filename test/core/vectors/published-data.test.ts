import type { JsonWebKey } from 'node:crypto'
import type { FlattenedJWSInput, GeneralJWSInput } from 'jose'

import { calculateJwkThumbprint, compactVerify, flattenedVerify, generalVerify, importJWK } from 'jose'
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import * as rfc7517 from '../../fixtures/vectors/rfc7517.ts'
import * as rfc7519 from '../../fixtures/vectors/rfc7519.ts'
import * as rfc7520 from '../../fixtures/vectors/rfc7520.ts'
import * as rfc7638 from '../../fixtures/vectors/rfc7638.ts'
import * as rfc7797 from '../../fixtures/vectors/rfc7797.ts'
import * as rfc8037 from '../../fixtures/vectors/rfc8037.ts'
import { hmacSha256 } from './sign.ts'
import { publicHalf } from './trust.ts'

// The other tests here say what is refused. A vector with a typing error would be refused too, so this
// file proves first that every published signature and thumbprint reproduces from what was typed.

type Jws = string | GeneralJWSInput | FlattenedJWSInput

async function payloadOf(jws: Jws, algorithm: string, key: JsonWebKey): Promise<string> {
  const imported = await importJWK(key.kty === 'oct' ? { ...key } : publicHalf(key), algorithm)
  const verified = await verify(jws, imported)
  return new TextDecoder().decode(verified.payload)
}

function verify(jws: Jws, key: Awaited<ReturnType<typeof importJWK>>): Promise<{ readonly payload: Uint8Array }> {
  if (typeof jws === 'string') return compactVerify(jws, key)
  return 'signatures' in jws ? generalVerify(jws, key) : flattenedVerify(jws, key)
}

/** jose takes JSON serializations as mutable objects; the vectors are read-only. */
function mutable(vector: unknown): GeneralJWSInput & FlattenedJWSInput {
  return structuredClone(vector) as GeneralJWSInput & FlattenedJWSInput // which of the two it is, `verify` looks up
}

const joe = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
const frodo = Buffer.from(rfc7520.payload, 'base64url').toString()

describe('RFC 7515 and RFC 7519', () => {
  const { payload, signatures } = rfc7515.generalJson
  const [rsaSignature, ecSignature] = signatures

  test.each([
    ['A.1', rfc7515.hs256.compact, 'HS256', rfc7515.hs256.key, joe],
    ['A.2', rfc7515.rs256.compact, 'RS256', rfc7515.rs256.privateKey, joe],
    ['A.3', rfc7515.es256.compact, 'ES256', rfc7515.es256.privateKey, joe],
    ['A.4', rfc7515.es512.compact, 'ES512', rfc7515.es512.privateKey, 'Payload'],
    ['A.6, first', mutable({ payload, ...rsaSignature }), 'RS256', rfc7515.rs256.privateKey, joe],
    ['A.6, second', mutable({ payload, ...ecSignature }), 'ES256', rfc7515.es256.privateKey, joe],
    ['A.7', mutable(rfc7515.flattenedJson), 'ES256', rfc7515.es256.privateKey, joe],
    ['3.1 of RFC 7519', rfc7519.hs256Jwt.compact, 'HS256', rfc7515.hs256.key, joe],
  ])('%s verifies', async (_, jws, algorithm, key, text) => {
    expect(await payloadOf(jws, algorithm, key)).toBe(text)
  })

  test('the unsecured and the critical example decode to their text', () => {
    const headerOf = (jws: string): string => Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()
    expect(headerOf(rfc7515.unsecured.compact)).toBe('{"alg":"none"}')
    expect(rfc7519.unsecuredJwt).toEqual(rfc7515.unsecured)
    const { name } = rfc7515.undefinedCritical
    expect(JSON.parse(headerOf(rfc7515.undefinedCritical.compact))).toEqual({ alg: 'none', crit: [name], [name]: true })
  })

  test('the certificates of the chain sign one another', () => {
    const [leaf, middle, root] = rfc7515.certificateChain.map((der) => new X509Certificate(Buffer.from(der, 'base64')))
    expect(leaf?.issuer).toBe(middle?.subject)
    expect(middle?.issuer).toBe(root?.subject)
    expect(root?.issuer).toBe(root?.subject)
  })

  test('the encrypted examples have five segments', () => {
    for (const { compact } of [rfc7519.encryptedJwt, rfc7519.nestedJwt, rfc7520.nested]) {
      expect(compact.split('.')).toHaveLength(5)
    }
  })
})

describe('RFC 7517 and RFC 7638', () => {
  test('the public keys are those of the private ones', () => {
    expect(rfc7517.privateKeys.keys.map((key) => publicHalf(key))).toEqual(rfc7517.publicKeys.keys)
    expect(rfc7638.thumbprint.key).toEqual(rfc7517.publicKeys.keys[1])
  })

  test('the symmetric key is that of RFC 7515', () => {
    expect(rfc7517.symmetricKeys.keys[1].k).toBe(rfc7515.hs256.key.k)
  })

  test('the certificate certifies the key beside it', () => {
    const { x5c, n, e } = rfc7517.keyWithCertificate
    const { publicKey } = new X509Certificate(Buffer.from(x5c[0], 'base64'))
    expect(publicKey.export({ format: 'jwk' })).toMatchObject({ n, e })
  })

  test('the thumbprint reproduces', async () => {
    expect(await calculateJwkThumbprint({ ...rfc7638.thumbprint.key })).toBe(rfc7638.thumbprint.sha256)
  })
})

describe('RFC 7520', () => {
  const { rsaPrivateKey, ecPrivateKey, macKey } = rfc7520
  const [first, second, third] = rfc7520.multipleSignatures.general.signatures
  const { payload } = rfc7520

  test.each([
    ['4.1', rfc7520.rs256.compact, 'RS256', rsaPrivateKey],
    ['4.1 general', mutable(rfc7520.rs256.general), 'RS256', rsaPrivateKey],
    ['4.1 flattened', mutable(rfc7520.rs256.flattened), 'RS256', rsaPrivateKey],
    ['4.2', rfc7520.ps384.compact, 'PS384', rsaPrivateKey],
    ['4.2 general', mutable(rfc7520.ps384.general), 'PS384', rsaPrivateKey],
    ['4.2 flattened', mutable(rfc7520.ps384.flattened), 'PS384', rsaPrivateKey],
    ['4.3', rfc7520.es512.compact, 'ES512', ecPrivateKey],
    ['4.3 general', mutable(rfc7520.es512.general), 'ES512', ecPrivateKey],
    ['4.3 flattened', mutable(rfc7520.es512.flattened), 'ES512', ecPrivateKey],
    ['4.4', rfc7520.hs256.compact, 'HS256', macKey],
    ['4.4 general', mutable(rfc7520.hs256.general), 'HS256', macKey],
    ['4.4 flattened', mutable(rfc7520.hs256.flattened), 'HS256', macKey],
    ['4.5 general', mutable({ ...rfc7520.detached.general, payload }), 'HS256', macKey],
    ['4.5 flattened', mutable({ ...rfc7520.detached.flattened, payload }), 'HS256', macKey],
    ['4.5 compact', rfc7520.detached.compact.replace('..', `.${payload}.`), 'HS256', macKey],
    ['4.6 general', mutable(rfc7520.partlyProtectedHeader.general), 'HS256', macKey],
    ['4.6 flattened', mutable(rfc7520.partlyProtectedHeader.flattened), 'HS256', macKey],
    ['4.7 general', mutable(rfc7520.unprotectedHeader.general), 'HS256', macKey],
    ['4.7 flattened', mutable(rfc7520.unprotectedHeader.flattened), 'HS256', macKey],
    ['4.8 first', mutable({ payload, ...first }), 'RS256', rsaPrivateKey],
    ['4.8 second', mutable({ payload, ...second }), 'ES512', ecPrivateKey],
    ['4.8 third', mutable({ payload, ...third }), 'HS256', macKey],
  ])('%s verifies', async (_, jws, algorithm, key) => {
    expect(await payloadOf(jws, algorithm, key)).toBe(frodo)
    expect(frodo).toMatch(/^It\u2019s a dangerous business, Frodo.*swept off to\.$/u)
  })

  test('6 verifies before it is encrypted', async () => {
    const claims = await payloadOf(rfc7520.nested.signed, 'PS256', rfc7520.nested.privateKey)
    expect(JSON.parse(claims)).toEqual({ iss: 'hobbiton.example', exp: 1300819380, 'http://example.com/is_root': true })
  })
})

test('RFC 7797: both codes reproduce, over the encoded and over the plain payload', () => {
  const mac = hmacSha256(Buffer.from(rfc7797.macKey.k, 'base64url'))
  const macOf = (signingInput: string): string => Buffer.from(mac(signingInput)).toString('base64url')
  const { encodedPayload, unencodedPayload, payload } = rfc7797
  const encoded = Buffer.from(payload).toString('base64url')
  const { flattened: control } = encodedPayload
  expect(control).toMatchObject({ payload: encoded, signature: macOf(`${control.protected}.${encoded}`) })
  expect(encodedPayload.compact).toBe(`${control.protected}.${encoded}.${control.signature}`)
  const { flattened } = unencodedPayload
  expect(flattened).toMatchObject({ payload, signature: macOf(`${flattened.protected}.${payload}`) })
  expect(unencodedPayload.compact).toBe(`${flattened.protected}..${flattened.signature}`)
})

describe('RFC 8037', () => {
  test('the public key is that of the private one, and its thumbprint reproduces', async () => {
    expect(publicHalf(rfc8037.privateKey)).toEqual(rfc8037.publicKey)
    expect(await calculateJwkThumbprint({ ...rfc8037.publicKey })).toBe(rfc8037.thumbprint)
  })

  test('the signature verifies', async () => {
    expect(await payloadOf(rfc8037.ed25519.compact, 'EdDSA', rfc8037.privateKey)).toBe('Example of Ed25519 signing')
  })

  test('the key agreement keys have the length of their curves', () => {
    expect(Buffer.from(rfc8037.x25519PublicKey.x, 'base64url')).toHaveLength(32)
    expect(Buffer.from(rfc8037.x448PublicKey.x, 'base64url')).toHaveLength(56)
  })
})
