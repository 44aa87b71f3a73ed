import { quote } from '../internal/quote.ts'
import type { IssuerContext, OpenIssuer, OpenTenants, PresentedToken, TrustedIssuer } from './issuer.ts'
import { isTenantIssuers } from './issuer.ts'
import { jwtIssuer } from './jwt-issuer.ts'

/** The issuers that one verifier trusts. Each keeps its own keys, algorithms, audience and caches. */
export class IssuerDirectory {
  readonly #verified = new Map<string, OpenIssuer>()
  readonly #introspected = new Map<string, OpenIssuer>()
  readonly #tenants: OpenTenants[] = []

  constructor(trusted: readonly TrustedIssuer[], context: IssuerContext) {
    for (const entry of trusted) {
      if (isTenantIssuers(entry)) {
        this.#tenants.push(entry.openTenants(context))
        continue
      }
      const issuer = typeof entry === 'string' ? jwtIssuer({ issuer: entry }) : entry
      const group = issuer.kind === 'jwt' ? this.#verified : this.#introspected
      group.set(issuer.issuer, issuer.open(context))
    }
  }

  /** Whether a token that is no JWT can be of any use. */
  get takesOpaque(): boolean {
    return this.#introspected.size > 0
  }

  /**
   * The one issuer that may be asked about this token, settled before anything is fetched (RFC 8725 section 3.8). A JWT
   * names it exactly (RFC 9068 section 4) and goes nowhere else. An opaque token goes to the only issuer that takes it
   * for its own: to offer it to one after another would disclose it.
   *
   * @throws AuthError where a tenant cannot be resolved
   */
  find({ raw, jwt }: PresentedToken): OpenIssuer | undefined | Promise<OpenIssuer | undefined> {
    if (jwt !== undefined) return this.#named(jwt.issuer)
    const takers = [...this.#introspected.values()].filter((issuer) => issuer.accepts(raw))
    return takers.length === 1 ? takers[0] : undefined
  }

  #named(name: unknown): OpenIssuer | undefined | Promise<OpenIssuer | undefined> {
    if (typeof name !== 'string') return undefined
    return this.#verified.get(name) ?? this.#introspected.get(name) ?? this.#tenant(name)
  }

  async #tenant(name: string): Promise<OpenIssuer | undefined> {
    for (const tenants of this.#tenants) {
      const found = await tenants.find(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Whether an issuer that was found earlier would be found again. @throws AuthError */
  stillTrusts(issuer: OpenIssuer): boolean {
    const name = issuer.issuer
    if (this.#verified.get(name) === issuer || this.#introspected.get(name) === issuer) return true
    for (const tenants of this.#tenants) {
      const answer = tenants.stillTrusts(issuer)
      if (answer !== undefined) return answer
    }
    return false
  }

  /** All issuers in use. Tenants are listed once a token has named them. */
  all(): readonly OpenIssuer[] {
    return [...this.#fixed(), ...this.#tenants.flatMap((tenants) => tenants.opened())]
  }

  close(): void {
    for (const issuer of this.#fixed()) issuer.close()
    for (const tenants of this.#tenants) tenants.close()
  }

  /** The identifiers of the fixed issuers. */
  names(): readonly string[] {
    return [...new Set(this.#fixed().map(({ issuer }) => issuer))]
  }

  /** What is trusted, for an operator's message. */
  describe(): string {
    if (this.#tenants.length > 0) return 'what the tenant issuers allow'
    const names = this.names()
    return names.length === 1 ? quote(names[0]) : `one of the ${names.length} configured issuers`
  }

  #fixed(): readonly OpenIssuer[] {
    return [...this.#verified.values(), ...this.#introspected.values()]
  }
}
