import type { TokenwardEvent } from '@tokenward/core'
import { createVerifier } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome, scene } from '../scene.ts'

describe('events', () => {
  it('tell of a token that passed, and whose it is', async () => {
    const { issuer, events, trusting } = await scene()
    await trusting().verify(await issuer.mint())

    expect(events).toEqual([{ type: 'verified', issuer: issuer.issuer, subject: 'user-1', clientId: 'client-1' }])
  })

  it('tell of a refusal with code and message, and whose token it was once that is sure', async () => {
    const { issuer, events, trusting } = await scene()
    const forged = `${(await issuer.mint()).slice(0, -8)}AAAAAAAA`
    await outcome(trusting().verify(forged))
    await outcome(trusting().verify(await issuer.mint({ aud: 'https://other.example' })))

    expect(events).toEqual([
      { type: 'refused', code: 'SIGNATURE_INVALID', message: expect.stringContaining('"key-1"'), cause: undefined },
      {
        type: 'refused',
        code: 'AUDIENCE_MISMATCH',
        message: expect.stringContaining('https://other.example'),
        cause: undefined,
        issuer: issuer.issuer,
        subject: 'user-1',
        clientId: 'client-1',
      },
    ])
  })

  it('take only names that are text for whose token it was', async () => {
    const { issuer, events, trusting } = await scene()
    await outcome(trusting().verify(await issuer.mint({ sub: { a: 1 }, client_id: 7, cid: ['x'] })))

    expect(events).toMatchObject([{ type: 'refused', issuer: issuer.issuer, subject: undefined, clientId: undefined }])
  })

  it('tell of keys that were fetched and of those that were skipped', async () => {
    const { issuer, events, verifier } = await scene()
    issuer.publish({ kty: 'AKP', kid: 'pq' })
    await verifier.warmUp()

    expect(events).toEqual([
      {
        type: 'keys-refreshed',
        issuer: issuer.issuer,
        keyCount: 1,
        skipped: [{ kid: 'pq', reason: 'its kty is missing or unknown' }],
      },
    ])
  })

  it('tell of a key that is gone', async () => {
    const { issuer, events, verifier } = await scene()
    await verifier.warmUp()
    const { kid } = issuer
    await issuer.rotate()
    await outcome(verifier.verify(await issuer.mint()))

    expect(events.slice(1)).toMatchObject([
      { type: 'key-withdrawn', issuer: issuer.issuer, kid },
      { type: 'keys-refreshed', keyCount: 1 },
      { type: 'verified' },
    ])
  })

  it('tell of keys that could not be fetched, and when that may be tried again', async () => {
    const { issuer, events, verifier } = await scene({ respond: () => new Response(null, { status: 500 }) })
    await outcome(verifier.verify(await issuer.mint()))

    expect(events).toMatchObject([
      {
        type: 'keys-refresh-failed',
        issuer: issuer.issuer,
        reason: 'status',
        message: expect.stringContaining('500'),
        retryAfterSeconds: expect.any(Number),
      },
      { type: 'refused', code: 'KEYS_UNAVAILABLE' },
    ])
  })

  it('tell of keys that are served though they ran out', async () => {
    let isDown = false
    const { clock, issuer, events, verifier } = await scene({
      respond: () => (isDown ? new Response(null, { status: 500 }) : undefined),
    })
    await verifier.warmUp()
    isDown = true
    await clock.advance(1800)
    events.length = 0
    await verifier.verify(await issuer.mint())

    expect(events).toContainEqual({ type: 'stale-keys-served', issuer: issuer.issuer, ageSeconds: 1800 })
  })

  it('tell once that tokens name unknown keys too often', async () => {
    const { issuer, events, verifier } = await scene()
    await verifier.warmUp()
    for (const kid of ['a', 'b', 'c', 'd']) await outcome(verifier.verify(await issuer.mint({}, { header: { kid } })))

    expect(events.filter(({ type }) => type === 'unknown-key-limited')).toEqual([
      { type: 'unknown-key-limited', issuer: issuer.issuer },
    ])
  })

  it('tell once that verifiers are built over and over', async () => {
    const clock = manualClock()
    const issuer = await testIssuer({ algorithm: 'ES256', clock, issuer: 'https://rebuilt.example' })
    const heard: TokenwardEvent[] = []
    const build = async (): Promise<void> => {
      const verifier = createVerifier({
        issuer: issuer.issuer,
        audience: AUDIENCE,
        system: { ...clock, fetch: issuer.fetch },
        onEvent: (event) => void heard.push(event),
      })
      await verifier.verify(await issuer.mint())
      await verifier.close()
    }
    const warnings = (): TokenwardEvent[] => heard.filter(({ type }) => type === 'verifier-built-repeatedly')
    for (let count = 0; count < 9; count += 1) await build()
    expect(warnings()).toEqual([])
    for (let count = 0; count < 9; count += 1) await build()

    expect(warnings()).toEqual([
      { type: 'verifier-built-repeatedly', issuers: [issuer.issuer], count: 10, withinSeconds: 60 },
    ])
    await clock.advance(61)
    await build()
    expect(warnings()).toHaveLength(1)
  })
})
