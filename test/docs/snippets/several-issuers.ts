import {
  createVerifier,
  granted,
  jwtIssuer,
  logRefusals,
  refuse,
  tenantIssuers,
  unsafeAnyNetwork,
} from '@tokenward/core'
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

/** A customer, as the database of the pages knows it. */
export interface Customer {
  readonly audience: string
}

export function perCustomer(customers: ReadonlySet<string>) {
  // #region tenants
  const perTenant = tokenward({
    issuer: tenantIssuers({
      allow: (name) => customers.has(name),
      network: guardedFetch(),
    }),
    audience: 'https://orders.example.com',
    onEvent: logRefusals(console),
  })
  // #endregion
  return perTenant
}

export function onOneHost() {
  // #region hosts
  const tenants = tenantIssuers({
    allow: (name) => name.startsWith('https://login.example.com/tenants/'),
    network: ['login.example.com', 'keys.example.com'],
  })
  // #endregion
  return tenants
}

export function listed() {
  // #region listed
  const tenants = tenantIssuers({
    allow: ['https://login.example.com/tenants/acme', 'https://login.example.com/tenants/globex'],
  })
  // #endregion
  return tenants
}

export function looked(findCustomer: (issuer: string) => Promise<Customer | undefined>) {
  // #region resolve
  const tenants = tenantIssuers({
    allow: (name) => name.startsWith('https://login.example.com/tenants/'),
    network: ['login.example.com'],
    resolve: async (name) => {
      const customer = await findCustomer(name)
      return customer && jwtIssuer({ issuer: name, audience: customer.audience, algorithms: ['ES256'] })
    },
    mostOpen: 500,
  })
  // #endregion
  return tenants
}

export function unguarded(customers: ReadonlySet<string>) {
  // #region any-network
  const tenants = tenantIssuers({
    allow: (name) => customers.has(name),
    network: unsafeAnyNetwork, // our egress proxy refuses everything internal
  })
  // #endregion
  return tenants
}
