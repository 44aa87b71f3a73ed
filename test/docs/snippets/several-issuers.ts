import { createVerifier, granted, jwtIssuer, refuse, tenantIssuers } from '@tokenward/core'
import type { Policy } from '@tokenward/core'
import { guardedFetch } from '@tokenward/core/node'
import { tokenward } from '@tokenward/express'

// #region two
const api = tokenward({
  issuer: ['https://login.example.com', 'https://partners.example.net'],
  audience: 'https://orders.example.com',
})
// #endregion

// #region own-settings
const verifier = createVerifier({
  issuer: [
    'https://login.example.com',
    jwtIssuer({ issuer: 'https://partners.example.net', audience: 'orders', algorithms: ['ES256'], profile: 'jwt' }),
  ],
  audience: 'https://orders.example.com',
  algorithms: ['RS256'],
})
// #endregion

// #region by-issuer
const employees: Policy = ({ issuer }) =>
  issuer === 'https://login.example.com' ? granted : refuse('only employees may do this')
// #endregion

export { api, employees, verifier }

export function perCustomer(customers: ReadonlySet<string>) {
  // #region tenants
  const perTenant = tokenward({
    issuer: tenantIssuers({
      allow: (name) => customers.has(name),
      network: guardedFetch(),
    }),
    audience: 'https://orders.example.com',
  })
  // #endregion
  return perTenant
}
