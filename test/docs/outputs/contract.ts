import type { ResourceServer } from '@tokenward/core'

import { adapterContract, contractApi, serve } from '@tokenward/testing/contract'

import { protect } from '../snippets/plain-adapter.ts'
import type { Outputs } from './output.ts'

/** As an adapter would have it that reads `request.headers`, where Node shows the first of two Authorization lines only. */
function seeingOneLine(server: ResourceServer): ResourceServer {
  return {
    ...server,
    authenticate: ({ method, url, headerValues }, options) =>
      server.authenticate({ method, url, headerValues: (name) => headerValues(name).slice(0, 1) }, options),
  }
}

async function problems(): Promise<string> {
  const { requests, close } = await adapterContract({
    start: ({ servers, policies }) =>
      serve(
        protect(
          seeingOneLine(servers.orders),
          (_request, response) => void response.setHeader('Content-Type', 'application/json').end(contractApi.passed),
          policies.orders,
        ),
      ),
  })
  const lines: string[] = []
  for (const { group, name, run } of requests.filter(({ group: title }) => title === 'the field twice').slice(0, 2)) {
    lines.push(...(await run()).map((problem) => `${group}: ${name}: ${problem}`))
  }
  await close()
  return lines.join('\n')
}

export const contractOutputs: Outputs = { 'contract-problems': problems }
