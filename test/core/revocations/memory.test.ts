import type { MemoryRevocations, Revocation, RevocationEntry } from '@tokenward/core'
import { clientSecretBasic, createVerifier, introspectedIssuer, memoryRevocations } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome, scene } from '../scene.ts'

const { issuer, clock, trusting } = await scene()
const { issuer: name } = issuer

const empty = (mostEntries?: number): MemoryRevocations => memoryRevocations({ system: clock, mostEntries })

async function judged(revocations: MemoryRevocations, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return outcome(trusting({ revocations }).verify(await issuer.mint(claims)))
}

describe('what is revoked', () => {
  it.each<[string, Revocation, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ['a token by jti', { issuer: name, jti: 'a', keepSeconds: 60 }, { jti: 'a' }, { jti: 'b' }],
    ['a subject', { issuer: name, subject: 'eve', keepSeconds: 60 }, { sub: 'eve' }, { sub: 'adam', jti: 'eve' }],
    ['a session', { issuer: name, session: 's1', keepSeconds: 60 }, { sid: 's1' }, { sid: 's2' }],
    ['nothing of another issuer', { issuer: name, jti: 'a', keepSeconds: 60 }, { jti: 'a' }, { jti: '["a"]' }],
  ])('%s', async (_, revocation, revoked, spared) => {
    const revocations = empty()
    await revocations.revoke(revocation)
    expect(await judged(revocations, revoked)).toBe('TOKEN_REVOKED')
    expect(await judged(revocations, spared)).toBe('accepted')
    const elsewhere = empty()
    await elsewhere.revoke({ ...revocation, issuer: 'https://other.example' })
    expect(await judged(elsewhere, revoked)).toBe('accepted')
  })

  it('what was issued before a time, and what does not tell', async () => {
    const revocations = empty()
    const now = clock.nowSeconds()
    await revocations.revoke({ issuer: name, subject: 'user-1', issuedBefore: now - 10, keepSeconds: 60 })
    expect(await judged(revocations, { iat: now - 11 })).toBe('TOKEN_REVOKED')
    expect(await judged(revocations, { iat: now - 10 })).toBe('accepted')
    const asked = { issuer: name, id: 'x', subject: 'user-1', session: undefined, tokenHash: undefined }
    expect(revocations.check({ ...asked, issuedAt: undefined })).toBe('revoked')
  })

  it('an opaque token at hand', async () => {
    const revocations = empty()
    const answer = { active: true, sub: 'user-1', aud: AUDIENCE }
    const verifier = createVerifier({
      issuer: introspectedIssuer({
        issuer: name,
        endpoint: `${name}/introspect`,
        clientAuthentication: clientSecretBasic('api', 'secret'),
      }),
      audience: AUDIENCE,
      revocations,
      system: { ...clock, fetch: async () => Response.json(answer) },
    })
    await revocations.revoke({ token: 'opaque.with.dots', keepSeconds: 60 })
    expect(await outcome(verifier.verify('opaque.with.dots'))).toBe('TOKEN_REVOKED')
    expect(await outcome(verifier.verify('opaque.with.others'))).toBe('accepted')
  })

  it('a token at hand, and its hash is asked for only then', async () => {
    const revocations = empty()
    const token = await issuer.mint()
    const verifier = trusting({ revocations })
    expect(revocations.needsTokenHash).toBe(false)
    await revocations.revoke({ token, keepSeconds: 60 })
    expect(revocations.needsTokenHash).toBe(true)
    expect(await outcome(verifier.verify(token))).toBe('TOKEN_REVOKED')
    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })

  it('a token under the second spelling of its signature too', async () => {
    const revocations = empty()
    const token = await issuer.mint()
    const twin = withOtherSignature(token)
    const verifier = trusting({ revocations })
    expect(await outcome(verifier.verify(twin))).toBe('accepted')
    await revocations.revoke({ token, keepSeconds: 60 })
    expect(await outcome(verifier.verify(twin))).toBe('TOKEN_REVOKED')
  })
})

