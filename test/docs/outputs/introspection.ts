import {
  clientSecretBasic,
  createVerifier,
  introspectedIssuer,
  isAuthError,
  jwtIssuer,
  logRefusals,
  memoryRevocations,
} from '@tokenward/core'
import type { TokenwardEvent, TrustedIssuer } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import type { ManualClock, TestIssuer } from '@tokenward/testing'

import { audience, issuerName, networkFailure } from './host.ts'
import type { Outputs } from './output.ts'

const endpoint = `${issuerName}/introspect`
const clientAuthentication = clientSecretBasic('orders-api', 'a-secret')
const lifeSeconds = 300

/** One way to check a token, as the page names it. */
interface Setting {
  readonly name: string
  readonly issuer: () => TrustedIssuer
  readonly fresh?: boolean
  /** Whether the token is revoked here, and not at the authorization server. */
  readonly hasRevocations?: boolean
}

const asked = { issuer: issuerName, endpoint, clientAuthentication }
const settings: readonly Setting[] = [
  { name: 'jwtIssuer', issuer: () => issuerName },
  {
    name: 'jwtIssuer with introspection',
    issuer: () => jwtIssuer({ issuer: issuerName, introspection: introspectedIssuer(asked) }),
  },
  { name: 'introspectedIssuer', issuer: () => introspectedIssuer(asked) },
  {
    name: '  cache: { maxAgeSeconds: 10 }',
    issuer: () => introspectedIssuer({ ...asked, cache: { maxAgeSeconds: 10 } }),
  },
  { name: '  cache: false', issuer: () => introspectedIssuer({ ...asked, cache: false }) },
  { name: '  fresh: true', issuer: () => introspectedIssuer(asked), fresh: true },
  { name: 'jwtIssuer, and revocations', issuer: () => issuerName, hasRevocations: true },
]

interface Server {
  isRevoked: boolean
  isDown: boolean
  questions: number
}

interface Scene {
  readonly clock: ManualClock
  readonly signer: TestIssuer
  readonly server: Server
  readonly fetch: typeof globalThis.fetch
}

/** An authorization server that signs tokens and answers about them. */
async function scene(): Promise<Scene> {
  const clock = manualClock()
  const server = { isRevoked: false, isDown: false, questions: 0 }
  const claims = { sub: 'user-1', aud: audience, exp: clock.nowSeconds() + lifeSeconds }
  const signer = await testIssuer({
    issuer: issuerName,
    clock,
    keySeries: 'introspection',
    respond: (url) => {
      if (server.isDown) return Promise.reject(networkFailure())
      if (url !== endpoint) return undefined
      server.questions += 1
      return Response.json(server.isRevoked ? { active: false } : { active: true, ...claims })
    },
  })
  return { clock, signer, server, fetch: signer.fetch }
}

/** A token that was accepted once, and a way to send it again. */
async function accepted({ issuer, fresh, hasRevocations = false }: Setting) {
  const { clock, signer, server, fetch } = await scene()
  const revocations = hasRevocations ? memoryRevocations({ system: clock }) : undefined
  const system = { ...clock, fetch, random: () => 0.5 }
  const verifier = createVerifier({ issuer: issuer(), audience, revocations, system })
  const token = await signer.mint({ aud: audience })
  await verifier.verify(token, { fresh })
  const revoke = async (): Promise<void> => {
    server.isRevoked = true
    await revocations?.revoke({ token, keepSeconds: lifeSeconds + 30 })
  }
  const stop = async (): Promise<void> => void (server.isDown = true)
  return { clock, server, verifier, revoke, stop, again: () => verifier.verify(token, { fresh }) }
}

/** When the token is refused, and how, where it is sent every ten seconds after something changed. */
async function refusedAfter(setting: Setting, change: 'revoke' | 'stop') {
  const { clock, verifier, again, ...changes } = await accepted(setting)
  await changes[change]()
  for (let seconds = 0; ; seconds += 10) {
    try {
      await again()
    } catch (error) {
      await verifier.close()
      if (isAuthError(error)) return { seconds, status: error.status }
      throw error
    }
    await clock.advance(10)
  }
}

/** How often the server is asked meanwhile. */
async function questionsInSixtyRequests(setting: Setting): Promise<number> {
  const { clock, server, verifier, again } = await accepted(setting)
  const before = server.questions
  for (let second = 1; second <= 60; second += 1) {
    if (second % 10 === 0) await clock.advance(10)
    await again()
  }
  await verifier.close()
  return server.questions - before
}

async function settingsCompared(): Promise<string> {
  const lines = [`${'setting'.padEnd(33)}revoked: 401 after   outage: 503 after   questions in 60 requests`]
  for (const setting of settings) {
    const revoked = await refusedAfter(setting, 'revoke')
    const down = await refusedAfter(setting, 'stop')
    lines.push(
      [
        setting.name.padEnd(33),
        `${revoked.seconds} s`.padEnd(21),
        (down.status === 503 ? `${down.seconds} s` : '-').padEnd(20),
        String(await questionsInSixtyRequests(setting)),
      ].join(''),
    )
  }
  return lines.join('\n')
}

/** What is logged of one token while the endpoint answers so. */
async function logged(answer: () => Response | Promise<Response>): Promise<string> {
  const lines: string[] = []
  const log = { warn: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) }
  for (const event of await events(answer)) logRefusals(log)(event)
  return lines.join('\n')
}

/** What happens meanwhile. */
async function events(answer: () => Response | Promise<Response>): Promise<readonly TokenwardEvent[]> {
  const seen: TokenwardEvent[] = []
  const verifier = createVerifier({
    issuer: introspectedIssuer(asked),
    audience,
    onEvent: (event) => seen.push(event),
    system: { ...manualClock(), fetch: async () => answer() },
  })
  await verifier.verify('an-opaque-token').catch(() => {})
  return seen
}

export const introspectionOutputs: Outputs = {
  'settings-compared': settingsCompared,
  'opaque-inactive': () => logged(() => Response.json({ active: false })),
  'opaque-outage': () => logged(() => Promise.reject(networkFailure())),
  'opaque-credentials': () => logged(() => new Response(null, { status: 401 })),
  'observability-introspection': async () =>
    JSON.stringify((await events(() => new Response(null, { status: 401 })))[0]),
  'opaque-no-audience': () => logged(() => Response.json({ active: true, sub: 'user-1', client_id: 'client-1' })),
}
