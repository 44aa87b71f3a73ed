type Handler = (request: Request) => Response | Promise<Response>

// What the examples need of the hosts that they run on.
declare global {
  const Deno: { readonly serve: (handler: Handler) => unknown }
  const Bun: { readonly serve: (options: { readonly routes: Readonly<Record<string, Response | Handler>> }) => unknown }
}

/** Of Cloudflare Workers. */
export interface ExecutionContext {
  readonly waitUntil: (work: Promise<unknown>) => void
}
