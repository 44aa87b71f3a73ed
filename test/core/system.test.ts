import { createVerifier } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { AUDIENCE, outcome } from './scene.ts'

const original = globalThis.fetch
const issuer = await testIssuer({ algorithm: 'ES256' })

afterEach(() => {
  globalThis.fetch = original
})

describe('without a system', () => {
  it('the clock and the network are those of the host', async () => {
    globalThis.fetch = issuer.fetch
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })
    const past = Math.floor(Date.now() / 1000) - 60

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({ exp: past })))).toBe('TOKEN_EXPIRED')
    await verifier.close()
  })

  it('a fetch that was instrumented later is found', async () => {
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })
    let calls = 0
    globalThis.fetch = (input, init) => {
      calls += 1
      return issuer.fetch(input, init)
    }
    await verifier.warmUp()

    expect(calls).toBe(2)
    await verifier.close()
  })

  it('a timer that waits for the next attempt keeps no program alive', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    globalThis.fetch = async () => new Response(null, { status: 500 })
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE })

    expect(await outcome(verifier.warmUp())).toBe('KEYS_UNAVAILABLE')
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(before)
    await verifier.close()
  })
})
