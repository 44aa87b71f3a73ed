import { createVerifier } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import { afterEach, describe, expect, it } from 'vitest'

// Some libraries put a Promise of their own in the place of the global one. What asynchronous functions return is then an
// instance of the language's Promise and not of the global one.

const clock = manualClock()
const language = globalThis.Promise

afterEach(() => {
  globalThis.Promise = language
})

describe.each(['RS256', 'ES256', 'ES384'] as const)('with another global Promise, a token with %s', (algorithm) => {
  it('is good or refused by its signature, from the first one on', async () => {
    const issuer = await testIssuer({ algorithm, clock })
    const impostor = await testIssuer({ algorithm, clock, keySeries: 'impostor' })
    const forged = await impostor.mint({}, { header: { kid: issuer.kid } })
    const good = await issuer.mint()
    const verifier = createVerifier({
      issuer: issuer.issuer,
      audience: 'https://api.example',
      system: { now: clock.now, fetch: issuer.fetch },
    })
    globalThis.Promise = class Other<T> extends language<T> {}

    for (let round = 0; round < 3; round += 1) {
      const refusal = await verifier.verify(forged).then(
        () => 'accepted',
        (error: { readonly code: string }) => error.code,
      )
      expect(refusal).toBe('SIGNATURE_INVALID')
      expect((await verifier.verify(good)).subject).toBe('user-1')
    }
  })
})
