import { createVerifier, isAuthError } from '@tokenward/core'
import type { Verifier } from '@tokenward/core'
import type { ManualClock, TestIssuer } from '@tokenward/testing'
import { manualClock, testIssuer } from '@tokenward/testing'

import { audience, issuerName, networkFailure } from './host.ts'
import type { Outputs } from './output.ts'

interface Scene {
  readonly clock: ManualClock
  readonly issuer: TestIssuer
  readonly verifier: Verifier
  readonly stop: () => void
}

async function scene(): Promise<Scene> {
  const clock = manualClock()
  let isDown = false
  const issuer = await testIssuer({
    issuer: issuerName,
    clock,
    keySeries: 'timelines',
    respond: () => (isDown ? Promise.reject(networkFailure()) : undefined),
  })
  const system = { ...clock, fetch: issuer.fetch, random: () => 0.5 }
  const verifier = createVerifier({ issuer: issuerName, audience, system })
  return { clock, issuer, verifier, stop: () => void (isDown = true) }
}

/** The status that a request with this token gets, and the code of a refusal. */
async function answerTo({ verifier }: Scene, token: string): Promise<string> {
  try {
    await verifier.verify(token)
    return '200'
  } catch (error) {
    if (isAuthError(error)) return `${error.status} ${error.code}`
    throw error
  }
}

/** One request a minute for two hours; a line where the answer or the state of the keys is another than before. */
async function outage(): Promise<string> {
  const run = await scene()
  const lines = ['after    answer                 keys']
  const sinceSeconds = run.clock.nowSeconds()
  let before = ''
  for (let minute = 0; minute <= 120; minute += 1) {
    const answer = await answerTo(run, await run.issuer.mint({ aud: audience }))
    const now = `${answer.padEnd(22)} ${run.verifier.status().issuers[0]?.state}`
    const after = `${(run.clock.nowSeconds() - sinceSeconds) / 60} min`
    if (now !== before) lines.push(`${after.padEnd(8)} ${now}`)
    before = now
    run.stop()
    await run.clock.advance(60)
  }
  await run.verifier.close()
  return lines.join('\n')
}

async function rotation(): Promise<string> {
  const run = await scene()
  const lines = [`${'token'.padEnd(46)} ${'answer'.padEnd(16)} key sets fetched so far`]
  const ask = async (what: string, token: string): Promise<void> => {
    const answer = await answerTo(run, token)
    const fetched = run.issuer.requests.filter((url) => url.endsWith('/jwks')).length
    lines.push(`${what.padEnd(46)} ${answer.padEnd(16)} ${fetched}`)
  }
  const earlier = await run.issuer.mint({ aud: audience })
  await ask('of the first key', earlier)
  await run.issuer.rotate()
  await ask('of the key that replaced it', await run.issuer.mint({ aud: audience }))
  await ask('of the first key, perhaps from a replica', earlier)
  await ask('of the first key again', earlier)
  await ask('of an invented key', await run.issuer.mint({ aud: audience }, { header: { kid: 'invented' } }))
  await run.clock.advance(30)
  await ask('of an invented key, 30 s later', await run.issuer.mint({ aud: audience }, { header: { kid: 'invented' } }))
  await run.verifier.close()
  return lines.join('\n')
}

export const timelineOutputs: Outputs = { 'outage-timeline': outage, 'rotation-timeline': rotation }
