import { logRefusals } from '@tokenward/core'
import { readCommand, usage } from './command-line.ts'
import { obtainCredentials, read } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { curlLine, tokenRequestLine } from './curl-lines.ts'
import { exchange } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { endpoint } from './grants.ts'
import { accessTokenLifetimeSeconds, workerClient } from './provider-configuration.ts'
import { exitCode, renderExchange, renderSummary, renderVerdict } from './report.ts'
import { accepted, forged, misused, outage, rotation, withoutCredential } from './requests.ts'
import { startServers } from './servers.ts'
import type { Servers } from './servers.ts'
import { createStyle, wantsColour } from './style.ts'

// `demo | head`: whoever read the output has seen enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(1)
})

const style = createStyle(wantsColour(process.stdout.isTTY, process.env))
const command = readCommand(process.argv.slice(2))

if (command.kind === 'help') {
  console.log(usage)
} else if (command.kind === 'wrong') {
  console.error(`${command.message}\n\n${usage}`)
  process.exitCode = 2
} else {
  process.exitCode = await run(command.serve)
}

async function run(serve: boolean): Promise<0 | 1> {
  const servers = await startServers()
  try {
    console.log(introduction(servers))
    const credentials = await obtainCredentials(servers)
    await servers.lostServer.close()
    const exchanges = await walkThrough(servers, credentials)
    console.log(
      `\n${style.bold('Summary')}\n\n${renderSummary(exchanges, style)}\n\n${renderVerdict(exchanges, style)}`,
    )
    if (serve) await stayUp(servers, exchanges)
    return exitCode(exchanges)
  } finally {
    await servers.close()
  }
}

function introduction({ authorizationServer, ordersApi }: Servers): string {
  return [
    style.bold('Tokenward: what an API answers to good, missing, misused and forged access tokens'),
    '',
    `Authorization server  ${authorizationServer.issuer}  (oidc-provider)`,
    `Protected API         ${ordersApi.url}  (Express with @tokenward/express)`,
    '                      GET /whoami   any access token for this API',
    '                      GET /orders   scope orders:read',
    '                      POST /orders  scope orders:write',
  ].join('\n')
}

async function walkThrough(servers: Servers, credentials: Credentials): Promise<Exchange[]> {
  const sections = [accepted, withoutCredential, misused, forged, outage, rotation]
  const exchanges: Exchange[] = []
  for (const section of sections) {
    const { title, remark, requests } = await section(servers, credentials)
    console.log(`\n${style.bold(title)}\n${style.dim(remark)}`)
    for (const request of requests) {
      const latest = await exchange(request)
      exchanges.push(latest)
      console.log(`\n${renderExchange(exchanges.length, latest, style)}`)
    }
  }
  return exchanges
}

async function stayUp({ authorizationServer }: Servers, exchanges: readonly Exchange[]): Promise<void> {
  const tokenEndpoint = await endpoint(authorizationServer.issuer, 'token_endpoint')
  const tokenRequest = tokenRequestLine(tokenEndpoint, workerClient, {
    grant_type: 'client_credentials',
    ...read,
  })
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  console.log(`
${style.bold('Try it yourself')}

${exchanges.map(({ request }) => curlLine(request)).join('\n\n')}

# A fresh access token, since these expire after ${accessTokenLifetimeSeconds / 60} minutes:
${tokenRequest}

# What the authorization server says about itself:
curl -sS '${authorizationServer.issuer}/.well-known/openid-configuration'

Serving until Ctrl-C. What the operator hears of refusals appears below.
`)
  for (const { request } of exchanges) request.api.reportTo(logRefusals(console))
  await told
}
