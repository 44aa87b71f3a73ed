import { unsafeAnyAudience } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf, scene } from '../scene.ts'

const { issuer, clock, events, trusting } = await scene({ typ: 'JWT' })
const verifier = trusting({ issuer: { profile: 'jwt' } })

/** A token of which nothing says what kind it is. */
const unmarked = { omit: ['client_id', 'scope', 'jti', 'iat'] }

describe('the profile "jwt"', () => {
  it.each([
    ['scope', { scope: 'orders:read' }],
    ['an empty scope', { scope: '' }],
    ['scp', { scp: ['orders:read'] }],
    ['client_id', { client_id: 'client-1' }],
    ['cid', { cid: 'client-1' }],
    ['token_use', { token_use: 'access' }],
    ['the claim typ', { typ: 'Bearer' }],
  ])('takes %s as the mark of an access token', async (_what, mark) => {
    const token = await issuer.mint(
      { sub: 'user-1', ...mark },
      { omit: unmarked.omit.filter((name) => !(name in mark)) },
    )

    expect(await outcome(verifier.verify(token))).toBe('accepted')
  })

  it('takes the header type as the mark of an access token', async () => {
    expect(await outcome(verifier.verify(await issuer.mint({}, { ...unmarked, header: { typ: 'at+jwt' } })))).toBe(
      'accepted',
    )
  })

  it.each([
    ['nothing', {}],
    ['azp, which ID tokens carry too', { azp: 'client-1' }],
    ['a member that every object has', { constructor: 'client_id' }],
  ])('refuses a token marked by %s', async (_what, mark) => {
    const refusal = await refusalOf(verifier.verify(await issuer.mint(mark, unmarked)))

    expect(refusal.code).toBe('TOKEN_TYPE_REJECTED')
    expect(refusal.message).toContain('nothing marks the token')
  })

  it.each([
    ['nonce', { nonce: 'n' }],
    ['at_hash', { at_hash: 'h' }],
    ['c_hash', { c_hash: 'h' }],
    ['s_hash', { s_hash: 'h' }],
    ['events', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['a null nonce', { nonce: null }],
    ['token_use', { token_use: 'id' }],
    ['token_use of the wrong case', { token_use: 'Access' }],
    ['token_use of the wrong type', { token_use: ['access'] }],
    ['the claim typ', { typ: 'ID' }],
    ['the claim typ of a refresh token', { typ: 'Refresh' }],
    ['the claim typ of the wrong case', { typ: 'bearer' }],
  ])('refuses another kind of token by %s, whatever else marks it', async (_what, mark) => {
    const marks = { scope: 'orders:read', client_id: 'client-1', ...mark }

    expect(await outcome(verifier.verify(await issuer.mint(marks)))).toBe('TOKEN_TYPE_REJECTED')
    expect(await outcome(verifier.verify(await issuer.mint(marks, { header: { typ: 'at+jwt' } })))).toBe(
      'TOKEN_TYPE_REJECTED',
    )
  })

  verifies('RFC8725-3.12-a')('refuses ID tokens, also those for the same audience', async () => {
    for (const claims of [{}, { aud: AUDIENCE }, { aud: AUDIENCE, scope: 'openid', azp: 'client-1' }]) {
      const token = await issuer.idToken(claims)
      expect(
        await outcome(trusting({ issuer: { profile: 'jwt' }, audience: [AUDIENCE, 'client-1'] }).verify(token)),
      ).toBe('TOKEN_TYPE_REJECTED')
    }
    const bare = await issuer.idToken({ aud: AUDIENCE }, { omit: ['nonce', 'at_hash'] })
    expect(await outcome(verifier.verify(bare))).toBe('TOKEN_TYPE_REJECTED')
  })

  it('asks for iss, aud and exp, and for no more', async () => {
    const token = await verifier.verify(await issuer.mint({}, { omit: ['sub', 'client_id', 'iat', 'jti'] }))

    expect(token).toMatchObject({ subject: undefined, clientId: undefined, issuedAt: undefined, id: undefined })
    expect(await outcome(verifier.verify(await issuer.mint({}, { omit: ['exp'] })))).toBe('CLAIM_MISSING')
    expect(await outcome(verifier.verify(await issuer.mint({}, { omit: ['aud'] })))).toBe('CLAIM_MISSING')
    expect(await outcome(verifier.verify(await issuer.mint({}, { omit: ['iss'] })))).toBe('ISSUER_UNTRUSTED')
  })

  it('does without aud only where any audience will do', async () => {
    const any = trusting({ issuer: { profile: 'jwt' }, audience: unsafeAnyAudience })

    expect((await any.verify(await issuer.mint({}, { omit: ['aud'] }))).audience).toEqual([])
    expect((await any.verify(await issuer.mint({ aud: ['x', 'y'] }))).audience).toEqual(['x', 'y'])
    expect(await outcome(any.verify(await issuer.mint({ aud: 7 })))).toBe('CLAIM_INVALID')
  })

  it.each(['sub', 'client_id', 'cid', 'jti'])('takes %s as a non-empty string, where it is there', async (name) => {
    const omit = name === 'cid' ? ['client_id'] : []
    for (const value of [null, 1, '', ['x']]) {
      expect(await outcome(verifier.verify(await issuer.mint({ [name]: value }, { omit })))).toBe('CLAIM_INVALID')
    }
  })

  it('knows the client by client_id, else by cid', async () => {
    const both = await verifier.verify(await issuer.mint({ cid: 'client-2' }))
    const cid = await verifier.verify(await issuer.mint({ cid: 'client-2' }, { omit: ['client_id'] }))

    expect([both.clientId, cid.clientId]).toEqual(['client-1', 'client-2'])
  })

  it('reports the client by cid too', async () => {
    events.length = 0
    const expired = { cid: 'client-2', exp: clock.nowSeconds() - 60 }
    await outcome(verifier.verify(await issuer.mint({ cid: 'client-2' }, { omit: ['client_id'] })))
    await outcome(verifier.verify(await issuer.mint(expired, { omit: ['client_id'] })))

    expect(events).toMatchObject([
      { type: 'verified', clientId: 'client-2' },
      { type: 'refused', clientId: 'client-2' },
    ])
  })
})
