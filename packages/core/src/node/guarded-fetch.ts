import { lookup as dnsLookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { OptionProblems } from '../internal/option-problems.ts'
import { markGuarded } from '../issuers/tenants/network.ts'
import type { GuardedFetch } from '../issuers/tenants/network.ts'
import type { ResolvedAddress, ResolveAll } from './address-guard.ts'
import { addressGuard } from './address-guard.ts'

export interface GuardedFetchOptions {
  /** Resolves a name to all its addresses. Default: the host's resolver. */
  readonly lookup?: ResolveAll | undefined
  /** Permits loopback addresses, for development and tests. */
  readonly allowLoopback?: boolean | undefined
}

/**
 * A fetch for addresses that somebody else chose. Every address of the name is judged at the moment of connecting, and
 * the connection goes to what was judged, so a name that answers differently the next time changes nothing. Private,
 * loopback, link-local, metadata, mapped and reserved addresses are refused. GET only; redirects are not followed.
 *
 * @throws TypeError that names every problem of the options
 */
export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const problems = new OptionProblems('guardedFetch')
  const { given, checked } = problems.read(options, ['lookup', 'allowLoopback'])
  problems.function('lookup', given['lookup'])
  problems.boolean('allowLoopback', given['allowLoopback'])
  problems.throwIfAny()
  const { lookup = resolveAll, allowLoopback = false } = checked
  const guard = addressGuard(lookup, allowLoopback)
  return markGuarded(async (url, init) => {
    const target = new URL(url)
    guard.requireAllowed(target)
    return connect(target, init, guard.lookup)
  })
}

function connect(target: URL, { headers, signal }: RequestInit, lookup: LookupFunction): Promise<Response> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest
  const options = {
    method: 'GET',
    headers: Object.fromEntries(new Headers(headers)),
    agent: false as const, // a kept connection would outlive the judgement of its address
    lookup,
    ...(signal instanceof AbortSignal && { signal }),
  }
  return new Promise((resolve, reject) => {
    request(target, options, (answer) => {
      try {
        resolve(responseOf(answer))
      } catch (error) {
        answer.destroy() // a status that no Response can have
        reject(asError(error))
      }
    })
      .on('error', reject)
      .on('upgrade', (_answer, socket) => {
        socket.destroy()
        reject(new Error('the server wants to change the protocol'))
      })
      .end()
  })
}

function responseOf(answer: IncomingMessage): Response {
  const { statusCode: status = 502, headersDistinct } = answer
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  const isBodyless = [204, 205, 304].includes(status)
  if (isBodyless) answer.resume()
  // Node's own web stream type and the global one differ by name only
  return new Response(isBodyless ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>), { status, headers })
}

async function resolveAll(hostname: string): Promise<readonly ResolvedAddress[]> {
  return dnsLookup(hostname, { all: true })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the name could not be resolved')
}
