import { LRUCache } from 'lru-cache'
import { native } from '#cryptography'
import type { ValidClaims } from '../claims/validate-claims.ts'
import type { WaitUntil } from '../internal/single-flight.ts'
import { RecentSightings } from './recent-sightings.ts'
import type { IssuerDirectory } from './issuer-directory.ts'
import type { OpenIssuer, VouchedToken } from './issuer.ts'

const USUAL_MAX_TOKENS = 10_000
/** A token of usual size. A larger one takes the place of several, so that the memory is bounded too. */
const USUAL_CHARACTERS = 2_048

export interface VerifiedTokensOptions {
  /** How many tokens are remembered at most; fewer where they have more than 2048 characters. Default 10000. */
  readonly maxTokens?: number | undefined
}

/** Who vouched for a token, and for what. */
export interface Authenticity {
  readonly issuer: OpenIssuer
  readonly authentic: VouchedToken
}

/** A token that passed. What can change afterwards is asked again each time: keys, time, revocations, possession. */
export interface GoodToken<Claims> extends Authenticity {
  readonly facts: ValidClaims
  readonly claims: Claims
}

/**
 * Tokens that passed before, so that the next time costs a look-up instead of a signature check. One is remembered when
 * it passes for the second time: many come once, and those shall neither pay for a memory nor take the room of others.
 */
export class VerifiedTokens<Claims> {
  readonly #tokens: LRUCache<string, GoodToken<Claims>> | undefined
  readonly #sightings: RecentSightings
  readonly #issuers: IssuerDirectory

  constructor(options: VerifiedTokensOptions | false = {}, issuers: IssuerDirectory) {
    const { maxTokens = USUAL_MAX_TOKENS } = options === false ? { maxTokens: 0 } : options
    this.#issuers = issuers
    this.#sightings = new RecentSightings(maxTokens)
    if (maxTokens > 0) this.#tokens = new LRUCache({ max: maxTokens, maxSize: maxTokens * USUAL_CHARACTERS })
  }

  /** What a token that passed before is known by: its hash where the host has that at once, else itself. */
  nameOf(raw: string): string | undefined {
    if (!this.#sightings.has(raw)) return undefined
    return native === undefined ? raw : native.sha256(raw)
  }

  /** A token that its issuer vouches for to this moment. @throws AuthError where that cannot be told */
  recall(name: string | undefined, waitUntil: WaitUntil | undefined): GoodToken<Claims> | undefined {
    const known = name === undefined ? undefined : this.#tokens?.get(name)
    if (name === undefined || known === undefined) return undefined
    const { issuer, authentic } = known
    const isVouchedFor = authentic.key !== undefined && issuer.standsBy(authentic.key, waitUntil)
    if (isVouchedFor && this.#issuers.stillTrusts(issuer)) return known
    this.#tokens?.delete(name)
    return undefined
  }

  /** @param name undefined where the token passed for the first time */
  remember(name: string | undefined, raw: string, good: GoodToken<Claims>): void {
    if (this.#tokens === undefined || good.authentic.key === undefined) return
    if (name === undefined) this.#sightings.add(raw)
    else this.#tokens.set(name, good, { size: raw.length })
  }
}
