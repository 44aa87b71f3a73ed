// Whether a request costs the same with 1 issuer and with 1,000, with 1 remembered token and with 100,000.
import { performance } from 'node:perf_hooks'
import { openIssuer, withFetch } from './issuer.js'
import { load } from './load.js'
import './loopback-only.js'
import { growthTables } from './report/growth.js'
import { alternate, ratio, settleHeap } from './rounds.js'
import { isProgram, runSection } from './section.js'
import { spread } from './statistics.js'

export const plan = {
  full: { rounds: 15, issuers: [1, 10, 100, 1000], remembered: [1, 1000, 10_000, 100_000] },
  quick: { rounds: 3, issuers: [1, 100, 1000], remembered: [1, 1000, 10_000] },
}
const PRESENTED = 4096

export async function measure({ rounds, issuers, remembered }) {
  const issuer = await openIssuer('ES256')
  const cases = [
    { name: 'issuers, new token', unit: 'issuers', rows: await byIssuers(issuer, issuers, rounds, false) },
    { name: 'issuers, remembered token', unit: 'issuers', rows: await byIssuers(issuer, issuers, rounds, undefined) },
    { name: 'remembered tokens', unit: 'remembered', rows: await byRemembered(issuer, remembered, rounds) },
  ]
  issuer.close()
  return { cases }
}

export const tables = growthTables

/** All issuers have the same key, since making a thousand takes long; their names, metadata and key sets are their own. */
async function byIssuers(issuer, sizes, rounds, cache) {
  const entrants = []
  for (const size of sizes) {
    const names = Array.from({ length: size }, (_, at) => `https://issuer-${at}.example.com`)
    const fetches = new Map(names.map((name) => [name, withFetch({ ...issuer.facts, issuer: name }).fetch]))
    const fetch = (url) => fetches.get(new URL(url).origin)(url)
    const verifier = await verifierOf({ issuer: names, audience: issuer.audience, system: { fetch }, cache })
    const octets = await mintFor(issuer, names, Math.max(256, size))
    entrants.push({ size, verifier, octets })
  }
  return measureEntrants(entrants, rounds)
}

async function byRemembered(issuer, sizes, rounds) {
  const octets = await mintFor(issuer, [issuer.issuer], Math.max(...sizes))
  const entrants = []
  for (const size of sizes) {
    const { issuer: name, audience, fetch } = issuer
    const verifier = await verifierOf({ issuer: name, audience, system: { fetch }, cache: { maxTokens: size } })
    entrants.push({ size, verifier, octets: octets.slice(0, size) })
  }
  return measureEntrants(entrants, rounds)
}

async function verifierOf(options) {
  const { createVerifier } = await load('@tokenward/core')
  const verifier = createVerifier(options)
  await verifier.warmUp()
  return verifier
}

async function mintFor(issuer, names, count) {
  const claims = Array.from({ length: count }, (_, at) => ({ iss: names[at % names.length] }))
  const tokens = await Promise.all(claims.map((claim) => issuer.mint(claim)))
  return tokens.map((token) => Buffer.from(token))
}

async function measureEntrants(entrants, rounds) {
  for (const { verifier, octets } of entrants) {
    // a token is remembered when it passes for the second time
    for (const token of octets) for (let time = 0; time < 2; time += 1) await verifier.verify(token.latin1Slice())
  }
  await alternate(entrants, 2, costPerToken)
  const measured = await alternate(entrants, rounds, costPerToken)
  for (const { verifier } of entrants) await verifier.close()
  const smallest = measured.get(entrants[0])
  return entrants.map((entrant) => ({
    size: entrant.size,
    microseconds: spread(measured.get(entrant).map((run) => run.microseconds)),
    ratio: ratio(measured.get(entrant), smallest, 'microseconds'),
  }))
}

/** Spread over all that is known, in no order that a processor could guess. */
async function costPerToken({ verifier, octets }, round) {
  const tokens = Array.from({ length: PRESENTED }, (_, at) =>
    octets[((at + round * PRESENTED) * 7919) % octets.length].latin1Slice(),
  )
  settleHeap()
  const begin = performance.now()
  for (const token of tokens) await verifier.verify(token)
  return { microseconds: ((performance.now() - begin) * 1000) / tokens.length }
}

if (isProgram(import.meta)) await runSection({ plan, measure, tables })
