// Requests per second of 64 clients with repeating opaque tokens, against an endpoint that takes 5 ms: with the cache,
// and without.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { performance } from 'node:perf_hooks'
import { load } from './load.js'
import './loopback-only.js'
import { alternate, ratio } from './rounds.js'
import { isProgram, runSection } from './section.js'
import { introspectionTables } from './report/introspection.js'
import { spread } from './statistics.js'

const CLIENTS = 64
const ENDPOINT_MS = 5
const TOKENS = 128
const audience = 'https://orders.example.com'
const USES = [
  { name: 'uncached', title: 'without cache', cache: false, perClient: 40 },
  { name: 'cached', title: 'with cache', perClient: 800 },
]

export const plan = { full: { rounds: 9 }, quick: { rounds: 2 } }

export async function measure({ rounds }) {
  const endpoint = createServer((request, response) => {
    request.resume()
    setTimeout(() => response.setHeader('content-type', 'application/json').end(answer), ENDPOINT_MS)
  }).listen(0, '127.0.0.1')
  await once(endpoint, 'listening')
  const issuer = `http://127.0.0.1:${endpoint.address().port}`
  const measured = await alternate(USES, rounds, async (use) => ({ perSecond: await requestsPerSecond(issuer, use) }))
  endpoint.close()
  endpoint.closeAllConnections()
  const uncached = measured.get(USES[0])
  const rows = USES.map((use) => ({
    name: use.name,
    title: use.title,
    perSecond: spread(measured.get(use).map((run) => run.perSecond)),
    ratio: ratio(measured.get(use), uncached, 'perSecond'),
  }))
  return { clients: CLIENTS, endpointMs: ENDPOINT_MS, rows }
}

export const tables = introspectionTables

const answer = JSON.stringify({ active: true, aud: audience, client_id: 'app', sub: 'user-1', scope: 'orders:read' })

async function requestsPerSecond(issuer, { cache, perClient }) {
  const { clientSecretBasic, createResourceServer, introspectedIssuer } = await load('@tokenward/core')
  const api = createResourceServer({
    issuer: introspectedIssuer({
      issuer,
      endpoint: `${issuer}/introspect`,
      clientAuthentication: clientSecretBasic('api', 'secret'),
      allowLoopbackHttp: true,
      ...(cache === false && { cache }),
    }),
    audience,
  })
  const clients = async (requests) =>
    Promise.all(Array.from({ length: CLIENTS }, async (_, number) => client(api, number, requests)))
  await clients(TOKENS / CLIENTS)
  const begin = performance.now()
  await clients(perClient)
  return (CLIENTS * perClient) / ((performance.now() - begin) / 1000)
}

async function client(api, number, requests) {
  for (let index = 0; index < requests; index += 1) {
    const token = `token-${(number + index * CLIENTS) % TOKENS}`
    const request = { method: 'GET', url: '/', headerValues: () => [`Bearer ${token}`] }
    const decision = await api.authenticate(request)
    if (!decision.granted) throw decision.error
  }
}

if (isProgram(import.meta)) await runSection({ plan, measure, tables })
