import type { ContractApp, ContractParts, OptionalRoute } from './contract-api.ts'
import type { KnownTransport, Transport } from './transport.ts'

import { NODE, TRANSPORTS } from './transport.ts'

export interface AdapterContractOptions {
  /** Makes the API that {@link contractApi} describes, out of these parts, and lets it listen. Called once. */
  readonly start: (parts: ContractParts) => ContractApp | Promise<ContractApp>
  /** What stands between client and adapter; a server of Node by default. */
  readonly transport?: Transport | undefined
  /** Of nested resource servers `every` one has to grant (default), or the `innermost` alone decides. */
  readonly nested?: 'every' | 'innermost' | undefined
  /** Routes that cannot be expressed with this adapter. The API has none of them: requests to them expect 404. */
  readonly lacks?: readonly OptionalRoute[] | undefined
}

export interface CheckedOptions {
  readonly start: AdapterContractOptions['start']
  readonly transport: KnownTransport
  readonly nested: 'every' | 'innermost'
  readonly lacks: readonly OptionalRoute[]
}

const OPTIONAL: ReadonlySet<unknown> = new Set<OptionalRoute>(['mounted', 'cors', 'nested', 'unauthenticated'])

/** @throws TypeError that names every problem of the options */
export function checkOptions(options: AdapterContractOptions): CheckedOptions {
  const { start, transport = {}, nested = 'every', lacks = [], ...others } = options
  const problems = [
    ...Object.keys(others).map((name) => `there is no option ${name}`),
    ...(typeof start === 'function' ? [] : ['start must be a function']),
    ...Object.entries(transport).flatMap(([name, value]) => transportProblems(name, value)),
    ...(nested === 'every' || nested === 'innermost' ? [] : ['nested must be every or innermost']),
    ...lacks.filter((route) => !OPTIONAL.has(route)).map((route) => `lacks: ${route} is not optional`),
  ]
  if (problems.length > 0) throw new TypeError(`adapterContract: ${problems.join('; ')}`)
  const given = Object.fromEntries(Object.entries(transport).filter(([, value]) => value !== undefined))
  return { start, transport: { ...NODE, ...given }, nested, lacks }
}

function transportProblems(name: string, value: string | undefined): readonly string[] {
  const allowed = new Map<string, readonly string[]>(Object.entries(TRANSPORTS)).get(name)
  if (allowed === undefined) return [`transport.${name} is unknown`]
  return value === undefined || allowed.includes(value)
    ? []
    : [`transport.${name} must be one of ${allowed.join(', ')}`]
}
