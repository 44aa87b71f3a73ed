import { logRefusals } from '@tokenward/core'
import { readCommand, usage } from './command-line.ts'
import { obtainCredentials, read } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { curlLine, tokenRequestLine } from './curl-lines.ts'
import { exchange } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { endpoint } from './grants.ts'
import { obtainOpaqueCredentials } from './opaque-credentials.ts'
import type { OpaqueCredentials } from './opaque-credentials.ts'
import { afterDelay, beforeOutage, introspected, refusedWhenAsked, revoked, unanswered } from './opaque-requests.ts'
import { accessTokenLifetimeSeconds, partnerClient, workerClient } from './provider-configuration.ts'
import { exitCode, renderExchange, renderIntrospections, renderSummary, renderVerdict } from './report.ts'
import { accepted, forged, misused, outage, rotation, withoutCredential } from './requests.ts'
import type { Section } from './requests.ts'
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
    const opaque = await obtainOpaqueCredentials(servers)
    await beforeOutage(servers, opaque)
    await servers.lostServer.close()
    const signedOnes = await walkThroughSigned(servers, credentials)
    const opaqueOnes = await walkThroughOpaque(servers, credentials, opaque, signedOnes.length)
    const exchanges = [...signedOnes, ...opaqueOnes]
    console.log(summary(signedOnes, opaqueOnes))
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
    '                      POST /orders  scope orders:write, and opaque tokens asked about afresh',
  ].join('\n')
}

function summary(signedOnes: readonly Exchange[], opaqueOnes: readonly Exchange[]): string {
  return [
    `\n${style.bold('Summary')}`,
    renderSummary(signedOnes, style),
    `${style.bold('Opaque tokens and revocation')}\n${style.dim('asked: how often the authorization server was asked about the token')}`,
    renderIntrospections(opaqueOnes, style, signedOnes.length + 1),
    renderVerdict([...signedOnes, ...opaqueOnes], style),
  ].join('\n\n')
}

function walkThroughSigned(servers: Servers, credentials: Credentials): Promise<Exchange[]> {
  const sections = [accepted, withoutCredential, misused, forged, outage, rotation]
  return walkThrough(sections.map((section) => () => section(servers, credentials)))
}

function walkThroughOpaque(
  servers: Servers,
  credentials: Credentials,
  opaque: OpaqueCredentials,
  earlier: number,
): Promise<Exchange[]> {
  const sections = [introspected, revoked, afterDelay, refusedWhenAsked, unanswered]
  return walkThrough(
    sections.map((section) => () => section(servers, opaque, credentials)),
    earlier,
  )
}

/** Each section is made when its turn has come, since making it may change something. */
async function walkThrough(sections: readonly (() => Section | Promise<Section>)[], earlier = 0): Promise<Exchange[]> {
  const exchanges: Exchange[] = []
  for (const section of sections) {
    const { title, remark, requests } = await section()
    console.log(`\n${style.bold(title)}\n${style.dim(remark)}`)
    for (const request of requests) {
      const latest = await exchange(request)
      exchanges.push(latest)
      console.log(`\n${renderExchange(earlier + exchanges.length, latest, style)}`)
    }
  }
  return exchanges
}

async function stayUp({ authorizationServer, askingApi }: Servers, exchanges: readonly Exchange[]): Promise<void> {
  const tokenEndpoint = await endpoint(authorizationServer.issuer, 'token_endpoint')
  const grant = { grant_type: 'client_credentials', ...read }
  const revocationEndpoint = await endpoint(authorizationServer.issuer, 'revocation_endpoint')
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  console.log(`
${style.bold('Try it yourself')}

${exchanges.flatMap(({ request }) => (request.isOnce === true ? [] : [curlLine(request)])).join('\n\n')}

# A fresh access token, since these expire after ${accessTokenLifetimeSeconds / 60} minutes:
${tokenRequestLine(tokenEndpoint, workerClient, grant)}

# A fresh opaque token, for ${askingApi.url}/orders:
${tokenRequestLine(tokenEndpoint, partnerClient, grant)}

# And its revocation, which that API notices within 60 seconds:
${tokenRequestLine(revocationEndpoint, partnerClient, { token: '...' })}

# What the authorization server says about itself:
curl -sS '${authorizationServer.issuer}/.well-known/openid-configuration'

Serving until Ctrl-C. What the operator hears of refusals appears below.
`)
  for (const { request } of exchanges) request.api.reportTo(logRefusals(console))
  await told
}
