import { createVerifier } from '@tokenward/core'
import type { KeySnapshot } from '@tokenward/core'
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

interface ExecutionContext {
  readonly waitUntil: (work: Promise<unknown>) => void
}

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

interface GatewayEvent {
  readonly requestContext: { readonly http: { readonly method: string; readonly path: string } }
  readonly headers: Readonly<Record<string, string>>
}

// #region event
async function handler(event: GatewayEvent) {
  const { method, path } = event.requestContext.http
  const decision = await server.authenticate({
    method,
    url: `https://orders.example.com${path}`,
    headerValues: (name) => [event.headers[name] ?? []].flat(), // these names are in lower case already
  })
  if (!decision.granted) {
    const { status, headers, body } = decision
    return { statusCode: status, headers: Object.fromEntries(headers), body: JSON.stringify(body) }
  }
  return { statusCode: 200, body: JSON.stringify({ orderedBy: decision.token.subject }) }
}
// #endregion

// #region verify
async function subjectOf(token: string): Promise<string | undefined> {
  const { subject } = await server.verifier.verify(token) // throws AuthError
  return subject
}
// #endregion

interface Storage {
  readonly read: () => Promise<KeySnapshot | undefined>
  readonly write: (keys: KeySnapshot) => Promise<void>
}

export async function seeded(storage: Storage) {
  // #region seed
  const verifier = createVerifier({
    issuer: 'https://login.example.com',
    audience: 'https://orders.example.com',
    seedKeys: await storage.read(),
  })

  await verifier.warmUp() // fetches only if the seeded keys are too old, or there are none
  await storage.write(verifier.exportKeys())
  // #endregion
  return verifier
}

export { handleOrders, handler, subjectOf, worker }
