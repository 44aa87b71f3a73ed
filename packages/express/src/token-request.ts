import type { TokenRequest } from '@tokenward/core'
import type { AnyRequest } from './any-request.ts'

/** An Express request as a resource server reads it: below any mounted router, behind `trust proxy`. */
export function tokenRequest(request: AnyRequest): TokenRequest {
  return {
    method: request.method,
    get url() {
      return `${request.protocol}://${hostOf(request)}${request.originalUrl}`
    },
    headerValues: (name) => headerValues(request, name),
  }
}

/** As `req.host` of Express 5, which Express 4 has without the port: the proxy's word only where the proxy is trusted. */
function hostOf(request: AnyRequest): string {
  const trusts: unknown = request.app.get('trust proxy fn')
  const forwarded = request.get('X-Forwarded-Host')
  const isTrusted = typeof trusts === 'function' && trusts(request.socket.remoteAddress, 0) === true
  return (isTrusted ? forwarded?.split(',')[0]?.trim() : undefined) ?? request.get('Host') ?? ''
}

/**
 * Node keeps the first of two Authorization lines and drops the other; only the raw fields show both. Where there is
 * one, the parsed field counts, since middleware of the application may have set it.
 */
function headerValues({ rawHeaders, headers }: AnyRequest, name: string): readonly string[] {
  const lines = (rawHeaders ?? []).filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
  return lines.length > 1 ? lines : [headers[name] ?? []].flat()
}
