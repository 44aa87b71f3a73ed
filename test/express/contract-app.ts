import type { ErrorCode, Policy } from '@tokenward/core'
import type { TestIssuer } from '@tokenward/testing'
import type { ServerOptions } from 'node:http'

import { jwtIssuer, scopes } from '@tokenward/core'
import { tokenward } from '@tokenward/express'

import type { ContractApi } from '../contract/answer-problems.ts'
import type { Express } from './versions.ts'

import { contractApi } from '../contract/contract-request.ts'
import { listen } from '../support/listen.ts'

/** The API of the contract on Express, listening. */
export interface ContractApp extends ContractApi, AsyncDisposable {
  readonly refusals: ErrorCode[]
}

export async function contractApp(
  express: Express,
  issuer: TestIssuer,
  now: () => number,
  options: ServerOptions = { maxHeaderSize: 1024 * 1024 },
): Promise<ContractApp> {
  const refusals: ErrorCode[] = []
  const api = tokenward({
    issuer: [issuer.issuer, jwtIssuer({ issuer: contractApi.unreachableIssuer })],
    audience: contractApi.audience,
    system: { now, fetch: issuer.fetch },
    onEvent: (event) => {
      if (event.type === 'refused') refusals.push(event.code)
    },
  })
  const app = express()
  app.all(contractApi.orders, api.authenticate, api.authorize(scopes(contractApi.scope)), (_request, response) => {
    response.type('json').send(contractApi.passed)
  })
  // A cast because a policy written in JavaScript can return anything.
  const broken = (() => undefined) as unknown as Policy
  app.all(contractApi.brokenPolicy, api.authenticate, api.authorize(broken))
  app.all(contractApi.unauthenticated, api.authorize(scopes(contractApi.scope)))
  const server = await listen(app, options)
  return {
    baseUrl: server.origin,
    refusals,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await api.close()
    },
  }
}
