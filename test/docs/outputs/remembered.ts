import { createVerifier, isAuthError, memoryRevocations } from '@tokenward/core'
import type { Verifier } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import type { ManualClock, TestIssuer } from '@tokenward/testing'

import { audience, issuerName, networkFailure } from './host.ts'
import type { Outputs } from './output.ts'

interface Scene {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  readonly verifier: Verifier
  readonly stop: () => void
  readonly revoke: (token: string) => Promise<void>
}

const minutes = (count: number): number => count * 60

async function scene(cache: false | undefined): Promise<Scene> {
  const clock = manualClock()
  let isDown = false
  const issuer = await testIssuer({
    issuer: issuerName,
    algorithm: 'ES256',
    clock,
    respond: () => (isDown ? Promise.reject(networkFailure()) : undefined),
  })
  const revocations = memoryRevocations({ system: clock })
  const system = { ...clock, fetch: issuer.fetch, random: () => 0.5 }
  return {
    clock,
    issuer,
    verifier: createVerifier({ issuer: issuerName, audience, cache, revocations, system }),
    stop: () => void (isDown = true),
    revoke: (token) => revocations.revoke({ token, keepSeconds: minutes(60) }),
  }
}

const changes: readonly (readonly [string, (scene: Scene, token: string) => Promise<unknown>])[] = [
  ['nothing changes', async () => {}],
  ['29 seconds after it expired', async ({ clock }) => clock.advance(minutes(120) + 29)],
  ['30 seconds after it expired', async ({ clock }) => clock.advance(minutes(120) + 30)],
  ['it is revoked', async ({ revoke }, token) => revoke(token)],
  [
    'its key is withdrawn, and a new one seen',
    async ({ issuer, verifier }) => {
      await issuer.rotate()
      await verifier.verify(await issuer.mint({ aud: audience }))
    },
  ],
  [
    'the issuer is down for 60 minutes',
    async ({ clock, stop }) => {
      stop()
      await clock.advance(minutes(60))
    },
  ],
  [
    'the issuer is down for 80 minutes',
    async ({ clock, stop }) => {
      stop()
      await clock.advance(minutes(80))
    },
  ],
]

/** The answer to a token that was accepted three times, after something changed. */
async function answerAfter(change: (typeof changes)[number][1], cache: false | undefined): Promise<string> {
  const at = await scene(cache)
  const token = await at.issuer.mint({ aud: audience, exp: at.clock.nowSeconds() + minutes(120) })
  for (let request = 0; request < 3; request += 1) await at.verifier.verify(token)
  await change(at, token)
  try {
    await at.verifier.verify(token)
    return '200'
  } catch (error) {
    if (isAuthError(error)) return `${error.status} ${error.code}`
    throw error
  } finally {
    await at.verifier.close()
  }
}

async function rememberedTokens(): Promise<string> {
  const lines = [`${'meanwhile'.padEnd(42)}${'remembered'.padEnd(24)}cache: false`]
  for (const [name, change] of changes) {
    const remembered = await answerAfter(change, undefined)
    lines.push(`${name.padEnd(42)}${remembered.padEnd(24)}${await answerAfter(change, false)}`)
  }
  return lines.join('\n')
}

export const rememberedOutputs: Outputs = { 'remembered-tokens': rememberedTokens }
