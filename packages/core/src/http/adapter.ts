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

const NAMES = ['refusals']

/**
 * Reads what an adapter was given.
 *
 * @param subject the function that the user called, for the message
 * @param options beside a resource server; among the first argument otherwise
 * @throws TypeError that names every problem
 */
export function readAdapterInput<Claims>(
  subject: string,
  input: AdapterInput<Claims>,
  options: AdapterOptions = {},
): { readonly server: ResourceServer<Claims, undefined>; readonly refusals: 'write' | 'forward' } {
  const problems = new OptionProblems(subject)
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

function checkRefusals(problems: OptionProblems, refusals: unknown): void {
  const isKnown = refusals === undefined || refusals === 'write' || refusals === 'forward'
  problems.require(isKnown, 'refusals must be "write" or "forward"')
}

function isServer<Claims>(input: AdapterInput<Claims>): input is ResourceServer<Claims, undefined> {
  return 'authenticate' in input && 'authorize' in input
}
