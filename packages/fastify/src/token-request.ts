import type { TokenRequest } from '@tokenward/core'
import { fieldLines } from '@tokenward/core'
import type { AnyRequest } from './fastify-types.ts'

/** A Fastify request as a resource server reads it: below any prefix, before any rewriting, behind `trustProxy`. */
export class FastifyTokenRequest implements TokenRequest {
  readonly #request: AnyRequest

  constructor(request: AnyRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method
  }

  get url(): string {
    return `${this.#request.protocol}://${this.#request.host}${this.#request.originalUrl}`
  }

  headerValues(name: string): readonly string[] {
    const { raw, headers } = this.#request // an earlier hook may have given the request other headers than the raw one
    return fieldLines({ rawHeaders: raw.rawHeaders, headers }, name)
  }
}
