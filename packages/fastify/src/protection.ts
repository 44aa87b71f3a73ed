import type { AnyClaims, Decision, RequestGate } from '@tokenward/core'
import { ERRORS, groupedHeaders, notAuthenticated, refusalError } from '@tokenward/core'
import type { AnyReply, AnyRequest, Done } from './fastify-types.ts'

/** Where the plugin decorates the context that registers it. Those below inherit this, or have one of their own. */
export const protection: unique symbol = Symbol.for('tokenward.fastify')

/** What one registration of the plugin puts in front of its context. */
export interface Protection {
  readonly gate: RequestGate<AnyClaims, undefined>
  readonly refusals: 'write' | 'forward'
}

/** @throws AuthError NOT_AUTHENTICATED, with a text that anyone may read, where there is none */
export function innermost({ server }: AnyRequest): Protection {
  const { [protection]: found } = server as { readonly [protection]?: Protection } // nothing else is ever put there
  if (found !== undefined) return found
  throw notAuthenticated('tokenward is registered neither in the context of this route nor above')
}

/**
 * Goes on, or refuses and does not come back: Fastify takes a hook that is done, or a promise that is kept, for leave to
 * run the handler, unless the answer was written to its end by then.
 */
export function proceed({ refusals }: Protection, decision: Decision<unknown>, reply: AnyReply, done: Done): void {
  if (decision.granted) return done()
  if (reply.sent || reply.raw.headersSent) return // something else answered meanwhile
  if (refusals === 'forward') {
    // Fastify's own error handler sends `code`, so it tells no more than the text does; the operator's is in the cause
    const [value] = Object.entries(ERRORS).find(([, it]) => it.description === decision.body?.error_description) ?? []
    return done(Object.defineProperty(refusalError(decision), 'code', { value }))
  }
  reply.code(decision.status)
  for (const [name, value] of Object.entries(groupedHeaders(decision.headers))) reply.header(name, value)
  reply.serializer(String) // the body is text already, whatever serializer an earlier hook chose
  reply.send(decision.body && JSON.stringify(decision.body))
}
