import { createResourceServer, logRefusals, protect, scopes } from '@tokenward/core'
import type { AccessToken, Policy, StandardSchema, TokenClaims, TokenwardEvent } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import { manualClock, testIssuer } from '@tokenward/testing'
import express from 'express'

import { app as corsApp, backToFront } from '../snippets/cors.ts'
import { app as errorsApp } from '../snippets/errors.ts'
import { verifier as laxVerifier } from '../snippets/laxer-issuers.ts'
import { freshToken, policed } from '../snippets/policies.ts'
import { app as readmeApp } from '../snippets/readme.ts'
import { perCustomer } from '../snippets/several-issuers.ts'
import { transcript } from '../transcript.ts'
import { audience, issuerName, networkFailure, withIssuers } from './host.ts'
import type { Outputs } from './output.ts'

const issuer = await testIssuer({ issuer: issuerName })
const get = 'curl -i http://localhost:3000/orders'
const withToken = `${get} -H "Authorization: Bearer $TOKEN"`

/** An application with one route behind one policy. */
function guardedBy(policy: Policy) {
  const api = tokenward({ issuer: issuerName, audience, onEvent: logRefusals(console) })
  return express().get('/orders', api.authenticate, api.authorize(policy), (_req, res) => {
    res.sendStatus(204)
  })
}

/** The answer to a token with these claims, and what was logged. */
async function ask(app: express.Express, claims: Readonly<Record<string, unknown>> = {}, command = withToken) {
  const token = await issuer.mint({ aud: audience, ...claims })
  return withIssuers([issuer], () => transcript(app, command, { TOKEN: token, BIG: 'x'.repeat(17_000) }))
}

/** What `logRefusals` says where this token is verified with these options. */
async function logged(
  token: string,
  { trusted = [issuerName], claims }: { trusted?: readonly string[]; claims?: StandardSchema<TokenClaims> } = {},
): Promise<string> {
  const api = tokenward({ issuer: trusted, audience, claims, onEvent: logRefusals(console) })
  const app = express().use(api.authenticate)
  return (await withIssuers([issuer], () => transcript(app, withToken, { TOKEN: token }))).lines.join('\n')
}

const policies: Outputs = {
  'policies-scopes': async () =>
    (
      await ask(
        policed(async () => undefined),
        {},
        withToken.replace('-i', '-i -X POST'),
      )
    ).result,
  'policies-log': async () => (await ask(guardedBy(scopes('orders:read', 'orders:write')))).lines.join('\n'),
  'policies-own': async () => (await ask(guardedBy(freshToken), { iat: 1_700_000_000 })).result,
  'policies-fault': async () => {
    // the mistake that the page is about, which the compiler would not let anybody make
    const forgetful = ((token: AccessToken) => token.scopes.includes('orders:read')) as unknown as Policy
    return (await ask(guardedBy(forgetful))).lines.join('\n')
  },
  'policies-schema': async () => {
    const { claims } = await schemaOfPage()
    return logged(await issuer.mint({ aud: audience, tenant: 7 }), { claims })
  },
}

async function schemaOfPage() {
  const { z } = await import('zod')
  return { claims: z.looseObject({ tenant: z.string(), roles: z.array(z.string()).default([]) }) }
}

const errors: Outputs = {
  'errors-answer': async () => (await ask(readmeApp, { aud: 'https://billing.example.com' })).result,
  'errors-log': async () => (await ask(readmeApp, { aud: 'https://billing.example.com' })).lines.join('\n'),
  'errors-forward': async () => (await ask(errorsApp, { scope: 'profile' })).result,
}

const issuers: Outputs = {
  'several-untrusted': async () => {
    const stranger = await testIssuer({ issuer: 'https://login.example.org' })
    return logged(await stranger.mint({ aud: audience }), { trusted: [issuerName, 'https://partners.example.net'] })
  },
  'several-guarded': async () => {
    const inside = await testIssuer({ issuer: 'https://10.0.0.1' })
    const api = perCustomer(new Set([inside.issuer]))
    const app = express().use(api.authenticate)
    const token = await inside.mint({ aud: audience })
    const { lines } = await withIssuers([inside], () => transcript(app, withToken, { TOKEN: token }))
    await api.close()
    return lines.join('\n')
  },
  'laxer-refused': async () => logged(await issuer.mint({ aud: audience }, { header: { typ: 'JWT' } })),
  'laxer-id-token': async () => {
    const token = await issuer.idToken({ aud: audience })
    const events: TokenwardEvent[] = []
    const { result } = await withIssuers([issuer], async () =>
      laxVerifier.verify(token).catch((error: unknown) => error),
    )
    if (result instanceof Error) events.push({ type: 'refused', code: 'TOKEN_TYPE_REJECTED', message: result.message })
    const lines: string[] = []
    const log = { warn: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) }
    for (const event of events) logRefusals(log)(event)
    return lines.join('\n')
  },
}

