import { LRUCache } from 'lru-cache'
import { AuthError, isAuthError } from '../../errors.ts'
import { withinDeadline } from '../../internal/fetch-json.ts'
import { discard } from '../../internal/foreign-result.ts'
import { SingleFlight } from '../../internal/single-flight.ts'
import { issuerProblem } from '../../internal/url.ts'
import type { System } from '../../system.ts'
import type { Issuer, IssuerContext, OpenIssuer, OpenTenants, TenantIssuers } from '../issuer.ts'
import { jwtIssuer } from '../jwt-issuer.ts'
import { limitFetches, networkFetch } from './network.ts'
import type { TenantIssuersOptions } from './tenant-issuers-options.ts'
import { checkTenantIssuers } from './tenant-issuers-options.ts'

const RESOLVE_LIMIT_MS = 5_000
const MOST_RESOLVING = 64
/** A name that does not exist is not looked up again for so long. */
const ABSENT_MS = 30_000
const MOST_ABSENT = 1_000

/**
 * Trusts issuers that are not known when the program starts: one per customer, for example. Nothing is shared between
 * them.
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
  readonly #absentUntilMs = new LRUCache<string, number>({ max: MOST_ABSENT })
  readonly #resolving = new Map<string, Resolution>()
  readonly #options: TenantIssuersOptions
  readonly #context: IssuerContext
  readonly #fetch: System['fetch']
  /** For issuers whose keys were never seen: a flood of invented names must not keep the others from refreshing theirs. */
  readonly #fetchUnseen: System['fetch']
  #isClosed = false

  constructor(options: TenantIssuersOptions, context: IssuerContext) {
    const max = options.mostOpen ?? Math.max(100, Array.isArray(options.allow) ? options.allow.length : 0)
    this.#proven = new LRUCache({ max, dispose: (issuer, _name, reason) => reason === 'evict' && issuer.close() })
    this.#unproven = new LRUCache({
      max,
      dispose: (issuer, name, reason) => reason === 'evict' && this.#demote(name, issuer),
    })
    this.#options = options
    this.#fetch = networkFetch(options.network, context.system)
    this.#fetchUnseen = limitFetches(this.#fetch, context.system.now)
    this.#context = { ...context, retriesUnseen: false }
  }

  async find(name: string): Promise<OpenIssuer | undefined> {
    if (!this.#allows(name)) {
      this.#drop(name)
      return undefined
    }
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

  stillTrusts(issuer: OpenIssuer): boolean | undefined {
    const name = issuer.issuer
    if (this.#allows(name)) return this.#isAbsent(name) ? undefined : this.#proven.get(name) === issuer
    this.#drop(name)
    return undefined
  }

  opened(): readonly OpenIssuer[] {
    return [...this.#proven.values(), ...this.#unproven.values()]
  }

  close(): void {
    this.#isClosed = true
    for (const issuer of this.opened()) issuer.close()
  }

  /** A name that made room for others: closed, unless its keys were seen meanwhile. */
  #demote(name: string, issuer: OpenIssuer): void {
    if (issuer.status().state === 'keyless') issuer.close()
    else this.#proven.set(name, issuer)
  }

  /** A name that is allowed no more is not contacted any more. */
  #drop(name: string): void {
    for (const tenants of [this.#proven, this.#unproven]) {
      tenants.peek(name)?.close()
      tenants.delete(name)
    }
  }

  #allows(name: string): boolean {
    const { allow, resolve } = this.#options
    if (typeof allow !== 'function') return allow.includes(name)
    if (issuerProblem(name, resolve !== undefined) !== undefined) return false
    const answer = answerOf(() => allow(name))
    if (typeof answer === 'boolean') return answer
    discard(answer)
    throw new AuthError('POLICY_FAULT', 'the function allow of tenantIssuers did not return a boolean')
  }

  #isAbsent(name: string): boolean {
    return this.#context.system.now() < (this.#absentUntilMs.get(name) ?? 0)
  }

  async #resolveOnce(name: string): Promise<OpenIssuer | undefined> {
    if (this.#isAbsent(name)) return undefined
    const resolution = this.#resolving.get(name) ?? this.#resolution(name)
    await resolution.flight.land()
    if (this.#resolving.get(name) === resolution) this.#resolving.delete(name)
    return resolution.result()
  }

  /** One resolution of a name serves all who ask; one that a cut-off request took with it is begun anew. */
  #resolution(name: string): Resolution {
    for (const [other, { flight }] of this.#resolving) if (!flight.isUnderWay) this.#resolving.delete(other)
    if (this.#resolving.size >= MOST_RESOLVING) {
      throw new AuthError('KEYS_UNAVAILABLE', `${MOST_RESOLVING} issuers are being resolved already`)
    }
    let result = (): OpenIssuer | undefined => {
      throw new AuthError('KEYS_UNAVAILABLE', 'the issuer could not be resolved in time')
    }
    const work = async (): Promise<void> => {
      try {
        const found = await this.#resolve(name)
        result = () => found
      } catch (error) {
        result = () => {
          throw error
        }
      }
    }
    const flight = new SingleFlight(this.#context.system, RESOLVE_LIMIT_MS + 1_000, work)
    const resolution = { flight, result: () => result() }
    this.#resolving.set(name, resolution)
    return resolution
  }

  async #resolve(name: string): Promise<OpenIssuer | undefined> {
    const { system } = this.#context
    const { resolve = defaultIssuer } = this.#options
    const issuer = await withinDeadline(
      system,
      RESOLVE_LIMIT_MS,
      async () => resolve(name),
      () => name,
    ).catch(asUnavailable)
    if (issuer === undefined) {
      this.#absentUntilMs.set(name, system.now() + ABSENT_MS)
      return undefined
    }
    if (issuer.issuer !== name) {
      throw new AuthError(
        'POLICY_FAULT',
        'the function resolve of tenantIssuers returned another issuer than it was asked for',
      )
    }
    const isUnseen = (): boolean => opened.status().state === 'keyless'
    const fetch: System['fetch'] = async (url, init) => (isUnseen() ? this.#fetchUnseen : this.#fetch)(url, init)
    const opened = issuer.open({ ...this.#context, system: { ...system, fetch } })
    this.#unproven.set(name, opened)
    if (this.#isClosed) opened.close()
    return opened
  }
}

interface Resolution {
  readonly flight: SingleFlight
  /** What came of it. @throws what the resolver threw */
  readonly result: () => OpenIssuer | undefined
}

/** A resolver that fails is an outage like any other: it says nothing about the token. */
function asUnavailable(cause: unknown): never {
  if (isAuthError(cause)) throw cause
  const why = cause instanceof Error ? cause.message : 'the resolver failed'
  throw new AuthError('KEYS_UNAVAILABLE', `the issuer could not be resolved: ${why}`, { retryAfterSeconds: 1, cause })
}

function answerOf(allow: () => unknown): unknown {
  try {
    return allow()
  } catch (cause) {
    throw new AuthError('POLICY_FAULT', 'the function allow of tenantIssuers threw', { cause })
  }
}

function defaultIssuer(name: string): Issuer {
  return jwtIssuer({ issuer: name })
}
