import type { TokenRequest } from '@tokenward/core'
import { fieldLines } from '@tokenward/core'
import type { AnyRequest } from './any-request.ts'

/** An Express request as a resource server reads it: below any mounted router, behind `trust proxy`. */
export function tokenRequest(request: AnyRequest): TokenRequest {
  return {
    method: request.method,
    get url() {
      return `${request.protocol}://${hostOf(request)}${request.originalUrl}`
    },
    headerValues: (name) => fieldLines(request, name),
  }
}

/** As `req.host` of Express 5, which Express 4 has without the port: the proxy's word only where the proxy is trusted. */
function hostOf(request: AnyRequest): string {
  const trusts: unknown = request.app.get('trust proxy fn')
  const forwarded = request.get('X-Forwarded-Host')
  const isTrusted = typeof trusts === 'function' && trusts(request.socket.remoteAddress, 0) === true
  return (isTrusted ? forwarded?.split(',')[0]?.trim() : undefined) ?? request.get('Host') ?? ''
}
