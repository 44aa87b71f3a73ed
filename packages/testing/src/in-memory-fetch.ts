/** The network side of a test issuer. */
export interface InMemoryAnswers {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly string[]
  metadata(): Record<string, unknown>
}

type FetchInput = Parameters<typeof globalThis.fetch>[0]
type FetchInit = Parameters<typeof globalThis.fetch>[1]

/**
 * Answers the metadata locations of OpenID Connect Discovery section 4 and RFC 8414 section 3.1, and
 * the JWK Set which the metadata names.
 *
 * @throws TypeError when `issuer` is no URL.
 */
export function inMemoryFetch(
  issuer: string,
  jwks: () => unknown,
  respond: (url: string) => Response | Promise<Response> | undefined = () => undefined,
): InMemoryAnswers {
  const requests: string[] = []
  const locations = issuerLocations(issuer)
  const metadata = (): Record<string, unknown> => ({
    issuer,
    authorization_endpoint: locations.authorization,
    token_endpoint: locations.token,
    jwks_uri: locations.jwks,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  })

  const answer = (url: string): Response => {
    if (url === locations.openid || url === locations.oauth) return json(metadata(), 200)
    if (url === locations.jwks) return json(jwks(), 200)
    return json({ error: 'not_found' }, 404)
  }

  const fetch = async (input: FetchInput, init?: FetchInit): Promise<Response> => {
    const url = urlOf(input)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    signal?.throwIfAborted()
    requests.push(url)
    return unlessAborted(signal, (async () => (await respond(url)) ?? answer(url))())
  }

  return { fetch, requests, metadata }
}

interface IssuerLocations {
  readonly openid: string
  readonly oauth: string
  readonly jwks: string
  readonly authorization: string
  readonly token: string
}

function issuerLocations(issuer: string): IssuerLocations {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/u, '')
  const base = `${origin}${path}`
  return {
    openid: `${base}/.well-known/openid-configuration`,
    oauth: `${origin}/.well-known/oauth-authorization-server${path}`,
    jwks: `${base}/jwks`,
    authorization: `${base}/authorize`,
    token: `${base}/token`,
  }
}

function urlOf(input: FetchInput): string {
  if (typeof input === 'string') return input
  return input instanceof URL ? input.href : input.url
}

function json(body: unknown, status: number): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}

// A real fetch rejects as soon as its signal fires, however long the answer still takes.
function unlessAborted<T>(signal: AbortSignal | null | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    const done = (): void => {
      signal.removeEventListener('abort', abort)
    }
    work.then(resolve, reject).then(done, done)
  })
}
