import { format, inspect } from 'node:util'
import type { TokenwardEvent } from '@tokenward/core'
import { createResourceServer, createVerifier, isAuthError, logRefusals, scopes } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../requirements/verifies.ts'
import { AUDIENCE, outcome, requestWith, scene } from './scene.ts'

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

describe('a listener', () => {
  const failures: readonly (readonly [string, () => void])[] = [
    [
      'throws',
      () => {
        throw new Error('listener')
      },
    ],
    [
      'throws what is no error',
      () => {
        throw undefined
      },
    ],
    ['rejects', async () => Promise.reject(new Error('listener'))],
    ['never settles', () => new Promise(() => {})],
    [
      'answers something that throws when it is looked at',
      () => new Proxy({}, { has: () => Reflect.get(Object(undefined), 'x').y }),
    ],
  ]

  it.each(failures)('that %s changes no decision', async (_how, onEvent) => {
    const unhandled: unknown[] = []
    const remember = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', remember)
    const { issuer, trusting } = await scene()
    const verifier = trusting({ onEvent })
    const server = createResourceServer({ verifier, onEvent })
    const token = await verifier.verify(await issuer.mint())

    expect(await outcome(verifier.verify('x'))).toBe('TOKEN_MALFORMED')
    expect((await server.authenticate(requestWith())).granted).toBe(false)
    expect(server.authorize(token, scopes('orders:write'))).toMatchObject({ status: 403 })
    expect(server.authorize(token, scopes('orders:read')).granted).toBe(true)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    process.off('unhandledRejection', remember)
    expect(unhandled).toEqual([])
  })
})

describe('everything that is reported', () => {
  verifies(
    'RFC6749-10.3-a',
    'RFC9700-4.9.3-a',
    'RFC6750-5.3-b',
  )('holds no token and no part of one', async () => {
    const { issuer, clock, events, serving } = await scene()
    const other = await testIssuer({ algorithm: 'ES256', keySeries: 'stranger', clock })
    const server = serving({ claims: undefined })
    const good = await issuer.mint()
    const lines: string[] = []
    const log = logRefusals({ warn: (line) => void lines.push(line), error: (line) => void lines.push(line) })
    const tokens = [
      good,
      `${good.slice(0, -8)}AAAAAAAA`,
      `${good}=`,
      `${good}.x`,
      good.slice(0, -30),
      `${good}.${good}`,
      await other.mint(),
      await issuer.mint({ iss: 'https://other.example' }),
      await issuer.mint({ aud: 'https://other.example' }),
      await issuer.mint({ exp: 1 }),
      await issuer.mint({ nbf: clock.nowSeconds() + 999 }),
      await issuer.mint({ cnf: { jkt: 'x' } }),
      await issuer.mint({}, { omit: ['sub'] }),
      await issuer.mint({}, { header: { typ: 'JWT' } }),
      await issuer.mint({}, { header: { alg: 'none' } }),
      await issuer.mint({}, { header: { kid: 'nobody' } }),
      await issuer.mint({ padding: 'x'.repeat(20_000) }),
    ]
    for (const token of tokens) {
      const decision = await server.authenticate(requestWith(`Bearer ${token}`))
      const error = decision.granted ? undefined : decision.error
      const shown = [...events, error].flatMap((thing) => [
        JSON.stringify(thing),
        inspect(thing, { depth: 9, showHidden: true }),
      ])
      for (const event of events) log(event)
      const everything = [...shown, ...lines, error?.stack, format('%s %o', error, events)].join('\n')
      for (const part of token.split('.').filter(({ length }) => length > 20)) {
        expect(everything).not.toContain(part)
        expect(everything).not.toContain(part.slice(-20))
      }
      expect(isAuthError(error)).toBe(token !== good)
      events.length = 0
    }
    expect(lines.length).toBe(tokens.length - 1)
  })

  it('holds nothing of an Authorization field that is malformed', async () => {
    const { events, serving } = await scene()
    const server = serving()
    for (const value of [
      'Bearer se cret',
      'Bearer "secret"',
      'Basic secret',
      'secret',
      'Bearer secret, Bearer secret',
    ]) {
      const decision = await server.authenticate(requestWith(value))
      expect(inspect([decision, events], { depth: 9 })).not.toMatch(/se ?cret/)
    }
    expect(events).toHaveLength(5)
  })
})

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
