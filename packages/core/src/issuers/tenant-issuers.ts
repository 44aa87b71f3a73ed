import { LRUCache } from 'lru-cache'
import { AuthError } from '../errors.ts'
import { discard } from '../internal/foreign-result.ts'
import { urlProblem } from '../internal/option-problems.ts'
import type { System } from '../system.ts'
import type { Issuer, IssuerContext, OpenIssuer, OpenTenants, TenantIssuers } from './issuer.ts'
import { jwtIssuer } from './jwt-issuer.ts'
import type { Network } from './network.ts'
import { guardedNetwork } from './network.ts'
import { checkTenantIssuers } from './tenant-issuers-options.ts'

interface CommonTenantOptions {
  /** Makes the issuer of an allowed name; undefined for one that does not exist. Default: `jwtIssuer({ issuer: name })`. */
  readonly resolve?: ((name: string) => Issuer | undefined | Promise<Issuer | undefined>) | undefined
  /** How many issuers are kept open at a time; the least recently used is closed. Default 100. */
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

/**
 * Trusts issuers that are not known when the program starts. Nothing is shared between them.
 *
 * @throws TypeError that names every problem of the options
 */
export function tenantIssuers(options: TenantIssuersOptions): TenantIssuers {
  const checked = checkTenantIssuers(options)
  return { openTenants: (context) => new LiveTenants(checked, context) }
}

class LiveTenants implements OpenTenants {
  /** Issuers whose keys were seen. Names that are allowed but have no keys cannot push these out. */
  readonly #proven: LRUCache<string, OpenIssuer>
  readonly #unproven: LRUCache<string, OpenIssuer>
  readonly #resolving = new Map<string, Promise<OpenIssuer | undefined>>()
  readonly #options: TenantIssuersOptions
  readonly #context: IssuerContext

  constructor(options: TenantIssuersOptions, context: IssuerContext) {
    const max = options.mostOpen ?? 100
    const dispose = (issuer: OpenIssuer, _name: string, reason: string): void => {
      if (reason === 'evict') issuer.close()
    }
    this.#proven = new LRUCache({ max, dispose })
    this.#unproven = new LRUCache({ max, dispose })
    this.#options = options
    const system: System = { ...context.system, fetch: guardedNetwork(options.network, context.system) }
    this.#context = { ...context, system }
  }

  async find(name: string): Promise<OpenIssuer | undefined> {
    if (!this.#allows(name)) return undefined
    const proven = this.#proven.get(name)
    if (proven !== undefined) return proven
    const unproven = this.#unproven.get(name)
    if (unproven === undefined) return this.#resolveOnce(name)
    if (unproven.status().state !== 'keyless') {
      this.#unproven.delete(name)
      this.#proven.set(name, unproven)
    }
    return unproven
  }

  opened(): readonly OpenIssuer[] {
    return [...this.#proven.values(), ...this.#unproven.values()]
  }

  #allows(name: string): boolean {
    const { allow } = this.#options
    if (typeof allow !== 'function') return allow.includes(name)
    if (urlProblem(name, true) !== undefined || /[?#]/.test(name)) return false
    const answer: unknown = allow(name)
    if (typeof answer === 'boolean') return answer
    discard(answer)
    throw new AuthError('POLICY_FAULT', 'the function allow of tenantIssuers did not return a boolean')
  }

  #resolveOnce(name: string): Promise<OpenIssuer | undefined> {
    const pending = this.#resolving.get(name) ?? this.#resolve(name).finally(() => this.#resolving.delete(name))
    this.#resolving.set(name, pending)
    return pending
  }

  async #resolve(name: string): Promise<OpenIssuer | undefined> {
    const { resolve = defaultIssuer } = this.#options
    const issuer = await resolve(name)
    if (issuer === undefined) return undefined
    if (issuer.issuer !== name)
      throw new AuthError(
        'POLICY_FAULT',
        'the function resolve of tenantIssuers returned another issuer than it was asked for',
      )
    const opened = issuer.open(this.#context)
    this.#unproven.set(name, opened)
    return opened
  }
}

function defaultIssuer(name: string): Issuer {
  return jwtIssuer({ issuer: name })
}
