import type { OnModuleDestroy } from '@nestjs/common'
import type { RequestGate, ResourceServer, ResourceServerOptions, TokenClaims } from '@tokenward/core'
import { createRequestGate, readAdapterInput } from '@tokenward/core'
import type { Credentials } from './execution.ts'

/** Claims of any schema: only `any` fits invariant type parameters. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyClaims = any

/** What `createResourceServer` takes; or what it made, which stays yours to close, as a `verifier` does. */
export type ProtectionOptions<Claims = TokenClaims> = {
  /** Asked where a GraphQL, WebSocket or RPC call has no Authorization field, and never over HTTP. */
  readonly credentials?: Credentials | undefined
} & (ResourceServerOptions<Claims> | { readonly resourceServer: ResourceServer<Claims, undefined> })

/** One resource server of an application, and how the guard asks it. */
export interface Protection extends ResourceServer<AnyClaims, undefined>, OnModuleDestroy {
  readonly gate: RequestGate<AnyClaims, undefined>
  readonly credentials: Credentials | undefined
}

/** Where an application has the resource server of this name: for `@Inject`, to warm it up or to ask for its status. */
export function resourceServerToken(name: string = 'default'): symbol {
  return Symbol.for(`tokenward.nestjs.${name}`)
}

/** @throws TypeError that names every problem, those in `problems` included */
export function protectionOf(options: ProtectionOptions<AnyClaims>, subject: string, problems: string[]): Protection {
  const { credentials, ...given } = Object(options) as typeof options // or nothing, if it is no object
  const { resourceServer, ...others } = given as { readonly resourceServer?: object } // checked where it is read
  if (credentials !== undefined && typeof credentials !== 'function') problems.push('credentials must be a function')
  if ('refusals' in others) problems.push('refusals is no option: exception filters format refusals')
  const beside = Object.keys(resourceServer === undefined ? {} : others)
  problems.push(...beside.map((name) => `${name} cannot stand beside resourceServer`))
  let server: ResourceServer<AnyClaims, undefined> | undefined
  try {
    server = readAdapterInput<AnyClaims>(subject, (resourceServer ?? others) as typeof server & object).server
  } catch (error) {
    problems.unshift(String(error).replace(`TypeError: ${subject}: `, ''))
  }
  if (server === undefined || problems.length > 0) throw new TypeError(`${subject}: ${problems.join('; ')}`)
  const onModuleDestroy = 'issuer' in others ? server.close : (): void => {}
  return { ...server, gate: createRequestGate(server), credentials, onModuleDestroy }
}
