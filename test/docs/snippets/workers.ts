import { createResourceServer, createVerifier, protect, scopes } from '@tokenward/core'
import type { KeySnapshot } from '@tokenward/core'

interface ExecutionContext {
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** What this needs of a KV namespace. */
interface Env {
  readonly KEYS: {
    readonly get: <T>(name: string, type: 'json') => Promise<T | null>
    readonly put: (name: string, text: string) => Promise<void>
  }
}

// #region workers-kv
const options = { issuer: 'https://login.example.com', audience: 'https://orders.example.com' }

async function start(env: Env) {
  const stored = await env.KEYS.get<KeySnapshot>('issuer-keys', 'json')
  const server = createResourceServer({ ...options, seedKeys: stored ?? undefined })
  return protect(
    server,
    (_request, token, _env: Env, _context: ExecutionContext) => Response.json({ orderedBy: token.subject }),
    {
      policy: scopes('orders:read'),
      waitUntil: (_env, context) => (work) => context.waitUntil(work),
    },
  )
}

let orders: Awaited<ReturnType<typeof start>> | undefined

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    orders ??= await start(env)
    return orders(request, env, context)
  },

  // a cron trigger, every five minutes
  async scheduled(_event: unknown, env: Env): Promise<void> {
    const verifier = createVerifier(options)
    await verifier.warmUp()
    await env.KEYS.put('issuer-keys', JSON.stringify(verifier.exportKeys()))
  },
}
// #endregion
