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

/** A request as some host hands it over. */
export interface HostRequest {
  readonly verb: string
  readonly address: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

// #region shape
function tokenRequestOf({ verb, address, fields }: HostRequest): TokenRequest {
  return {
    method: verb,
    url: address,
    headerValues: (name) => fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value),
  }
}

function hostAnswer({ status, headers, body }: RefusedDecision) {
  return { status, fields: headers, text: body === undefined ? '' : JSON.stringify(body) }
}

async function answerOrders(request: HostRequest) {
  const decision = await server.authenticate(tokenRequestOf(request))
  if (!decision.granted) return hostAnswer(decision)
  return { status: 200, fields: [], text: `ordered by ${decision.token.subject}` }
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

export { answerOrders, handleOrders, regional, subjectOf }
