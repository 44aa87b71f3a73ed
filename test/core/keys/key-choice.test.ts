import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import type { TestKey } from '@tokenward/testing'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf, scene } from '../scene.ts'
import { reading, rsaKey } from './published.ts'

describe('size of an RSA key', () => {
  verifies('RFC7518-3.3-a')('below 2048 bits verifies nothing, however well it signed', async () => {
    for (const bits of [1024, 2047]) {
      const small = rsaKey(bits, 'small')
      const { judge, skipped } = await reading(small.publicKey)

      expect(skipped).toEqual([{ kid: 'small', reason: expect.stringContaining(`${bits} bits`) }])
      expect(await judge(small)).toBe('KEY_UNKNOWN')
      expect(() => staticKeys({ keys: [small.publicKey] })).toThrow(`${bits} bits`)
    }
    const large = rsaKey(2048, 'large')
    expect(await (await reading(large.publicKey)).judge(large)).toBe('accepted')
  })
})

describe('the key of a token', () => {
  verifies('RFC7515-4.1.4-a', 'RFC7515-6-a')('is named by kid, letter by letter', async () => {
    const { issuer, verifier } = await scene()
    const named = (kid: unknown): Promise<string> => issuer.mint({}, { header: { kid } })

    expect(await outcome(verifier.verify(await named('key-1')))).toBe('accepted')
    for (const kid of ['KEY-1', 'key-1 ', 'key-', '', 'key-2', 'constructor', '__proto__']) {
      const refusal = await refusalOf(verifier.verify(await named(kid)))
      expect([kid, refusal.code, refusal.status]).toEqual([kid, 'KEY_UNKNOWN', 401])
    }
    expect(await outcome(verifier.verify(await named(1)))).toBe('TOKEN_MALFORMED')
  })

  verifies('RFC7515-10.13-a')('may have a kid beyond the basic plane, escaped or not', async () => {
    const { issuer, verifier } = await scene()
    const key = await issuer.rotate({ kid: '\u{1d11e}' })
    const payload = JSON.stringify(
      JSON.parse(Buffer.from((await issuer.mint()).split('.')[1] ?? '', 'base64url').toString()),
    )
    const escaped = String.raw`{"alg":"ES256","typ":"at+jwt","kid":"\uD834\uDD1E"}`

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.signRaw(escaped, payload, { key })))).toBe('accepted')
    expect(
      await outcome(verifier.verify(await issuer.signRaw(escaped.replace(String.raw`\uDD1E`, ''), payload, { key }))),
    ).toBe('KEY_UNKNOWN')
  })

  verifies('RFC8725-3.10-a')('is looked up by kid and by nothing that kid could say', async () => {
    const { issuer, verifier } = await scene()
    await verifier.warmUp()
    const asked = new Set(issuer.requests)
    const kids = [
      '../../jwks',
      "' OR 1=1 --",
      'https://attacker.example/jwks',
      '\0',
      'x'.repeat(9000),
      '${7*7}',
      '%2e%2e',
    ]
    for (const kid of kids) {
      const refusal = await refusalOf(verifier.verify(await issuer.mint({}, { header: { kid } })))
      expect(refusal.code).toBe('KEY_UNKNOWN')
      expect(refusal.message).toMatch(/^[\x20-\x7e]{1,400}$/)
    }
    expect(new Set(issuer.requests)).toEqual(asked)
  })

  verifies(
    'RFC7515-4.1.2-a',
    'RFC7515-4.1.5-a',
    'RFC7515-4.1.3-a',
    'RFC8725-3.10-b',
  )('is never taken from the token, nor from where the token says', async () => {
    const { issuer, verifier } = await scene()
    const { issuer: stranger } = await scene({ keySeries: 'stranger' })
    await verifier.warmUp()
    const asked = issuer.requests.length
    for (const header of [
      { jwk: stranger.publicKey },
      { jku: 'https://attacker.example/jwks' },
      { x5u: 'https://attacker.example/cert.pem' },
      { x5c: ['MIIB'] },
      { jwk: stranger.publicKey, jku: 'https://attacker.example/jwks', x5u: 'https://attacker.example/c' },
    ]) {
      const forged = await issuer.mint({}, { header, key: stranger.key })
      expect(await outcome(verifier.verify(forged))).toBe('SIGNATURE_INVALID')
      expect(await outcome(verifier.verify(await issuer.mint({}, { header })))).toBe('accepted')
    }
    expect(issuer.requests).toHaveLength(asked)
  })

  it('fits the algorithm where several share a kid', async () => {
    const { issuer, verifier } = await scene()
    const rsa = await issuer.addKey('RS256', { kid: 'key-1' })
    const other = await issuer.addKey('ES256', { kid: 'key-1' })

    for (const key of [issuer.key, rsa, other]) {
      expect(await outcome(verifier.verify(await issuer.mint({}, { key })))).toBe('accepted')
    }
  })

  it('is found without a kid among at most four that fit', async () => {
    const { issuer, verifier } = await scene()
    const keys: TestKey[] = [issuer.key]
    for (let count = 2; count <= 5; count += 1) keys.push(await issuer.addKey('ES256'))
    await issuer.addKey('ES384')
    const outcomes: string[] = []
    for (const key of keys) {
      outcomes.push(await outcome(verifier.verify(await issuer.mint({}, { key, header: { kid: undefined } }))))
    }

    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'KEY_UNKNOWN'])
    expect(await outcome(verifier.verify(await issuer.mint({}, { key: keys[4] ?? issuer.key })))).toBe('accepted')
  })

  it('is found without a kid among static keys too', async () => {
    const { issuer, trusting } = await scene()
    const second = await issuer.addKey('ES256')
    const stranger = (await scene({ keySeries: 'stranger' })).issuer
    const header = { kid: undefined }

    expect(await outcome(trusting().verify(await issuer.mint({}, { header, key: second })))).toBe('accepted')
    expect(await outcome(trusting().verify(await issuer.mint({}, { header, key: stranger.key })))).toBe(
      'SIGNATURE_INVALID',
    )
  })

  it('that has no kid is not the key of a token that names one', async () => {
    const { issuer, trusting } = await scene()
    const { kid: _kid, ...unnamed } = issuer.publicKey
    const verifier = trusting({ issuer: { keys: staticKeys({ keys: [unnamed] }) } })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('KEY_UNKNOWN')
    expect(await outcome(verifier.verify(await issuer.mint({}, { header: { kid: undefined } })))).toBe('accepted')
  })
})

