import { createOrdersApi } from '../../../docs/examples/express/src/orders-api.ts'
// #region import
import { testIssuer } from '@tokenward/testing'
// #endregion

// #region mint
const issuer = await testIssuer({ issuer: 'https://login.example.com' })
const audience = 'https://orders.example.com'
const { app } = createOrdersApi({ issuer: issuer.issuer, audience, system: { fetch: issuer.fetch } })

const good = await issuer.mint({ aud: audience, scope: 'orders:read' })
const expired = await issuer.mint({ aud: audience, exp: 1 })
const forAnotherApi = await issuer.mint({ aud: 'https://billing.example.com' })
const withoutSubject = await issuer.mint({ aud: audience }, { omit: ['sub'] })
const idToken = await issuer.idToken({ aud: audience })
// #endregion

export const tokens = { good, expired, forAnotherApi, withoutSubject, idToken }
export { app }
