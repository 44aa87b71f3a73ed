import type { RefusedDecision } from '@tokenward/core'
import { groupedHeaders } from '@tokenward/core'
import type { Response } from 'express'

/** Writes the refusal as it was decided, unless something else has answered meanwhile. */
export function writeRefusal(response: Response, { status, headers, body }: RefusedDecision): void {
  if (response.headersSent) return
  response.statusCode = status
  for (const [name, value] of Object.entries(groupedHeaders(headers))) response.setHeader(name, value)
  response.end(body && JSON.stringify(body))
}
