import { request } from 'node:http'
import { same, seen, within } from './expect.js'
import { mint, signingKey } from './tokens.js'

/** Longer than the library gives a fetch that will never settle, shorter than a client's patience. */
const DEADLINE_MS = 15_000
const accepted = [200, 'user-1']
const unavailable = [503, 'temporarily_unavailable']
const pause = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs))

/** An issuer whose server may hold answers back, and the worker's API that trusts it: its own, or that of a group. */
async function opened({ origin, worker }, kind, behaviour, group) {
  const key = await signingKey()
  const post = async (url, body) => (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()
  const { issuer } = await post(`${origin}/issuers`, { keys: [key.jwk], ...behaviour })
  const path = `/api/${kind}/${group ?? issuer.split('/').at(-1)}`
  const url = (isAnchored) => new URL(`${path}${isAnchored ? '?anchored' : ''}`, worker)
  const headers = async () => ({ authorization: `Bearer ${await mint(key, issuer)}` })
  return {
    url,
    headers,
    control: async (change = {}) => post(`${issuer}/control`, change),
    ask: async () => fetch(url(false), { headers: await headers() }),
  }
}

/** Asks again and again until `enough` is satisfied. */
async function until(enough, limitMs) {
  const endsAtMs = Date.now() + limitMs
  while (!(await enough())) {
    if (Date.now() > endsAtMs) throw new Error(`not within ${limitMs} ms: ${enough}`)
    await pause(10)
  }
}

/**
 * Sends a request, does `meanwhile` once the issuer's server holds what it waits for, and hangs up. Resolves when the
 * server has noticed: workerd drops what a request began as soon as its client is gone.
 */
async function cancelled(api, { isAnchored = false, meanwhile = async () => {} } = {}) {
  const before = await api.control()
  const sent = request(api.url(isAnchored), { headers: await api.headers(), agent: false })
  const answer = new Promise((resolve) => {
    sent.on('response', () => resolve('answered')).on('error', () => resolve('cancelled'))
  })
  sent.end()
  await until(async () => (await api.control()).asked > before.asked, 5000)
  await meanwhile()
  sent.socket.resetAndDestroy()
  same(await answer, 'cancelled', 'the first request')
  if (!isAnchored) await until(async () => (await api.control()).abandoned > before.abandoned, 3000)
}

/** Asked of workerd from outside, since only a client can hang up. */
export const workerCases = [
  [
    'after a request cancelled while keys were fetched, the next is answered',
    async (context) => {
      const api = await opened(context, 'fixed', { hold: 1 })
      await cancelled(api)
      same(await seen(await within(DEADLINE_MS, api.ask())), accepted)
    },
  ],
  [
    'after a request cancelled while keys were fetched, ten at once are answered',
    async (context) => {
      const api = await opened(context, 'fixed', { hold: 1 })
      await cancelled(api)
      const answers = Promise.all(Array.from({ length: 10 }, async () => seen(await api.ask())))
      for (const answer of await within(DEADLINE_MS, answers)) same(answer, accepted)
    },
  ],
  [
    'while the issuer goes on saying nothing, the next is told 503, and recovers with it',
    async (context) => {
      const api = await opened(context, 'fixed', { hold: 'all' })
      await cancelled(api)
      same(await seen(await within(DEADLINE_MS, api.ask())), unavailable)
      await api.control({ hold: 0 })
      await until(async () => (await api.ask()).status === 200, DEADLINE_MS)
    },
  ],
  [
    'a request that waited along is answered when the one that fetched is cancelled',
    async (context) => {
      const api = await opened(context, 'fixed', { hold: 1 })
      let along
      const meanwhile = async () => {
        along = api.ask()
        await pause(200) // for it to arrive and to wait
      }
      await cancelled(api, { meanwhile })
      same(await seen(await within(DEADLINE_MS, along)), accepted)
    },
  ],
  [
    'a second cancelled request does no more harm than the first',
    async (context) => {
      const api = await opened(context, 'fixed', { hold: 2 })
      await cancelled(api)
      await pause(6500) // the time after which the first fetch is given up
      await cancelled(api)
      same(await seen(await within(DEADLINE_MS, api.ask())), accepted)
    },
  ],
  [
    'a cancelled request whose fetch waitUntil anchors does no harm',
    async (context) => {
      const api = await opened(context, 'fixed', { hold: 1 })
      await cancelled(api, { isAnchored: true })
      const [status] = await seen(await within(DEADLINE_MS, api.ask()))
      same([200, 503].includes(status), true, 'being answered')
    },
  ],
  [
    'twenty requests at once for a cold worker share one fetch',
    async (context) => {
      const api = await opened(context, 'fixed', {})
      const answers = Promise.all(Array.from({ length: 20 }, async () => seen(await api.ask())))
      for (const answer of await within(DEADLINE_MS, answers)) same(answer, accepted)
      same((await api.control()).asked, 1, 'the number of fetches')
    },
  ],
  [
    'tenants whose resolver asks the network are resolved',
    async (context) => {
      const api = await opened(context, 'tenants', {})
      same(await seen(await within(DEADLINE_MS, api.ask())), accepted)
      same(await seen(await within(DEADLINE_MS, api.ask())), accepted)
    },
  ],
  [
    'after a request cancelled while its tenant was resolved, the next is answered',
    async (context) => {
      const api = await opened(context, 'tenants', { holdResolve: 1 })
      await cancelled(api)
      same(await seen(await within(DEADLINE_MS, api.ask())), accepted)
    },
  ],
  [
    'tenants whose requests were cancelled while keys were fetched hold up no other for long',
    async (context) => {
      const tenant = async (behaviour) => opened(context, 'tenants', behaviour, 'crowd')
      const lost = await Promise.all(Array.from({ length: 64 }, async () => tenant({ hold: 'all' })))
      for (const api of lost) await cancelled(api)
      await pause(7000) // by then all of them are given up
      const api = await tenant({})
      same(await seen(await within(DEADLINE_MS, api.ask())), accepted)
    },
  ],
]
