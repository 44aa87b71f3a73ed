import type { TokenRequest } from '@tokenward/core'
import { fieldLines } from '@tokenward/core'
import type { AnyRequest } from './any-request.ts'

/** An Express request as a resource server reads it: below any mounted router, behind `trust proxy`. */
export class ExpressTokenRequest implements TokenRequest {
  readonly #request: AnyRequest

  constructor(request: AnyRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method
  }

  get url(): string {
    return `${this.#request.protocol}://${hostOf(this.#request)}${this.#request.originalUrl}`
  }

  readonly headerValues = (name: string): readonly string[] => fieldLines(this.#request, name)
}

/** As `req.host` of Express 5, which Express 4 has without the port: the proxy's word only where the proxy is trusted. */
function hostOf(request: AnyRequest): string {
  const trusts: unknown = request.app.get('trust proxy fn')
  const forwarded = request.get('X-Forwarded-Host')
  const isTrusted = typeof trusts === 'function' && trusts(request.socket.remoteAddress, 0) === true
  return (isTrusted ? forwarded?.split(',')[0]?.trim() : undefined) ?? request.get('Host') ?? ''
}
