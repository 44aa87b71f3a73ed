import { unsafeAnyAudience } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf, scene } from '../scene.ts'

const { issuer, trusting } = await scene()
const verifier = trusting()

describe('the profile "rfc9068"', () => {
  verifies('RFC9068-2.2-a')('refuses a token without any one of its claims', async () => {
    const missing = ['exp', 'aud', 'sub', 'client_id', 'iat', 'jti']
    for (const name of missing) {
      const refusal = await refusalOf(verifier.verify(await issuer.mint({}, { omit: [name] })))
      expect([name, refusal.code]).toEqual([name, 'CLAIM_MISSING'])
      expect(refusal.message).toContain(`${name} is missing`)
    }
    expect(await outcome(verifier.verify(await issuer.mint({}, { omit: ['iss'] })))).toBe('ISSUER_UNTRUSTED')
  })

  it('asks for aud even where any audience will do', async () => {
    const any = trusting({ audience: unsafeAnyAudience })

    expect(await outcome(any.verify(await issuer.mint({ aud: 'https://other.example' })))).toBe('accepted')
    expect(await outcome(any.verify(await issuer.mint({}, { omit: ['aud'] })))).toBe('CLAIM_MISSING')
  })

  it('does not ask for a scope', async () => {
    const token = await verifier.verify(await issuer.mint({}, { omit: ['scope'] }))

    expect(token.scopes).toEqual([])
  })

  it.each(['sub', 'client_id', 'jti'])('takes %s as a non-empty string only', async (name) => {
    for (const value of [null, 1, true, '', [], ['user-1'], { value: 'user-1' }]) {
      const refusal = await refusalOf(verifier.verify(await issuer.mint({ [name]: value })))
      expect([value, refusal.code]).toEqual([value, 'CLAIM_INVALID'])
      expect(refusal.message).toContain(name)
      expect(refusal.message).not.toContain('user-1')
    }
  })

  it('names what a claim was instead, and not its value', async () => {
    for (const [value, kind] of [
      ['', 'empty'],
      [null, 'null'],
      [['secret'], 'an array'],
      [{ secret: 1 }, 'object'],
      [7, 'number'],
    ] as const) {
      const { message } = await refusalOf(verifier.verify(await issuer.mint({ sub: value })))
      expect(message).toBe(`sub must be a non-empty string, but is ${kind}`)
    }
  })

  verifies('RFC7519-4.1.1-a')('takes iss, sub and jti as strings, each as it was written', async () => {
    expect(await outcome(verifier.verify(await issuer.mint({ iss: [issuer.issuer] })))).toBe('ISSUER_UNTRUSTED')
    expect(await outcome(verifier.verify(await issuer.mint({ sub: 1 })))).toBe('CLAIM_INVALID')
    expect(await outcome(verifier.verify(await issuer.mint({ jti: { id: 1 } })))).toBe('CLAIM_INVALID')

    const token = await verifier.verify(await issuer.mint({ sub: 'User-\u00c4', jti: 'ID' }))
    expect([token.subject, token.id]).toEqual(['User-\u00c4', 'ID'])
  })

  verifies('RFC8725-3.12-a')('refuses ID tokens, also those for the same audience', async () => {
    expect(await outcome(verifier.verify(await issuer.idToken()))).toBe('TOKEN_TYPE_REJECTED')
    expect(await outcome(verifier.verify(await issuer.idToken({ aud: 'https://api.example' })))).toBe(
      'TOKEN_TYPE_REJECTED',
    )
  })

  it('knows nothing of cid and scp', async () => {
    const cid = await issuer.mint({ cid: 'client-9' }, { omit: ['client_id'] })
    const token = await verifier.verify(await issuer.mint({ cid: 'client-9', scp: ['admin'] }, { omit: ['scope'] }))

    expect(await outcome(verifier.verify(cid))).toBe('CLAIM_MISSING')
    expect([token.clientId, token.scopes]).toEqual(['client-1', []])
  })
})
