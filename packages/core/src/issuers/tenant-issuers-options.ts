import { OptionProblems } from '../internal/option-problems.ts'
import { isNetwork } from './network.ts'
import type { TenantIssuersOptions } from './tenant-issuers.ts'

/** @throws TypeError that names every problem */
export function checkTenantIssuers(options: TenantIssuersOptions): TenantIssuersOptions {
  const problems = new OptionProblems('tenantIssuers')
  const { allow, network, resolve, mostOpen } = problems.record(options, ['allow', 'network', 'resolve', 'mostOpen'])
  const isList = Array.isArray(allow) && allow.length > 0 && allow.every((name) => typeof name === 'string')
  problems.require(
    isList || typeof allow === 'function',
    'allow must be a list of issuers or a function that answers true or false',
  )
  problems.require(
    network === undefined || isNetwork(network),
    'network must be guardedFetch(), a list of hosts, or unsafeAnyNetwork',
  )
  problems.require(
    typeof allow !== 'function' || network !== undefined,
    'network is required where allow is a function, since tokens then choose what is contacted: guardedFetch() of @tokenward/core/node, a list of hosts, or unsafeAnyNetwork',
  )
  problems.function('resolve', resolve)
  problems.require(
    mostOpen === undefined || (Number.isInteger(mostOpen) && Number(mostOpen) > 0),
    'mostOpen must be a positive whole number',
  )
  problems.throwIfAny()
  return { ...options }
}
