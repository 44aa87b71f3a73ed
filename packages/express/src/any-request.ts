import type { Request, Response } from 'express'

// A request or response of any route: what its parameters and bodies are does not matter here, and `any` is the only
// type that says so to the invariant type parameters of Express.
/* oxlint-disable typescript/no-explicit-any */
export type AnyRequest = Request<any, any, any, any, any>
export type AnyResponse = Response<any, any>
