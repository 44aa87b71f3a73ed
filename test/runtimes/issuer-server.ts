import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Listening } from '../support/listen.ts'
import { listen } from '../support/listen.ts'

/** How one issuer behaves, and what it has seen. */
interface Behaviour {
  keys: readonly unknown[]
  /** Answers for keys that are never given: this many, or all. */
  hold: number | 'all'
  /** The same for questions at `resolve`, where a resolver of tenants asks. */
  holdResolve: number
  redirects: boolean
  isEndless: boolean
}

interface Seen {
  /** Questions for keys so far, and questions of a resolver that were held. */
  asked: number
  /** Those of them whose asker hung up before an answer. */
  abandoned: number
  /** Questions at the place that a redirect names. */
  followed: number
}

/**
 * Issuers on loopback that any runtime can order over HTTP: `POST /issuers` opens one, `POST <issuer>/control` changes
 * how it behaves and tells what it has seen.
 */
export async function issuerServer(): Promise<Listening> {
  const issuers: { behaviour: Behaviour; seen: Seen }[] = []
  return listen((request, response) => {
    answer(request, response, issuers).catch(() => response.destroy())
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  issuers: { behaviour: Behaviour; seen: Seen }[],
): Promise<void> {
  const origin = `http://${request.headers.host ?? ''}`
  const [, number = '', path = ''] = /^\/issuers\/(\d+)\/(.*)$/.exec(request.url ?? '') ?? []
  const found = issuers[Number(number)]
  if (request.method === 'POST' && request.url === '/issuers') {
    const behaviour = {
      keys: [],
      hold: 0,
      holdResolve: 0,
      redirects: false,
      isEndless: false,
      ...(await orders(request)),
    }
    const count = issuers.push({ behaviour, seen: { asked: 0, abandoned: 0, followed: 0 } })
    json(response, { issuer: `${origin}/issuers/${count - 1}` })
  } else if (found === undefined || number === '') response.writeHead(404).end()
  else if (path === 'control') {
    Object.assign(found.behaviour, await orders(request))
    json(response, found.seen)
  } else if (path === '.well-known/openid-configuration') {
    json(response, { issuer: `${origin}/issuers/${number}`, jwks_uri: `${origin}/issuers/${number}/jwks` })
  } else if (path === 'elsewhere') {
    found.seen.followed += 1
    json(response, { keys: found.behaviour.keys })
  } else if (path === 'resolve') resolve(response, found)
  else if (path === 'jwks') keys(response, found)
  else response.writeHead(404).end()
}

function keys(response: ServerResponse, { behaviour, seen }: { behaviour: Behaviour; seen: Seen }): void {
  watch(response, seen)
  if (behaviour.hold === 'all' || behaviour.hold > 0) {
    if (behaviour.hold !== 'all') behaviour.hold -= 1
  } else if (behaviour.redirects) response.writeHead(302, { location: 'elsewhere' }).end()
  else if (behaviour.isEndless) endless(response)
  else json(response, { keys: behaviour.keys })
}

function resolve(response: ServerResponse, { behaviour, seen }: { behaviour: Behaviour; seen: Seen }): void {
  if (behaviour.holdResolve === 0) {
    json(response, {})
    return
  }
  behaviour.holdResolve -= 1
  watch(response, seen)
}

function watch(response: ServerResponse, seen: Seen): void {
  seen.asked += 1
  response.once('close', () => {
    if (!response.writableEnded) seen.abandoned += 1
  })
}

function endless(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
  }
  response.writeHead(200, { 'content-type': 'application/json' }).on('drain', more)
  more()
}

async function orders(request: IncomingMessage): Promise<Partial<Behaviour>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return JSON.parse(Buffer.concat(chunks).toString()) as Partial<Behaviour> // written by the suite beside it
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
