import type { ContractApp, ContractParts, Transport } from '@tokenward/testing/contract'

import { tokenward } from '@tokenward/express'
import { contractApi, serve } from '@tokenward/testing/contract'
import cors from 'cors'

import type { Express } from './versions.ts'

/** The API of the contract on Express. */
export function contractApp(express: Express, transport: Transport = {}) {
  return ({ servers, policies }: ContractParts): Promise<ContractApp> => {
    const orders = tokenward(servers.orders)
    const anonymous = tokenward(servers.anonymous)
    const twoChallenges = tokenward(servers.twoChallenges)
    const outer = tokenward(servers.outer)
    const inner = tokenward(servers.inner)
    const guard = [orders.authenticate, orders.authorize(policies.orders)]
    const pass = express.Router().use((_request, response) => void response.type('json').send(contractApi.passed))
    const mounted = express.Router().all('/orders', guard, pass)

    const app = express()
    app.use(contractApi.cors, cors({ origin: contractApi.origin, exposedHeaders: ['WWW-Authenticate'] }))
    app.all([contractApi.orders, contractApi.cors], guard, pass)
    app.use('/mounted', mounted)
    app.all(contractApi.twoChallenges, twoChallenges.authenticate, twoChallenges.authorize(policies.orders), pass)
    app.all(contractApi.nested, outer.authenticate, inner.authenticate, inner.authorize(policies.orders), pass)
    app.all(contractApi.anonymous, anonymous.authenticate, (request, response) => {
      response.json({ subject: request.auth?.subject ?? null })
    })
    app.all(contractApi.brokenPolicy, orders.authenticate, orders.authorize(policies.broken), pass)
    app.all(contractApi.unauthenticated, orders.authorize(policies.orders), pass)
    return serve(app, transport)
  }
}
