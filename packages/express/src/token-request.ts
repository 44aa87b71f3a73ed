import type { TokenRequest } from '@tokenward/core'
import type { Request } from 'express'

/** An Express request as a resource server reads it: below any mounted router, behind `trust proxy`. */
export function tokenRequest(request: Request): TokenRequest {
  return {
    method: request.method,
    get url() {
      return `${request.protocol}://${request.get('host') ?? ''}${request.originalUrl}`
    },
    headerValues: (name) => headerValues(request, name),
  }
}

/**
 * Node keeps the first of two Authorization lines and drops the other; only the raw fields show both. Where there is
 * one, the parsed field counts, since middleware of the application may have set it.
 */
function headerValues({ rawHeaders, headers }: Request, name: string): readonly string[] {
  const lines = (rawHeaders ?? []).filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
  return lines.length > 1 ? lines : [headers[name] ?? []].flat()
}
