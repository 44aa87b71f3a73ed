import { FetchError, fetchJson } from '../internal/fetch-json.ts'
import { isObject } from '../internal/guards.ts'
import { quote } from '../internal/quote.ts'
import { SingleFlight } from '../internal/single-flight.ts'
import { urlProblem } from '../internal/url.ts'
import type { System } from '../system.ts'
import { FLIGHT_LIMIT_MS } from './keys/refresh-schedule.ts'

/** How long metadata is believed; a failure of what it leads to makes it doubtful at once. */
const METADATA_LIFE_MS = 60 * 60_000

export interface DiscoveryOptions {
  readonly issuer: string
  /** Where the metadata is, if at neither of the standard locations. */
  readonly metadataUrl: string | undefined
  readonly allowLoopbackHttp: boolean
}

type Metadata = Readonly<Record<string, unknown>>

interface Reading {
  readonly flight: SingleFlight
  /** @throws FetchError */
  readonly outcome: () => Metadata
}

/** What an issuer says about itself, read when it is needed and remembered for an hour. */
export class IssuerMetadata {
  /** The URL that is being asked, or was asked last. */
  asking: string
  readonly #system: System
  readonly #options: DiscoveryOptions
  readonly #allLocations: readonly string[]
  #locations: readonly string[]
  #reading: Reading | undefined
  #known: { readonly metadata: Metadata; readonly readAtMs: number } | undefined

  constructor(system: System, options: DiscoveryOptions) {
    this.#system = system
    this.#options = options
    this.#allLocations = options.metadataUrl === undefined ? standardLocations(options.issuer) : [options.metadataUrl]
    this.#locations = this.#allLocations
    this.asking = this.#allLocations[0] ?? options.issuer
  }

  /** The URL that the metadata has under that name; for a client certificate its alias (RFC 8705 section 5). @throws FetchError */
  async url(name: 'jwks_uri' | 'introspection_endpoint', signal: AbortSignal, isMutualTls = false): Promise<string> {
    const metadata = await this.#read(signal)
    const aliases = isMutualTls ? metadata['mtls_endpoint_aliases'] : undefined
    const url = isObject(aliases) && Object.hasOwn(aliases, name) ? aliases[name] : metadata[name]
    const problem = urlProblem(url, this.#options.allowLoopbackHttp)
    if (typeof url === 'string' && problem === undefined) return url
    this.forget()
    throw new FetchError('metadata-invalid', `the ${name} in ${quote(this.asking)} ${problem ?? 'is missing'}`)
  }

  /** To be called where a URL of the metadata proved wrong. */
  forget(): void {
    this.#known = undefined
  }

  async #read(signal: AbortSignal): Promise<Metadata> {
    if (this.#known !== undefined && this.#system.now() - this.#known.readAtMs < METADATA_LIFE_MS) {
      return this.#known.metadata
    }
    const reading = this.#reading?.flight.isUnderWay === true ? this.#reading : this.#begin(signal)
    await reading.flight.start() // whoever waits here has a deadline of its own
    return reading.outcome()
  }

  /** One reading serves all who wait for it; one that a cut-off request took with it is begun anew. */
  #begin(signal: AbortSignal): Reading {
    const asked = this.#locations
    this.#locations = this.#allLocations // unless one of them answers, the next attempt asks all again
    let outcome = (): Metadata => {
      throw new FetchError('timeout', `${quote(this.asking)} did not answer in time`)
    }
    const flight = new SingleFlight(this.#system, FLIGHT_LIMIT_MS, async () => {
      try {
        const metadata = await this.#firstOf(asked, signal)
        this.#locations = [this.asking]
        this.#known = { metadata, readAtMs: this.#system.now() }
        outcome = () => metadata
      } catch (error) {
        outcome = () => {
          throw error
        }
      }
    })
    this.#reading = { flight, outcome: () => outcome() }
    return this.#reading
  }

  async #firstOf(locations: readonly string[], signal: AbortSignal): Promise<Metadata> {
    let lastFailure: unknown
    for (const location of locations) {
      this.asking = location
      try {
        const { document = {} } = await fetchJson(this.#system, location, { signal, requireJsonType: true })
        return this.#identified(document)
      } catch (error) {
        if (!isAbsent(error)) throw error
        lastFailure = error
      }
    }
    throw lastFailure
  }

  /** RFC 8414 section 3.3: the issuer in the metadata is identical to the one that was asked, or none of it is used. */
  #identified(metadata: Metadata): Metadata {
    if (metadata['issuer'] === this.#options.issuer) return metadata
    const found = quote(metadata['issuer'])
    const configured = quote(this.#options.issuer)
    throw new FetchError(
      'issuer-mismatch',
      `${quote(this.asking)} is the metadata of ${found}, but ${configured} is configured; they must be identical`,
    )
  }
}

/** Where an issuer may publish its metadata: OpenID Connect Discovery section 4, then RFC 8414 section 3. */
function standardLocations(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

/** Only these two say "not here"; anything else is an outage or an error that must be seen. */
function isAbsent(error: unknown): boolean {
  return error instanceof FetchError && (error.reason === 'not-json' || error.status === 404)
}
