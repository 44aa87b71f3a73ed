import type { ExecutionContext } from './hosts.ts'

interface Env {
  readonly REGION: string
}

// #region worker
import { protect, scopes } from '@tokenward/core'
import { server } from './orders.ts'

const orders = protect(
  server,
  (_request, token, env: Env, _context: ExecutionContext) =>
    Response.json({ orderedBy: token.subject, region: env.REGION }),
  {
    policy: scopes('orders:read'),
    waitUntil: (_env, context) => (work) => context.waitUntil(work),
  },
)

export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    if (new URL(request.url).pathname === '/health') return Response.json({ ok: true })
    return orders(request, env, context) // everything else needs a token
  },
}
// #endregion
