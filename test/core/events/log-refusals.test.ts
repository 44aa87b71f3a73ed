import type { TokenwardEvent } from '@tokenward/core'
import { createResourceServer, logRefusals, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { outcome, scene } from '../scene.ts'

describe('logRefusals', () => {
  function logged(event: TokenwardEvent): { warn: string[]; error: string[] } {
    const lines = { warn: [] as string[], error: [] as string[] }
    logRefusals({ warn: (line) => void lines.warn.push(line), error: (line) => void lines.error.push(line) })(event)
    return lines
  }

  it('warns of refusals, in one line with all that is known', () => {
    expect(
      logged({
        type: 'refused',
        code: 'TOKEN_EXPIRED',
        message: 'the token expired 90 s ago',
        issuer: 'https://issuer.example',
        subject: 'user-1',
        clientId: 'client-1',
      }),
    ).toEqual({
      warn: ['tokenward: refused 401 TOKEN_EXPIRED: the token expired 90 s ago (subject "user-1", client "client-1")'],
      error: [],
    })
  })

  it('leaves out what is not known', () => {
    expect(logged({ type: 'refused', code: 'TOKEN_MISSING', message: 'none' }).warn).toEqual([
      'tokenward: refused 401 TOKEN_MISSING: none',
    ])
    expect(logged({ type: 'refused', code: 'POLICY_DENIED', message: 'no', clientId: 'c' }).warn).toEqual([
      'tokenward: refused 403 POLICY_DENIED: no (client "c")',
    ])
  })

  it('calls what is no fault of the client an error', () => {
    for (const code of ['POLICY_FAULT', 'NOT_AUTHENTICATED', 'INTERNAL_FAULT', 'KEYS_UNAVAILABLE'] as const) {
      expect(logged({ type: 'refused', code, message: 'x' })).toMatchObject({ warn: [], error: [expect.any(String)] })
    }
    expect(
      logged({
        type: 'keys-refresh-failed',
        issuer: 'https://issuer.example',
        reason: 'status',
        message: 'answered 500',
        retryAfterSeconds: 5,
      }).error,
    ).toEqual(['tokenward: keys of "https://issuer.example" not fetched (status): answered 500'])
  })

  it('warns of verifiers that are built over and over', () => {
    expect(
      logged({ type: 'verifier-built-repeatedly', issuers: ['https://a.example'], count: 10, withinSeconds: 60 }),
    ).toEqual({ warn: ['tokenward: 10 verifiers were built within 60 s; build one and keep it'], error: [] })
  })

  it('calls keys that ran out an error', () => {
    expect(logged({ type: 'stale-keys-served', issuer: 'https://a.example', ageSeconds: 700.4 })).toEqual({
      warn: [],
      error: [
        'tokenward: keys of "https://a.example" are 700 s old and still serve, since newer ones cannot be fetched',
      ],
    })
  })

  it('writes one line whatever the message is', () => {
    const message = 'a\nb\r\u2028\u2029\u001b[2J\u202e\u0000'
    const { warn } = logged({ type: 'refused', code: 'POLICY_DENIED', message })

    expect(warn).toEqual([
      String.raw`tokenward: refused 403 POLICY_DENIED: a\u000ab\u000d\u2028\u2029\u001b[2J\u202e\u0000`,
    ])
  })

  it('is silent about what went well', () => {
    expect(logged({ type: 'verified', subject: 'user-1' })).toEqual({ warn: [], error: [] })
    expect(logged({ type: 'keys-refreshed', issuer: 'x', keyCount: 1, skipped: [] })).toEqual({ warn: [], error: [] })
    expect(logged({ type: 'key-withdrawn', issuer: 'x', kid: 'y' })).toEqual({ warn: [], error: [] })
    expect(logged({ type: 'unknown-key-limited', issuer: 'x' })).toEqual({ warn: [], error: [] })
  })

  it('writes one line whatever the token says', async () => {
    const lines: string[] = []
    const { issuer, trusting } = await scene()
    const verifier = trusting({
      onEvent: logRefusals({ warn: (line) => void lines.push(line), error: (line) => void lines.push(line) }),
    })
    const evil = 'x\r\n2026-01-01 tokenward: verified \u001b[2J\u2028'
    await outcome(verifier.verify(await issuer.mint({ iss: evil })))
    await outcome(verifier.verify(await issuer.mint({ sub: evil, client_id: evil, aud: [evil] })))
    await outcome(verifier.verify(await issuer.mint({}, { header: { kid: evil } })))
    await outcome(verifier.verify(await issuer.mint({}, { header: { alg: evil } })))
    await outcome(verifier.verify(await issuer.mint({}, { header: { typ: evil } })))

    expect(lines).toHaveLength(5)
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/)
  })

  it('writes one line whatever a policy says of the token', async () => {
    const lines: string[] = []
    const { issuer, verifier } = await scene()
    const server = createResourceServer({
      verifier,
      onEvent: logRefusals({ warn: (line) => void lines.push(line), error: (line) => void lines.push(line) }),
    })
    const token = await verifier.verify(await issuer.mint({ scope: 'a', sub: 'x\ntokenward: verified' }))
    server.authorize(token, scopes('b'))

    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[\x20-\x7e]*$/)
  })
})
