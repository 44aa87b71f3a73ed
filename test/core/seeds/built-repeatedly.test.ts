import type { TokenwardEvent, Verifier } from '@tokenward/core'
import { createVerifier, jwtIssuer, logRefusals, staticKeys } from '@tokenward/core'
import type { ManualClock, TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome } from '../scene.ts'

interface Program {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  readonly warnings: () => readonly TokenwardEvent[]
  readonly lines: readonly string[]
  readonly build: () => Verifier
  /** What a handler does that builds a verifier for each request. */
  readonly request: () => Promise<void>
}

/** All verifiers of this process are counted by their issuers, so each test has one of its own. */
async function program(name: string, startSeconds?: number): Promise<Program> {
  const clock = manualClock(startSeconds)
  const issuer = await testIssuer({ issuer: `https://${name}.example`, algorithm: 'ES256', clock })
  const events: TokenwardEvent[] = []
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const log = logRefusals({ warn: write, error: write })
  const build = () =>
    createVerifier({
      issuer: jwtIssuer({ issuer: issuer.issuer, keys: staticKeys(issuer.jwks()) }),
      audience: AUDIENCE,
      system: clock,
      onEvent: (event) => {
        events.push(event)
        log(event)
      },
    })
  return {
    clock,
    issuer,
    lines,
    build,
    warnings: () => events.filter(({ type }) => type === 'verifier-built-repeatedly'),
    request: async () => {
      await build().verify(await issuer.mint())
    },
  }
}

describe('verifier-built-repeatedly', () => {
  it('is reported by the tenth verifier that verifies within a minute, and once', async () => {
    const { request, warnings, issuer } = await program('per-request')
    for (let n = 0; n < 9; n += 1) await request()
    expect(warnings()).toEqual([])
    for (let n = 0; n < 41; n += 1) await request()
    expect(warnings()).toEqual([
      { type: 'verifier-built-repeatedly', issuers: [issuer.issuer], count: 10, withinSeconds: 60 },
    ])
  })

  it('is one line of the log', async () => {
    const { request, lines } = await program('logged')
    for (let n = 0; n < 20; n += 1) await request()
    expect(lines).toEqual(['tokenward: 10 verifiers were built within 60 s; build one and keep it'])
  })

  it('is not reported for one verifier, however much it verifies', async () => {
    const { build, issuer, warnings } = await program('kept')
    const verifier = build()
    for (let n = 0; n < 1000; n += 1) await verifier.verify(await issuer.mint())
    expect(warnings()).toEqual([])
  })

  it('is not reported for verifiers that are built and not used', async () => {
    const { build, warnings } = await program('unused')
    for (let n = 0; n < 100; n += 1) build()
    expect(warnings()).toEqual([])
  })

  it('is not reported where nine come in every minute', async () => {
    const { request, clock, warnings } = await program('slowly')
    for (let minute = 0; minute < 5; minute += 1) {
      for (let n = 0; n < 9; n += 1) await request()
      await clock.advance(60)
    }
    expect(warnings()).toEqual([])
  })

  it('counts the issuers of a process apart', async () => {
    const programs = await Promise.all(['one', 'two', 'three'].map(async (name) => program(name)))
    for (let n = 0; n < 9; n += 1) for (const { request } of programs) await request()
    expect(programs.flatMap(({ warnings }) => warnings())).toEqual([])
  })

  it('counts refused tokens too: a fetch for the keys came before the refusal', async () => {
    const { build, issuer, warnings } = await program('refusing')
    for (let n = 0; n < 10; n += 1) {
      expect(await outcome(build().verify(await issuer.mint({ aud: 'elsewhere' })))).toBe('AUDIENCE_MISMATCH')
    }
    expect(warnings()).toHaveLength(1)
  })

  it('survives a clock that is set back', async () => {
    const { request, warnings } = await program('set-back', 1_800_000_000)
    for (let n = 0; n < 5; n += 1) await request()
    const later = await program('set-back', 1_700_000_000)
    for (let n = 0; n < 9; n += 1) await later.request()
    expect([...warnings(), ...later.warnings()]).toEqual([])
    await later.request()
    expect(later.warnings()).toHaveLength(1)
  })

  it('has a memory with bounds, and forgets the oldest first', async () => {
    const old = await program('oldest')
    for (let n = 0; n < 5; n += 1) await old.request()
    for (let n = 0; n < 100; n += 1) await (await program(`other-${n}`)).request()
    for (let n = 0; n < 9; n += 1) await old.request()
    expect(old.warnings()).toEqual([])
    await old.request()
    expect(old.warnings()).toHaveLength(1)
  })
})
