import { FetchError, fetchJson } from '../internal/fetch-json.ts'
import { quote } from '../internal/quote.ts'
import { urlProblem } from '../internal/url.ts'
import type { System } from '../system.ts'
import type { KeyLoader, LoadedKeys } from './keys/key-store.ts'
import { loadKeySet } from './keys/remote-keys.ts'

/** How long a jwks_uri is believed; a failed key fetch makes it doubtful at once. */
const METADATA_LIFE_MS = 60 * 60_000

/** Where an issuer may publish its metadata: OpenID Connect Discovery section 4, then RFC 8414 section 3. */
export function metadataLocations(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

export interface DiscoveryOptions {
  readonly issuer: string
  readonly locations: readonly string[]
  readonly allowLoopbackHttp: boolean
}

/** Loads keys from wherever the issuer's metadata says they are. */
export function discoveredKeys(system: System, options: DiscoveryOptions): KeyLoader {
  let known: { readonly jwksUri: string; readonly readAtMs: number } | undefined
  let locations = options.locations
  let asking = locations[0] ?? options.issuer
  let taggedUri: string | undefined

  async function jwksUri(signal: AbortSignal): Promise<string> {
    if (known !== undefined && system.now() - known.readAtMs < METADATA_LIFE_MS) return known.jwksUri
    const asked = locations
    locations = options.locations // unless one of them answers, the next attempt asks all again
    const found = await readMetadata(system, { ...options, locations: asked }, signal, (url) => (asking = url))
    known = { jwksUri: found.jwksUri, readAtMs: system.now() }
    locations = [found.location]
    return found.jwksUri
  }

  async function load(signal: AbortSignal, etag: string | undefined): Promise<LoadedKeys> {
    asking = await jwksUri(signal)
    try {
      const loaded = await loadKeySet(system, asking, signal, taggedUri === asking ? etag : undefined) // a tag means something at its own URL only
      taggedUri = asking
      return loaded
    } catch (error) {
      known = undefined
      throw error
    }
  }

  return { load, asking: () => asking }
}

async function readMetadata(
  system: System,
  { issuer, locations, allowLoopbackHttp }: DiscoveryOptions,
  signal: AbortSignal,
  ask: (url: string) => void,
): Promise<{ jwksUri: string; location: string }> {
  let lastFailure: unknown
  for (const location of locations) {
    try {
      ask(location)
      const { document = {} } = await fetchJson(system, location, { signal, requireJsonType: true })
      return { jwksUri: readJwksUri(document, issuer, location, allowLoopbackHttp), location }
    } catch (error) {
      if (!isAbsent(error)) throw error
      lastFailure = error
    }
  }
  throw lastFailure
}

/** Only these two say "not here"; anything else is an outage or an error that must be seen. */
function isAbsent(error: unknown): boolean {
  return error instanceof FetchError && (error.reason === 'not-json' || error.status === 404)
}

/** RFC 8414 section 3.3: the issuer in the metadata is identical to the one that was asked, or none of it is used. */
function readJwksUri(
  document: Readonly<Record<string, unknown>>,
  issuer: string,
  location: string,
  allowLoopbackHttp: boolean,
): string {
  if (document['issuer'] !== issuer) {
    const found = quote(document['issuer'])
    throw new FetchError(
      'issuer-mismatch',
      `${quote(location)} is the metadata of ${found}, but ${quote(issuer)} is configured; they must be identical`,
    )
  }
  const jwksUri = document['jwks_uri']
  const problem = urlProblem(jwksUri, allowLoopbackHttp)
  if (typeof jwksUri !== 'string' || problem !== undefined) {
    throw new FetchError('metadata-invalid', `the jwks_uri in ${quote(location)} ${problem ?? 'is missing'}`)
  }
  return jwksUri
}