describe('a message about a key', () => {
  it.each([
    ['key-7', 'for ES384 with kid "key-7"', 'with the key "key-1" of'],
    [undefined, 'for ES384, and the token names no kid', 'with any key that fits of'],
  ])('tells where the token names %j', async (kid, unknown, invalid) => {
    const { issuer, verifier, trusting } = await scene()
    const key = await testIssuer({ algorithm: 'ES384' }).then((other) => other.key)
    const stranger = (await scene({ keySeries: 'stranger' })).issuer.key
    const named = { kid: kid && 'key-1' }

    for (const { verify } of [verifier, trusting()]) {
      await expect(verify(await issuer.mint({}, { key, header: { kid } }))).rejects.toThrow(unknown)
    }
    await expect(trusting().verify(await issuer.mint({}, { key: stranger, header: named }))).rejects.toThrow(invalid)
  })
})

describe('the algorithm of a key', () => {
  verifies('RFC8725-3.1-c')('is the one that alg names, or the one that you allow', async () => {
    const { issuer } = await scene()
    const rs = await issuer.addKey('RS256', { kid: 'one' })
    const { alg: _alg, ...open } = rs.publicKey
    const trusting = (jwk: object, algorithms?: readonly ['RS256'] | readonly ['PS256']) =>
      createVerifier({
        issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys({ keys: [jwk] }), algorithms }),
        audience: AUDIENCE,
        system: { now: () => 1_800_000_000_000 },
      })
    const rsToken = await issuer.mint({}, { key: rs })
    const psToken = await issuer.mint({}, { key: rs, header: { alg: 'PS256' } })

    expect(await outcome(trusting(open, ['RS256']).verify(rsToken))).toBe('accepted')
    expect(await outcome(trusting(open, ['RS256']).verify(psToken))).toBe('ALGORITHM_REJECTED')
    expect(await outcome(trusting(open, ['PS256']).verify(rsToken))).toBe('ALGORITHM_REJECTED')
    expect(await outcome(trusting(open).verify(psToken))).toBe('SIGNATURE_INVALID')
    expect(await outcome(trusting(rs.publicKey).verify(psToken))).toBe('KEY_UNKNOWN')
    expect(await outcome(trusting(rs.publicKey).verify(rsToken))).toBe('accepted')
  })

  verifies('RFC9864-2.2-a')('Ed25519 is none of an Ed448 key', async () => {
    const { issuer, verifier } = await scene()
    issuer.publish({ kty: 'OKP', crv: 'Ed448', x: Buffer.alloc(57, 1).toString('base64url'), kid: 'ed448' })

    for (const alg of ['Ed25519', 'EdDSA', 'Ed448']) {
      expect(await outcome(verifier.verify(await issuer.mint({}, { header: { alg, kid: 'ed448' } })))).toMatch(
        /^(KEY_UNKNOWN|ALGORITHM_REJECTED)$/,
      )
    }
  })

  verifies('RFC9864-4.1.2-a', '8725bis-3.2-c')('Ed25519 is in the default list under both names', async () => {
    const { issuer, trusting, verifier } = await scene({ algorithm: 'Ed25519' })
    const older = await issuer.mint({}, { header: { alg: 'EdDSA' } })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(older))).toBe('accepted')
    expect(await outcome(trusting({ algorithms: ['Ed25519'] }).verify(older))).toBe('ALGORITHM_REJECTED')
    expect(await outcome(trusting({ algorithms: ['Ed25519'] }).verify(await issuer.mint()))).toBe('accepted')
  })

  verifies('RFC8414-2-c')('in a set with keys for encryption is that of a key that can only sign', async () => {
    const { issuer, verifier } = await scene()
    const decrypting = await issuer.addKey('RS256', { kid: 'enc', members: { use: 'enc', alg: 'RSA-OAEP' } })
    const unused = await issuer.addKey('RS256', { kid: 'oaep', members: { use: undefined, alg: 'RSA-OAEP' } })
    const signing = await issuer.addKey('RS256', { kid: 'sig', members: { use: undefined } })

    expect(await outcome(verifier.verify(await issuer.mint({}, { key: decrypting })))).toBe('KEY_UNKNOWN')
    expect(await outcome(verifier.verify(await issuer.mint({}, { key: unused })))).toBe('KEY_UNKNOWN')
    expect(await outcome(verifier.verify(await issuer.mint({}, { key: signing })))).toBe('accepted')
  })
})
