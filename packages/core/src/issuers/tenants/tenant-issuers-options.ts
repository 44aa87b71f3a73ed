import { OptionProblems } from '../../internal/option-problems.ts'
import { checkIssuerIdentifier } from '../issuer.ts'
import type { Issuer } from '../issuer.ts'
import type { Network } from './network.ts'
import { isNetwork } from './network.ts'

interface CommonTenantOptions {
  /** Makes the issuer of an allowed name; undefined for one that does not exist. Default: `jwtIssuer({ issuer: name })`. */
  readonly resolve?: ((name: string) => Issuer | undefined | Promise<Issuer | undefined>) | undefined
  /** How many issuers whose keys were seen are kept open, and as many others; the least recently used is closed. Default 100, or all of an `allow` list. */
  readonly mostOpen?: number | undefined
}

/**
 * Which issuers may exist, and what may be reached for them. `allow` is asked first, for every token and before any
 * network. Where it is a function, a token chooses what is contacted, so `network` says what may be: `guardedFetch()`,
 * a list of hosts, or `unsafeAnyNetwork`.
 */
export type TenantIssuersOptions = CommonTenantOptions &
  (
    | { readonly allow: readonly string[]; readonly network?: Network | undefined }
    | { readonly allow: (name: string) => boolean; readonly network: Network }
  )

/** @throws TypeError that names every problem */
export function checkTenantIssuers(options: TenantIssuersOptions): TenantIssuersOptions {
  const problems = new OptionProblems('tenantIssuers')
  const { given, checked } = problems.read(options, ['allow', 'network', 'resolve', 'mostOpen'])
  const { allow, network, resolve, mostOpen } = given
  if (Array.isArray(allow)) {
    problems.require(allow.length > 0, 'allow must not be an empty list')
    for (const name of allow) checkIssuerIdentifier(problems, 'allow', name, resolve !== undefined)
  } else {
    problems.require(
      typeof allow === 'function',
      'allow must be a list of issuers or a function that answers true or false',
    )
    problems.require(network !== undefined, NETWORK_REQUIRED)
  }
  problems.require(
    network === undefined || isNetwork(network),
    'network must be guardedFetch(), a list of hosts, or unsafeAnyNetwork',
  )
  problems.function('resolve', resolve)
  const isCount = Number.isInteger(mostOpen) && Number(mostOpen) > 0
  problems.require(mostOpen === undefined || isCount, 'mostOpen must be a positive whole number')
  problems.throwIfAny()
  return checked
}

const NETWORK_REQUIRED =
  'network is required where allow is a function, since tokens then choose what is contacted: guardedFetch() of @tokenward/core/node, a list of hosts, or unsafeAnyNetwork'
