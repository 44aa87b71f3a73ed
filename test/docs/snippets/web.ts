import { createVerifier } from '@tokenward/core'
import type { KeySnapshot, RefusedDecision, TokenRequest } from '@tokenward/core'
// #region protect
import { createResourceServer, fromRequest, protect, scopes, toResponse } from '@tokenward/core'

export const server = createResourceServer({
  issuer: 'https://login.example.com',
  audience: 'https://orders.example.com',
})

export const orders = protect(server, (_request, token) => Response.json({ orderedBy: token.subject }), {
  policy: scopes('orders:read'),
})
// #endregion

// #region worker
const worker = { fetch: orders }
// #endregion

interface Env {
  readonly REGION: string
}

interface ExecutionContext {
  readonly waitUntil: (work: Promise<unknown>) => void
}

// #region wait-until
const regional = protect(
  server,
  (_request, token, env: Env, _context: ExecutionContext) =>
    Response.json({ orderedBy: token.subject, region: env.REGION }),
  {
    policy: scopes('orders:read'),
    waitUntil: (_env, context) => (work) => context.waitUntil(work),
  },
)
// #endregion

// #region by-hand
async function handleOrders(request: Request, context: ExecutionContext): Promise<Response> {
  const authenticated = await server.authenticate(fromRequest(request), {
    waitUntil: (work) => context.waitUntil(work),
  })
  if (!authenticated.granted) return toResponse(authenticated)

  const authorized = server.authorize(authenticated.token, scopes('orders:read'))
  if (!authorized.granted) return toResponse(authorized)

  return Response.json({ orderedBy: authorized.token.subject })
}
// #endregion

/** What this needs of an event of an HTTP gateway. */
export interface GatewayEvent {
  readonly requestContext: { readonly http: { readonly method: string; readonly path: string } }
  readonly headers: Readonly<Record<string, string>>
}

// #region event
function tokenRequestOf({ requestContext, headers }: GatewayEvent): TokenRequest {
  const { method, path } = requestContext.http
  return {
    method,
    url: `https://orders.example.com${path}`,
    headerValues: (name) => [headers[name] ?? []].flat(), // these names are in lower case already
  }
}

function gatewayAnswer({ status, headers, body }: RefusedDecision) {
  return { statusCode: status, headers: Object.fromEntries(headers), body: JSON.stringify(body) }
}

async function handler(event: GatewayEvent) {
  const decision = await server.authenticate(tokenRequestOf(event))
  if (!decision.granted) return gatewayAnswer(decision)
  return { statusCode: 200, body: JSON.stringify({ orderedBy: decision.token.subject }) }
}
// #endregion

// #region verify
async function subjectOf(token: string): Promise<string | undefined> {
  const { subject } = await server.verifier.verify(token) // throws AuthError
  return subject
}
// #endregion

/** Whatever outlives the process: a file, an object in a bucket, a parameter. */
export interface Snapshots {
  readonly read: () => Promise<KeySnapshot | undefined>
  readonly write: (keys: KeySnapshot) => Promise<void>
}

export async function seeded(snapshots: Snapshots) {
  const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }
  // #region export
  const verifier = createVerifier(options)
  await verifier.warmUp()
  await snapshots.write(verifier.exportKeys())
  // #endregion

  // #region seed
  const seededServer = createResourceServer({ ...options, seedKeys: await snapshots.read() })
  // #endregion
  return seededServer
}

export { gatewayAnswer, handleOrders, handler, regional, subjectOf, tokenRequestOf, worker }
