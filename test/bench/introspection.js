// Requests per second of 64 clients with repeating opaque tokens, against an endpoint that takes 5 ms: with the cache,
// and without. In turn and in one run, so that a busy machine slows both alike. Needs a build; `pnpm bench` makes one.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { clientSecretBasic, createResourceServer, introspectedIssuer } from '@tokenward/core'

const CLIENTS = 64
const ENDPOINT_MS = 5
const TOKENS = 128
const ROUNDS = 5
const audience = 'https://orders.example.com'

const answer = JSON.stringify({ active: true, aud: audience, client_id: 'app', sub: 'user-1', scope: 'orders:read' })
const endpoint = createServer((request, response) => {
  request.resume()
  setTimeout(() => response.setHeader('content-type', 'application/json').end(answer), ENDPOINT_MS)
}).listen(0, '127.0.0.1')
await once(endpoint, 'listening')
const issuer = `http://127.0.0.1:${endpoint.address().port}`

async function requestsPerSecond(cache, perClient) {
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
  const client = async (number, requests) => {
    for (let index = 0; index < requests; index += 1) {
      const token = `token-${(number + index * CLIENTS) % TOKENS}`
      const request = { method: 'GET', url: '/', headerValues: () => [`Bearer ${token}`] }
      const decision = await api.authenticate(request)
      if (!decision.granted) throw decision.error
    }
  }
  const clients = async (requests) =>
    Promise.all(Array.from({ length: CLIENTS }, async (_, number) => client(number, requests)))
  await clients(TOKENS / CLIENTS)
  const begin = performance.now()
  await clients(perClient)
  return (CLIENTS * perClient) / ((performance.now() - begin) / 1000)
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const uncached = []
const cached = []
for (let round = 0; round < ROUNDS; round += 1) {
  uncached.push(await requestsPerSecond(false, 40))
  cached.push(await requestsPerSecond(undefined, 800))
}
endpoint.close()
endpoint.closeAllConnections()

const ratio = median(cached) / median(uncached)
console.log(`introspection, ${CLIENTS} clients, endpoint of ${ENDPOINT_MS} ms, medians of ${ROUNDS} rounds`)
console.log(`  without cache ${Math.round(median(uncached))} requests/s`)
console.log(`  with cache    ${Math.round(median(cached))} requests/s`)
console.log(`  ratio         ${ratio.toFixed(1)}`)
