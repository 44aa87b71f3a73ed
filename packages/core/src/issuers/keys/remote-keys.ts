import { fetchJson } from '../../internal/fetch-json.ts'
import { OptionProblems } from '../../internal/option-problems.ts'
import { urlProblem } from '../../internal/url.ts'
import type { System } from '../../system.ts'
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
  const { given } = problems.read(options, ['allowLoopbackHttp'])
  problems.boolean('allowLoopbackHttp', given['allowLoopbackHttp'])
  const problem = urlProblem(url, given['allowLoopbackHttp'] === true)
  problems.require(problem === undefined, `url ${problem}`)
  problems.throwIfAny()
  return {
    open: (context) =>
      new LiveKeys(context, {
        load: (signal, etag) => loadKeySet(context.system, url, signal, etag),
        asking: () => url,
      }),
  }
}

/** One GET of a JWK Set. What a 304 says nothing about stays as it was. @throws FetchError */
export async function loadKeySet(
  system: System,
  url: string,
  signal: AbortSignal,
  etag: string | undefined,
): Promise<LoadedKeys> {
  const { document, headers } = await fetchJson(system, url, { signal, etag })
  const cacheControl = headers.get('cache-control')
  if (document !== undefined)
    return { document, lifeMs: lifeFrom(cacheControl), etag: headers.get('etag') ?? undefined }
  return {
    document,
    lifeMs: cacheControl === null ? undefined : lifeFrom(cacheControl),
    etag: headers.get('etag') ?? etag,
  }
}
