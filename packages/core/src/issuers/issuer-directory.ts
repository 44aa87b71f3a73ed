import { quote } from '../internal/quote.ts'
import type { Issuer, IssuerContext, OpenIssuer, OpenTenants, TrustedIssuer } from './issuer.ts'
import { isTenantIssuers } from './issuer.ts'
import { jwtIssuer } from './jwt-issuer.ts'

/** The issuers that one verifier trusts. Each keeps its own keys, algorithms, audience and caches. */
export class IssuerDirectory {
  readonly #fixed = new Map<string, OpenIssuer>()
  readonly #tenants: OpenTenants[] = []

  constructor(trusted: readonly TrustedIssuer[], context: IssuerContext) {
    for (const issuer of trusted) {
      if (isTenantIssuers(issuer)) this.#tenants.push(issuer.openTenants(context))
      else this.#fixed.set(...opened(issuer, context))
    }
  }

  /**
   * The issuer of exactly that name (RFC 9068 section 4), settled before anything is fetched (RFC 8725 section 3.8).
   *
   * @throws AuthError where a tenant cannot be resolved
   */
  async find(name: unknown): Promise<OpenIssuer | undefined> {
    if (typeof name !== 'string') return undefined
    const fixed = this.#fixed.get(name)
    if (fixed !== undefined) return fixed
    for (const tenants of this.#tenants) {
      const found = await tenants.find(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** All issuers in use. Tenants are listed once a token has named them. */
  all(): readonly OpenIssuer[] {
    return [...this.#fixed.values(), ...this.#tenants.flatMap((tenants) => tenants.opened())]
  }

  close(): void {
    for (const issuer of this.#fixed.values()) issuer.close()
    for (const tenants of this.#tenants) tenants.close()
  }

  /** The identifiers of the fixed issuers. */
  names(): readonly string[] {
    return [...this.#fixed.keys()]
  }

  /** What is trusted, for an operator's message. */
  describe(): string {
    if (this.#tenants.length > 0) return 'what the tenant issuers allow'
    const names = this.names()
    return names.length === 1 ? quote(names[0]) : `one of the ${names.length} configured issuers`
  }
}

function opened(issuer: string | Issuer, context: IssuerContext): [string, OpenIssuer] {
  const open = (typeof issuer === 'string' ? jwtIssuer({ issuer }) : issuer).open(context)
  return [open.issuer, open]
}
