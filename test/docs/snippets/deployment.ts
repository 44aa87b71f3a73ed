import { logRefusals } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import type { Express } from 'express'
import { createServer } from 'node:http'

/** Something that sends requests through a forward proxy. */
interface Outbound {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

export function roomForHeaders(app: Express) {
  // #region header-size
  const server = createServer({ maxHeaderSize: 32 * 1024 }, app)
  // #endregion
  return server
}

export function throughProxy(outbound: Outbound) {
  // #region outbound
  const api = tokenward({
    issuer: 'https://login.example.com',
    audience: 'https://orders.example.com',
    onEvent: logRefusals(console),
    system: { fetch: (url, init) => outbound.fetch(url, init) },
  })
  // #endregion
  return api
}
