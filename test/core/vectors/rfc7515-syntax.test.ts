import { createResourceServer } from '@tokenward/core'
import { describe, expect } from 'vitest'

import { base64url, flattenedJson, generalJson, rs256, undefinedCritical } from '../../fixtures/vectors/rfc7515.ts'
import { verifies } from '../../requirements/verifies.ts'
import { compactJws, signer } from './sign.ts'
import { accessToken, AUDIENCE, goodClaims, NOW_SECONDS, outcome, publicHalf, verifierTrusting } from './trust.ts'

const trusting = verifierTrusting([publicHalf(rs256.privateKey, { kid: 'A.2' })])
const signRs256 = signer('RS256', rs256.privateKey)

describe('serializations', () => {
  const [protectedHeader = '', payload = '', signature = ''] = accessToken('RS256', rs256.privateKey, {
    kid: 'A.2',
  }).split('.')
  const flattened = { payload, protected: protectedHeader, signature }
  const general = { payload, signatures: [{ protected: protectedHeader, signature }] }

  verifies('RFC7515-7.2-a')('A.6, A.7: JSON is no access token, whoever signed it', async () => {
    for (const json of [generalJson, flattenedJson, flattened, general]) {
      expect(await outcome(trusting, JSON.stringify(json))).toBe('TOKEN_MALFORMED')
    }
    expect(await outcome(trusting, [protectedHeader, payload, signature].join('.'))).toBe('accepted')
  })

  verifies('RFC7515-7.2-a')('A.6, A.7: JSON is not even a Bearer credential', async () => {
    const resourceServer = createResourceServer({ verifier: trusting })
    for (const json of [generalJson, flattenedJson, flattened, general]) {
      const decision = await resourceServer.authenticate({
        method: 'GET',
        url: `${AUDIENCE}/orders`,
        headerValues: (name) => (name.toLowerCase() === 'authorization' ? [`Bearer ${JSON.stringify(json)}`] : []),
      })
      expect(decision).toMatchObject({ granted: false, status: 400, error: { code: 'REQUEST_MALFORMED' } })
    }
  })
})

describe('base64url', () => {
  verifies('RFC7515-5.2-a')('C: no padding, no other alphabet, no incomplete group', async () => {
    const { encoded } = base64url
    const withSignature = (text: string): string =>
      [...accessToken('RS256', rs256.privateKey, { kid: 'A.2' }).split('.').slice(0, 2), text].join('.')
    expect(await outcome(trusting, withSignature(encoded))).toBe('SIGNATURE_INVALID')
    for (const other of [
      `${encoded}=`,
      'A+z/4ME',
      'A-z_4MF',
      'A-z_4',
      `${encoded}\n`,
      ` ${encoded}`,
      `${encoded}.`,
      'A-z_4M$',
    ]) {
      expect(await outcome(trusting, withSignature(other)), JSON.stringify(other)).toBe('TOKEN_MALFORMED')
    }
  })

  verifies('RFC7515-5.2-a')('a signature that a lenient decoder reads as the right one is refused', async () => {
    const token = accessToken('RS256', rs256.privateKey, { kid: 'A.2' })
    const signature = token.split('.')[2] ?? ''
    const respelt = [
      `${signature}==`,
      `${signature}\n`,
      `${signature.slice(0, 40)}\r\n${signature.slice(40)}`,
      Buffer.from(signature, 'base64url').toString('base64'),
    ]
    expect(await outcome(trusting, token)).toBe('accepted')
    for (const other of respelt) {
      expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
      expect(await outcome(trusting, token.replace(signature, other))).toBe('TOKEN_MALFORMED')
    }
  })
})

describe('critical extensions', () => {
  const { name, compact } = undefinedCritical
  const header = { alg: 'RS256', typ: 'at+jwt', kid: 'A.2' }
  const signed = (changes: Readonly<Record<string, unknown>>): string =>
    compactJws({ ...header, ...changes }, goodClaims(), signRs256)

  verifies('RFC7515-4.1.11-a')('E: refused, and so is a twin that a trusted key signed', async () => {
    expect(await outcome(trusting, compact)).toBe('TOKEN_MALFORMED')
    expect(await outcome(trusting, signed({ crit: [name], [name]: true }))).toBe('TOKEN_MALFORMED')
    expect(await outcome(trusting, signed({ crit: ['exp'], exp: NOW_SECONDS + 300 }))).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC7515-4-b')('E: the same extension without "crit" is ignored', async () => {
    expect(await outcome(trusting, signed({ [name]: true, oiat: 2 }))).toBe('accepted')
  })

  verifies('RFC7515-4.1.11-b')('a malformed "crit" is refused', async () => {
    const malformed: readonly unknown[] = [
      [],
      '',
      name,
      { 0: name },
      null,
      [1],
      [name, name],
      ['alg'],
      ['absent'],
      [''],
    ]
    for (const crit of malformed) {
      expect(await outcome(trusting, signed({ crit, [name]: true })), JSON.stringify(crit)).toBe('TOKEN_MALFORMED')
    }
  })
})
