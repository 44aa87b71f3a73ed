// Compiled, never run: what an application writes must have the types that it expects.
import type { AccessToken, Policy } from '@tokenward/core'
import type { AuthorizeHook } from '@tokenward/fastify'
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { Http2Server } from 'node:http2'

import { createResourceServer, createVerifier, scopes } from '@tokenward/core'
import { accessToken, authorize, tokenward } from '@tokenward/fastify'
import Fastify from 'fastify'
import { z } from 'zod'

import type { Equal } from './equal.ts'
import { holds } from './equal.ts'

const trust = { issuer: 'https://issuer.example', audience: 'https://api.example' }
const claims = z.object({ tenant: z.string() })
type Claims = z.infer<typeof claims>

// Options, a resource server, a verifier; a schema of any type; the options of the adapter beside each.
const app = Fastify()
void app.register(tokenward, trust)
void app.register(tokenward, { ...trust, claims, anonymous: 'pass', refusals: 'forward' })
void app.register(tokenward, createResourceServer(trust))
void app.register(tokenward, createResourceServer({ ...trust, claims, anonymous: 'pass' }))
void app.register(tokenward, { ...createResourceServer({ ...trust, claims }), refusals: 'forward' })
void app.register(tokenward, { verifier: createVerifier({ ...trust, claims }), refusals: 'write' })
void app.register(tokenward, () => trust)
// @ts-expect-error -- there is no audience
void app.register(tokenward, { issuer: 'https://issuer.example' })
// @ts-expect-error -- there is no such option
void app.register(tokenward, { ...trust, refusals: 'throw' })

// On servers and with type providers of every kind.
declare const http2: FastifyInstance<Http2Server>
void http2.register(tokenward, trust)
http2.get('/', { onRequest: authorize(scopes('a')) }, async (request) => accessToken(request).subject)
const withLogger = Fastify({ logger: { level: 'info' } })
void withLogger.register(tokenward, trust)
withLogger.get('/', { preHandler: authorize(scopes('a')) }, async (request) => accessToken(request).subject)

// The token of a request, whatever its route.
interface Route {
  Params: { id: string }
  Body: { quantity: number }
  Reply: { 200: string }
}
app.post<Route>('/:id', { onRequest: authorize(scopes('a')) }, async (request) => {
  const token = accessToken(request)
  holds<Equal<typeof token, AccessToken>>()
  holds<Equal<typeof request.auth, AccessToken | undefined>>()
  holds<Equal<ReturnType<typeof accessToken<Claims>>, AccessToken<Claims>>>()
  return `${request.params.id} ${request.body.quantity} ${accessToken<Claims>(request).claims.tenant}`
})
export const ofAnyServer = (request: FastifyRequest<Route>): AccessToken => accessToken(request)

// Hooks, everywhere.
const tenantPolicy: Policy<Claims> = (token) => scopes(token.claims.tenant)(token, 0)
const hook: AuthorizeHook = authorize(tenantPolicy, { fresh: true })
for (const name of ['onRequest', 'preValidation', 'preHandler'] as const) app.addHook(name, hook)
app.addHook('preParsing', hook)
app.get('/', { onRequest: hook, preParsing: [hook, hook], preValidation: hook, preHandler: [hook] }, async () => '')
app.get('/inline', { onRequest: authorize((token) => scopes(String(token.claims['scope']))(token, 0)) }, async () => '')
// @ts-expect-error -- a policy is required
authorize()
// @ts-expect-error -- which is a function
authorize('orders:read')
// @ts-expect-error -- a hook without done would hold nobody back
export const byHand = (request: FastifyRequest): void => hook(request, undefined)

// The config of a route.
app.get('/public', { config: { tokenward: { public: true } } }, async () => '')
app.get('/policy', { config: { tokenward: { policy: scopes('a'), fresh: true } } }, async () => '')
app.get('/typed', { config: { tokenward: { policy: tenantPolicy } } }, async () => '')
app.get('/token', { config: { tokenward: { policy: (token) => scopes(token.issuer)(token, 0) } } }, async () => '')
holds<Equal<NonNullable<FastifyContextConfig['tokenward']>['public'], boolean | undefined>>()
// @ts-expect-error -- a policy is a function
app.get('/wrong', { config: { tokenward: { policy: 'a' } } }, async () => '')
