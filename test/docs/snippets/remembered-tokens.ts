import { tokenward } from '@tokenward/express'
import { z } from 'zod'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'

export function sized() {
  // #region size
  const api = tokenward({ issuer, audience, cache: { maxTokens: 50_000 } })
  // #endregion
  return api
}

export function askedEachTime() {
  // #region schema
  const claims = z.object({
    tenant: z.string(),
    // a Date can be changed, so all of this is made anew for each request
    auth_time: z.number().transform((seconds) => new Date(seconds * 1000)),
  })
  const api = tokenward({ issuer, audience, claims })
  // #endregion
  return api
}
