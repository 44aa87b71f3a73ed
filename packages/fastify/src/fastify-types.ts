import type { FastifyReply, FastifyRequest } from 'fastify'

// A request or reply of any route: what their parameters, bodies and types are does not matter here, and `any` is the
// only type that says so to invariant type parameters.
/* oxlint-disable typescript/no-explicit-any */
export type AnyRequest = FastifyRequest<any, any, any, any, any, any, any>
export type AnyReply = FastifyReply<any, any, any, any, any, any, any>

/** Lets Fastify go on, or hands it an error. */
export type Done = (error?: Error) => void
