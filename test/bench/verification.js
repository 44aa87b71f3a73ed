// How fast a token is verified, beside the peers.
// node test/bench/verification.js --algorithms RS256 --mode sequential --tokens distinct --peers tokenward,raw,jose
import { openIssuer, ALGORITHMS } from './issuer.js'
import './loopback-only.js'
import { alternate, ratio, settleHeap } from './rounds.js'
import { isProgram, runSection } from './section.js'
import { median } from './statistics.js'
import { openEntrant, prepare } from './verification/entrant.js'
import { latency, throughput } from './verification/measure.js'
import { PEERS } from './verification/peers.js'
import { verificationTables } from './report/verification.js'

export const options = {
  algorithms: { values: ALGORITHMS, about: 'signature algorithms' },
  mode: { values: ['sequential', 'concurrent'], about: 'one by one, or 64 at once' },
  tokens: { values: ['distinct', 'repeating'], about: 'each token once, or 1,000 tokens again and again' },
  peers: { values: PEERS.map(({ name }) => name), isOptional: true, about: 'who takes part; ratios are to the first' },
}
const REPEATING = 1000
const GROUP = 64
/** More than any cache here holds, so that a token which comes round again was forgotten, and every round is alike. */
const DISTINCT = 49_152

export const plan = {
  full: { rounds: 25, latencyRounds: 7, roundMs: 20 },
  quick: { rounds: 2, latencyRounds: 1, roundMs: 10 },
}

/** One algorithm after the other, each with an issuer of its own. */
export async function measure({ algorithms, mode: modes, tokens: kinds, peers: names, ...budget }) {
  const cases = []
  for (const algorithm of algorithms) {
    const issuer = await openIssuer(algorithm)
    const entrants = await openEntrants(issuer, algorithm, names)
    const pool = await poolOf(issuer)
    for (const tokens of kinds) {
      for (const mode of modes) {
        cases.push({ algorithm, tokens, mode, rows: await measureCase(entrants, pool, { tokens, mode, ...budget }) })
      }
    }
    for (const { current } of entrants) await current.close?.()
    issuer.close()
  }
  return { cases }
}

export const tables = verificationTables

async function openEntrants(issuer, algorithm, names) {
  const peers = PEERS.filter(({ name, isExtra = false }) => names?.includes(name) ?? !isExtra)
  const able = peers.filter((peer) => peer.algorithms?.includes(algorithm) ?? true)
  const entrants = []
  for (const peer of able) entrants.push(await openEntrant(peer, issuer))
  return entrants
}

/** Tokens as octets, since requests bring each token as a new string, never one that was hashed before. */
async function poolOf(issuer) {
  const octets = async (count) => (await issuer.mintMany(count)).map((token) => Buffer.from(token))
  return { distinct: await octets(DISTINCT), repeating: await octets(REPEATING) }
}

async function measureCase(entrants, pool, { tokens, mode, rounds, latencyRounds, roundMs }) {
  const counts = new Map()
  const run = (of, counted) => async (entrant) => {
    const prepared = presentations(entrant, pool[tokens], counted(entrant))
    settleHeap()
    return of(entrant, prepared, mode)
  }
  const estimate = await alternate(
    entrants,
    2,
    run(throughput, () => REPEATING),
  )
  for (const [entrant, runs] of estimate) counts.set(entrant, countFor(runs, roundMs))
  const measured = await alternate(
    entrants,
    rounds,
    run(throughput, (entrant) => counts.get(entrant)),
  )
  const timed = await alternate(
    entrants,
    latencyRounds,
    run(latency, (entrant) => counts.get(entrant)),
  )
  const baseline = measured.get(entrants[0])
  return entrants.map((entrant) => rowOf(entrant.peer, measured.get(entrant), timed.get(entrant), baseline))
}

/** As many as fit into the round, in whole groups. */
function countFor(runs, roundMs) {
  const perRound = (runs.at(-1).perSecond * roundMs) / 1000
  return Math.min(32_768, Math.max(1, Math.round(perRound / GROUP)) * GROUP)
}

/** The next tokens of the list: each is met again only when all others were. */
function presentations(entrant, octets, count) {
  const from = entrant.presented.get(octets) ?? 0
  entrant.presented.set(octets, from + count)
  return Array.from({ length: count }, (_, at) => prepare(entrant, octets[(from + at) % octets.length].latin1Slice()))
}

function rowOf({ name, title, isOurs = false, remembers = false }, runs, timed, baseline) {
  const of = (list, key) => median(list.map((run) => run[key]))
  return {
    name,
    title,
    isOurs,
    remembers,
    ratio: ratio(runs, baseline, 'perSecond'),
    perSecond: of(runs, 'perSecond'),
    cpuMicroseconds: of(runs, 'cpuMicroseconds'),
    loopDelayMs: of(runs, 'loopDelayMs'),
    p50Microseconds: of(timed, 'p50'),
    p99Microseconds: of(timed, 'p99'),
  }
}

if (isProgram(import.meta)) await runSection({ options, plan, measure, tables })