describe('how long', () => {
  it('counts for keepSeconds and then frees its place', async () => {
    const revocations = empty(1)
    await revocations.revoke({ issuer: name, jti: 'a', keepSeconds: 60 })
    await clock.advance(60)
    expect(await judged(revocations, { jti: 'a' })).toBe('TOKEN_REVOKED')
    await clock.advance(1)
    expect(await judged(revocations, { jti: 'a' })).toBe('accepted')
    await revocations.revoke({ issuer: name, jti: 'b', keepSeconds: 60 })
    expect(revocations.entries().map(({ value }) => value)).toEqual(['b'])
  })

  it('lets no revocation shorten or narrow another', async () => {
    const revocations = empty()
    const now = clock.nowSeconds()
    const all = { issuer: name, subject: 'user-1' }
    await revocations.revoke({ ...all, issuedBefore: now - 100, keepSeconds: 500 })
    await revocations.revoke({ ...all, issuedBefore: now, keepSeconds: 50 })
    await revocations.revoke({ ...all, issuedBefore: now - 200, keepSeconds: 50 })
    expect(revocations.entries()).toHaveLength(2)
    expect(await judged(revocations, { iat: now - 50, exp: now + 900 })).toBe('TOKEN_REVOKED')
    await clock.advance(51)
    expect(await judged(revocations, { iat: now - 50, exp: now + 900 })).toBe('accepted')
    expect(await judged(revocations, { iat: now - 150, exp: now + 900 })).toBe('TOKEN_REVOKED')
  })

  it('asks for no hash once the last such revocation is over', async () => {
    const revocations = empty()
    await revocations.revoke({ token: 'opaque', keepSeconds: 10 })
    await clock.advance(61)
    await judged(revocations, {})
    expect(revocations.needsTokenHash).toBe(false)
  })
})

describe('a full memory', () => {
  it('refuses to revoke and forgets nothing', async () => {
    const revocations = empty(2)
    await revocations.revoke({ issuer: name, jti: 'a', keepSeconds: 60 })
    await revocations.revoke({ issuer: name, jti: 'b', keepSeconds: 60 })
    expect(await outcome(revocations.revoke({ issuer: name, jti: 'c', keepSeconds: 60 }))).toBe('STORE_UNAVAILABLE')
    expect(await judged(revocations, { jti: 'a' })).toBe('TOKEN_REVOKED')
    expect(await judged(revocations, { jti: 'b' })).toBe('TOKEN_REVOKED')
  })

  it('still prolongs what it has', async () => {
    const revocations = empty(1)
    await revocations.revoke({ issuer: name, jti: 'a', keepSeconds: 60 })
    await revocations.revoke({ issuer: name, jti: 'a', keepSeconds: 120 })
    await clock.advance(100)
    expect(await judged(revocations, { jti: 'a' })).toBe('TOKEN_REVOKED')
  })
})

describe('entries', () => {
  it('survive as JSON in another life', async () => {
    const [before, after] = [empty(), empty()]
    await before.revoke({ issuer: name, jti: 'a', keepSeconds: 60 })
    await before.revoke({ issuer: name, session: 's', issuedBefore: 7, keepSeconds: 60 })
    await before.revoke({ token: 'opaque', keepSeconds: 60 })
    const json = JSON.stringify(before.entries())
    expect(json).not.toContain('opaque')
    for (const entry of JSON.parse(json) as RevocationEntry[]) after.add(entry)
    expect(after.entries()).toEqual(before.entries())
  })
})

it.each<unknown>([
  undefined,
  {},
  { issuer: name, keepSeconds: 1 },
  { issuer: name, jti: 'a' },
  { issuer: name, jti: '', keepSeconds: 1 },
  { issuer: name, jti: 'a', keepSeconds: 0 },
  { issuer: name, jti: 'a', keepSeconds: Infinity },
  { issuer: name, jti: 'a', keepSeconds: '1' },
  { issuer: name, jti: 'a', issuedBefore: 1, keepSeconds: 1 },
  { issuer: name, jti: 'a', subject: 'b', keepSeconds: 1 },
  { issuer: name, jti: 'a', client: 'b', keepSeconds: 1 },
  { issuer: name, subject: 'a', issuedBefore: '1', keepSeconds: 1 },
  { issuer: name, token: 'a', keepSeconds: 1 },
  { token: 7, keepSeconds: 1 },
  { jti: 'a', keepSeconds: 1 },
])('refuses to take %j for a revocation', async (revocation) => {
  const revocations = empty()
  await expect(revocations.revoke(revocation as Revocation)).rejects.toThrow(TypeError)
  expect(revocations.entries()).toEqual([])
})

it('names what is wrong with its options', () => {
  expect(() => memoryRevocations({ mostEntries: 0 })).toThrow('memoryRevocations: mostEntries must be a number')
  expect(() => memoryRevocations({ most: 1 } as object)).toThrow('unknown option "most"')
})

const ORDER_OF_P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** ECDSA accepts (r, n - s) wherever it accepts (r, s). */
function withOtherSignature(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  const hex = Buffer.from(signature, 'base64url').toString('hex')
  const s = (ORDER_OF_P256 - BigInt(`0x${hex.slice(64)}`)).toString(16).padStart(64, '0')
  return [header, claims, Buffer.from(hex.slice(0, 64) + s, 'hex').toString('base64url')].join('.')
}
