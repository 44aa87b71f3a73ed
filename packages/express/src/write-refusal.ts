import type { RefusedDecision } from '@tokenward/core'
import { groupedHeaders } from '@tokenward/core'
import type { AnyResponse } from './any-request.ts'

/** Writes the refusal as it was decided, unless something else has answered meanwhile. Returns what went wrong, if anything did. */
export function writeRefusal(response: AnyResponse, { status, headers, body }: RefusedDecision): unknown {
  if (response.headersSent) return undefined
  try {
    response.statusCode = status
    for (const [name, value] of Object.entries(groupedHeaders(headers))) response.setHeader(name, value)
    response.end(body && JSON.stringify(body))
    return undefined
  } catch (error) {
    return error
  }
}
