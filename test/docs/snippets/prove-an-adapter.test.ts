// #region start
import { adapterContract, contractApi, serve } from '@tokenward/testing/contract'
import type { RequestListener } from 'node:http'
import type { Handler } from './plain-adapter.ts'
import { protect } from './plain-adapter.ts'

const contract = await adapterContract({
  start({ servers, policies }) {
    const pass: Handler = (_request, response) => {
      response.setHeader('Content-Type', 'application/json').end(contractApi.passed)
    }
    const whoever: Handler = (_request, response, token) => {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ subject: token?.subject ?? null }))
    }
    const inner = protect(servers.inner, pass, policies.orders)
    const routes = new Map<string, RequestListener>([
      [contractApi.orders, protect(servers.orders, pass, policies.orders)],
      [contractApi.twoChallenges, protect(servers.twoChallenges, pass, policies.orders)],
      [contractApi.nested, protect(servers.outer, inner)],
      [contractApi.anonymous, protect(servers.anonymous, whoever)],
      [contractApi.brokenPolicy, protect(servers.orders, pass, policies.broken)],
    ])
    return serve((request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://localhost')
      const route = routes.get(pathname)
      if (route === undefined) response.writeHead(404).end()
      else route(request, response)
    })
  },
  lacks: ['mounted', 'cors', 'unauthenticated'],
})
// #endregion

// #region tests
import { afterAll, expect, test } from 'vitest'

test.each(contract.requests)('$group: $name', async ({ run }) => {
  expect(await run()).toEqual([])
})
afterAll(contract.close)
// #endregion
