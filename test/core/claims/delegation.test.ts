import { createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, requestWith, scene } from '../scene.ts'

const { issuer, trusting, serving } = await scene()
const verifier = trusting()

describe('act', () => {
  verifies('RFC8693-4.1-a')('names the actor by its outermost member only', async () => {
    const { actor } = await verifier.verify(
      await issuer.mint({ act: { sub: 'service-1', act: { sub: 'service-2', client_id: 'hidden', iss: 'x' } } }),
    )

    expect(actor).toEqual({ subject: 'service-1', issuer: undefined, clientId: undefined })
    expect(JSON.stringify(actor)).not.toContain('service-2')
  })

  it('is not there where the subject acts', async () => {
    expect((await verifier.verify(await issuer.mint())).actor).toBeUndefined()
  })

  it('leaves the subject alone', async () => {
    expect((await verifier.verify(await issuer.mint({ act: { sub: 'admin' } }))).subject).toBe('user-1')
  })

  it.each([[null], ['service-1'], [1], [true], [[{ sub: 'service-1' }]]])('as %j is refused', async (act) => {
    expect(await outcome(verifier.verify(await issuer.mint({ act })))).toBe('CLAIM_INVALID')
  })

  it.each(['sub', 'iss', 'client_id'])('with a %s that is no string is refused', async (name) => {
    for (const value of [null, 1, '', [], {}]) {
      expect(await outcome(verifier.verify(await issuer.mint({ act: { [name]: value } })))).toBe('CLAIM_INVALID')
    }
  })

  it('may be empty', async () => {
    expect((await verifier.verify(await issuer.mint({ act: {} }))).actor).toEqual({})
  })
})

describe('cnf', () => {
  verifies(
    'RFC7800-3.1-a',
    'RFC7800-3.1-b',
    'RFC8705-3-c',
    'RFC9449-7.2-a',
  )('makes a token no bearer token, whatever it holds', async () => {
    const server = createResourceServer({ verifier })
    for (const cnf of [
      { jkt: 'thumbprint' },
      { 'x5t#S256': 'thumbprint' },
      { jkt: 'thumbprint', 'x5t#S256': 'thumbprint' },
      { foo: 1 },
      { jwk: issuer.publicKey },
      {},
      null,
      'jkt',
      0,
      false,
      [],
    ]) {
      const token = await issuer.mint({ cnf })
      expect([cnf, await outcome(verifier.verify(token))]).toEqual([cnf, 'CONFIRMATION_UNSUPPORTED'])
      expect(await server.authenticate(requestWith(`Bearer ${token}`))).toMatchObject({
        status: 401,
        body: { error: 'invalid_token' },
      })
    }
  })

  it('counts under the profile "jwt" too', async () => {
    const token = await issuer.mint({ cnf: { jkt: 'thumbprint' } })

    expect(await outcome(trusting({ issuer: { profile: 'jwt' } }).verify(token))).toBe('CONFIRMATION_UNSUPPORTED')
  })

  it('is not accepted under another scheme either', async () => {
    const token = await issuer.mint({ cnf: { jkt: 'thumbprint' } })

    expect(await serving().authenticate(requestWith(`DPoP ${token}`))).toMatchObject({
      granted: false,
      status: 401,
      error: { code: 'TOKEN_MISSING' },
    })
  })
})
