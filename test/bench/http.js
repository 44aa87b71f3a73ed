// Requests per second of a protected route, as a share of the same route without protection.
// node test/bench/http.js --frameworks express --tokens repeating
import { startChild } from './http/child.js'
import { httpTables } from './report/http.js'
import { requireProtection } from './http/protection.js'
import { variantsOf } from './http/variants.js'
import { openIssuer } from './issuer.js'
import './loopback-only.js'
import { alternate, ratio } from './rounds.js'
import { isProgram, runSection } from './section.js'
import { median } from './statistics.js'

export const options = {
  frameworks: { values: ['express', 'fastify'], about: 'what serves' },
  tokens: { values: ['repeating', 'distinct'], about: '1,000 tokens again and again, or each token once' },
}
const REPEATING = 1000
/** More than any cache here holds, so that a token which comes round again was forgotten. */
const DISTINCT = 49_152

export const plan = {
  full: { warmUpRounds: 3, warmUpMs: 500, rounds: 25, roundMs: 100 }, // the warm-up shall not be what is measured
  quick: { warmUpRounds: 1, warmUpMs: 50, rounds: 2, roundMs: 50 },
}

export async function measure({ frameworks, tokens: kinds, ...budget }) {
  const issuer = await openIssuer('RS256')
  const load = startChild('load.js')
  await load.ask({ list: 'distinct', tokens: await issuer.mintMany(DISTINCT) })
  await load.ask({ list: 'repeating', tokens: await issuer.mintMany(REPEATING) })
  const cases = []
  for (const framework of frameworks) {
    const servers = await startServers(framework, issuer)
    for (const server of servers) await requireProtection(server, issuer)
    for (const tokens of kinds) {
      cases.push({ framework, tokens, rows: await measureCase(servers, load, tokens, budget) })
    }
    for (const { child } of servers) await child.stop()
  }
  await load.stop()
  issuer.close()
  return { cases }
}

export const tables = httpTables

/** Each variant in a process of its own, so that no one collects the garbage of another; idle when it is not its turn. */
async function startServers(framework, issuer) {
  const servers = []
  for (const { name, title } of await variantsOf(framework)) {
    const child = startChild('server.js', [framework, name])
    const { port } = await child.ask({ issuer: issuer.facts })
    servers.push({ name, title, child, port })
  }
  return servers
}

async function measureCase(servers, load, tokens, { warmUpRounds, warmUpMs, rounds, roundMs }) {
  const round =
    (warmUp, milliseconds) =>
    async ({ child, port }) => {
      const before = await child.ask({})
      const run = await load.ask({ round: { port, tokens, warmUp, milliseconds } })
      const { cpuMicroseconds } = await child.ask({})
      return { ...run, cpuMicroseconds: (cpuMicroseconds - before.cpuMicroseconds) / run.answered }
    }
  await alternate(servers, warmUpRounds, round(REPEATING, warmUpMs))
  const measured = await alternate(servers, rounds, round(128, roundMs))
  const unprotected = measured.get(servers[0])
  return servers.map((server) => {
    const runs = measured.get(server)
    const of = (key) => median(runs.map((run) => run[key]))
    return {
      name: server.name,
      title: server.title,
      isOurs: server.name === 'tokenward',
      kept: ratio(runs, unprotected, 'perSecond'),
      perSecond: of('perSecond'),
      cpuMicroseconds: of('cpuMicroseconds'),
      loadCpu: of('loadCpu'),
    }
  })
}

if (isProgram(import.meta)) await runSection({ options, plan, measure, tables })
