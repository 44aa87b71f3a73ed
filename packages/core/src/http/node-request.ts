import type { NodeHeader } from './field-lines.ts'
import { fieldLines } from './field-lines.ts'
import type { TokenRequest } from './token-request.ts'

/** What a request of Node's server and those that frameworks make of it have in common. */
export interface NodeRequest extends NodeHeader {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** What a framework knows behind proxies, as far as it trusts them. */
  readonly protocol?: string | undefined
  readonly host?: string | undefined
  /** As sent, where the framework cuts off a prefix. */
  readonly originalUrl?: string | undefined
  /** Node's own request, where the framework has another. */
  readonly raw?: Pick<NodeHeader, 'rawHeaders'> | undefined
}

/** Whether `value` has the header of a request of Node's server, or of a framework on it; one of the web is no record. */
export function isNodeRequest(value: unknown): value is NodeRequest {
  const { headers }: { readonly headers?: unknown } = Object(value)
  return typeof headers === 'object' && headers !== null && !('get' in headers)
}

/** A request of Node's server, or of a framework on it, as a resource server reads it. */
export function fromNodeRequest(request: NodeRequest): TokenRequest {
  return new NodeTokenRequest(request)
}

/**
 * A class, since engines make a new shape for every object literal with a getter, and keep shapes, and with them the
 * request, until the next full garbage collection.
 */
class NodeTokenRequest implements TokenRequest {
  readonly #request: NodeRequest

  constructor(request: NodeRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method ?? ''
  }

  get url(): string {
    const { protocol = 'http', host = this.#request.headers['host'], originalUrl = this.#request.url } = this.#request
    return `${protocol}://${String(host)}${originalUrl}`
  }

  readonly headerValues = (name: string): readonly string[] => {
    // the framework's parsed header counts: an earlier hook may have set what the raw one lacks
    const { raw = this.#request, headers } = this.#request
    return fieldLines({ rawHeaders: raw.rawHeaders, headers }, name)
  }
}