const preflight = [
  'curl -i -X OPTIONS http://localhost:3000/orders',
  '-H "Origin: https://app.example.com"',
  '-H "Access-Control-Request-Method: GET"',
  '-H "Access-Control-Request-Headers: authorization"',
].join(' ')

const browsers: Outputs = {
  'cors-preflight': async () => (await ask(corsApp, {}, preflight)).result,
  'cors-wrong-order': async () => (await ask(backToFront, {}, preflight)).result,
  'cors-refusal': async () => (await ask(corsApp, {}, `${get} -H "Origin: https://app.example.com"`)).result,
}

const operations: Outputs = {
  'deployment-431': async () => (await ask(readmeApp, {}, `${get} -H "Authorization: Bearer $BIG"`)).result,
  'deployment-status': async () => {
    const clock = manualClock()
    const { verifier } = createResourceServer({
      issuer: issuerName,
      audience,
      system: { ...clock, fetch: issuer.fetch },
    })
    await verifier.warmUp()
    await clock.advance(90)
    return JSON.stringify(verifier.status(), undefined, 2)
  },
  'deployment-repeated': async () => {
    const token = await issuer.mint({ aud: audience })
    const other = await testIssuer({ issuer: 'https://repeated.example.com' })
    const { lines } = await withIssuers([other], async () => {
      for (const _ of Array.from({ length: 10 })) {
        const server = createResourceServer({ issuer: other.issuer, audience, onEvent: logRefusals(console) })
        await server.verifier.verify(token).catch(() => {})
      }
    })
    return lines.filter((line) => line.includes('verifiers')).join('\n')
  },
  'observability-log': async () => {
    const lines = [
      (await ask(readmeApp, {}, get)).lines,
      (await ask(readmeApp, { exp: Date.now() / 1000 - 3599.6 })).lines, // rounds to 3600 for most of a second
      (await ask(readmeApp, { scope: 'profile' })).lines,
      await outageLines(),
    ]
    return lines.flat().join('\n')
  },
  'observability-events': async () => (await eventsOfOneRun()).map((event) => JSON.stringify(event)).join('\n'),
}

/** What is logged of a first token while the issuer is down. */
async function outageLines(): Promise<readonly string[]> {
  const api = tokenward({ issuer: issuerName, audience, onEvent: logRefusals(console) })
  const app = express().use(api.authenticate)
  const token = await issuer.mint({ aud: audience })
  const { lines } = await withIssuers([], () => transcript(app, withToken, { TOKEN: token }))
  await api.close()
  return lines
}

async function eventsOfOneRun(): Promise<readonly TokenwardEvent[]> {
  const clock = manualClock()
  let isDown = false
  const rotating = await testIssuer({
    issuer: issuerName,
    clock,
    keySeries: 'events',
    respond: () => (isDown ? Promise.reject(networkFailure()) : undefined),
  })
  const events: TokenwardEvent[] = []
  const server = createResourceServer({
    issuer: issuerName,
    audience,
    onEvent: (event) => events.push(event),
    system: { ...clock, fetch: rotating.fetch, random: () => 0.5 },
  })
  const handler = protect(server, () => new Response(), { policy: scopes('orders:read') })
  const send = async (claims: Readonly<Record<string, unknown>> = {}) => {
    const authorization = `Bearer ${await rotating.mint({ aud: audience, ...claims })}`
    return handler(new Request('https://orders.example.com', { headers: { authorization } }))
  }
  await send()
  await send({ scope: 'profile' })
  await rotating.rotate()
  await send()
  isDown = true
  await clock.advance(12 * 60)
  await send()
  await server.close()
  const kinds = new Set<string>()
  return events.filter(({ type }) => !kinds.has(type) && kinds.add(type))
}

export const guideOutputs: Outputs = { ...policies, ...errors, ...issuers, ...browsers, ...operations }
