import { fetchJson } from '../internal/fetch-json.ts'
import { OptionProblems, urlProblem } from '../internal/option-problems.ts'
import type { System } from '../system.ts'
import type { KeySource } from './key-source.ts'
import type { LoadedKeys } from './key-store.ts'
import { LiveKeys } from './live-keys.ts'
import { lifeFrom } from './refresh-schedule.ts'

export interface RemoteKeysOptions {
  /** Permits an http URL on a loopback host, for development and tests. */
  readonly allowLoopbackHttp?: boolean | undefined
}

/**
 * The keys at a JWK Set URL (RFC 7517 section 5), for issuers without metadata. The URL is fetched when the first
 * token needs it, never at construction.
 *
 * @throws TypeError where the URL is not https
 */
export function remoteKeys(url: string, options: RemoteKeysOptions = {}): KeySource {
  const problems = new OptionProblems('remoteKeys')
  const { allowLoopbackHttp } = problems.record(options, ['allowLoopbackHttp'])
  const problem = urlProblem(url, allowLoopbackHttp === true)
  problems.require(problem === undefined, `url ${problem}`)
  problems.throwIfAny()
  return {
    open: (context) => new LiveKeys(context, (signal, etag) => loadKeySet(context.system, url, signal, etag)),
  }
}

/** One GET of a JWK Set. @throws FetchError */
export async function loadKeySet(
  system: System,
  url: string,
  signal: AbortSignal,
  etag: string | undefined,
): Promise<LoadedKeys> {
  const { document, headers } = await fetchJson(system, url, { signal, etag })
  return { document, lifeMs: lifeFrom(headers.get('cache-control')), etag: headers.get('etag') ?? etag }
}
