import { isObject } from '../internal/guards.ts'
import { OptionProblems } from '../internal/option-problems.ts'
import type { TokenClaims } from '../token.ts'
import type { ResourceServer, ResourceServerOptions } from './resource-server.ts'
import { resourceServerFrom } from './resource-server.ts'
import { checkResourceServer } from './resource-server-options.ts'

/** What every adapter takes beside the options of a resource server. */
export interface AdapterOptions {
  /** `write` (default) answers a refusal; `forward` hands it to the framework's error flow instead. */
  readonly refusals?: 'write' | 'forward' | undefined
}

/** What an adapter is given: the options of a resource server with its own among them, or a resource server. */
export type AdapterInput<Claims = TokenClaims> =
  | (ResourceServerOptions<Claims> & AdapterOptions)
  | ResourceServer<Claims, undefined>

/** What an adapter is given that takes its own options, whatever they are, among those of the resource server. */
export type ServerInput<Claims = TokenClaims> =
  | ResourceServerOptions<Claims>
  | { readonly resourceServer: ResourceServer<Claims, undefined> }

const NAMES = ['refusals']

/**
 * Reads what an adapter was given.
 *
 * @param subject the function that the user called, for the message
 * @param options beside a resource server; among the first argument otherwise
 * @param found what is wrong with what else the adapter was given
 * @throws TypeError that names every problem
 */
export function readAdapterInput<Claims>(
  subject: string,
  input: AdapterInput<Claims>,
  options: AdapterOptions = {},
  found: readonly string[] = [],
): { readonly server: ResourceServer<Claims, undefined>; readonly refusals: 'write' | 'forward' } {
  const problems = new OptionProblems(subject, found)
  const beside = problems.read(options, NAMES).given
  const given: unknown = input
  if (!isObject(given)) throw problems.add('options or a resource server are required').toError()
  if (isServer(input)) {
    checkRefusals(problems, beside['refusals'])
    problems.throwIfAny()
    return { server: input, refusals: options.refusals ?? 'write' }
  }
  problems.require(Object.keys(beside).length === 0, 'a second argument only goes with a resource server')
  checkRefusals(problems, given['refusals'])
  const server = resourceServerFrom(checkResourceServer(input, problems, NAMES))
  return { server, refusals: input.refusals ?? 'write' }
}

/**
 * Reads the resource server that an adapter was given, or makes it from the options it was given.
 *
 * @param input without the adapter's own options
 * @param found what is wrong with those
 * @throws TypeError that names every problem
 */
export function readServerInput<Claims>(
  subject: string,
  input: ServerInput<Claims>,
  found: readonly string[] = [],
): ResourceServer<Claims, undefined> {
  const problems = new OptionProblems(subject, found)
  // a cast because what it is becomes clear below
  const { resourceServer, ...others } = Object(input) as { readonly resourceServer?: AdapterInput<Claims> }
  if (resourceServer !== undefined) {
    for (const name of Object.keys(others)) problems.add(`${name} cannot stand beside resourceServer`)
  }
  const given = resourceServer ?? (others as ResourceServerOptions<Claims>) // to be checked as such
  if (!isObject(given)) throw problems.add('options or a resource server are required').toError()
  if (!isServer(given)) return resourceServerFrom(checkResourceServer(given, problems))
  problems.throwIfAny()
  return given
}

function checkRefusals(problems: OptionProblems, refusals: unknown): void {
  const isKnown = refusals === undefined || refusals === 'write' || refusals === 'forward'
  problems.require(isKnown, 'refusals must be "write" or "forward"')
}

function isServer<Claims>(input: AdapterInput<Claims>): input is ResourceServer<Claims, undefined> {
  return 'authenticate' in input && 'authorize' in input
}
