import { LRUCache } from 'lru-cache'
import { native } from '#cryptography'
import { optionalDate } from '../claims/claim-types.ts'
import type { ValidClaims } from '../claims/validate-claims.ts'
import { isFrozenThroughout } from '../internal/freeze.ts'
import type { WaitUntil } from '../internal/single-flight.ts'
import { markOf, RecentSightings } from './recent-sightings.ts'
import type { System } from '../system.ts'
import type { IssuerDirectory } from './issuer-directory.ts'
import type { OpenIssuer, Proof, VouchedToken } from './issuer.ts'
import type { TextKeeper } from './recent-texts.ts'
import { RecentTexts } from './recent-texts.ts'

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
 * A token that passed, as it is found again: by what was signed, and by the hash of the signature, without which the rest
 * is good for no request. Where the host has no hash at once, by the signature itself. While a token is in use, its text is
 * compared as it is.
 */
export class RememberedToken<Claims> implements GoodToken<Claims>, TextKeeper {
  readonly issuer: OpenIssuer
  readonly authentic: VouchedToken
  /** That of `authentic`, from where a hit would have to fetch it. */
  readonly proof: Proof
  readonly facts: ValidClaims
  readonly claims: Claims
  /** Whether nobody who is given the claims can change them for others. A schema may have put a Set there, or a Date. */
  readonly isShareable: boolean
  readonly #signed: string
  readonly #signature: string
  readonly #endsSeconds: number
  readonly #beginsSeconds: number
  /** Spares a hash. */
  #text: string | undefined
  #isTextOfUse = false

  constructor(raw: string, { issuer, authentic, facts, claims }: GoodToken<Claims>, proof: Proof) {
    const end = signedLength(raw)
    this.issuer = issuer
    this.authentic = authentic
    this.proof = proof
    this.facts = facts
    this.claims = claims
    this.isShareable = claims === facts.claims || isFrozenThroughout(claims)
    this.#signed = detached(raw.slice(0, end))
    this.#signature = hashed(raw.slice(end))
    const { clockToleranceSeconds } = issuer.expectations
    const { expiresAt = -Infinity, issuedAt = -Infinity } = facts
    this.#endsSeconds = expiresAt + clockToleranceSeconds
    this.#beginsSeconds = Math.max(issuedAt, optionalDate(facts.claims, 'nbf') ?? -Infinity) - clockToleranceSeconds
  }

  /** Whether the time is well within what the claims say. Where it is not, they have to be asked. */
  isCurrent(nowSeconds: number): boolean {
    return this.#beginsSeconds < nowSeconds && nowSeconds < this.#endsSeconds
  }

  hasText(raw: string): boolean {
    if (this.#text !== raw) return false
    this.#isTextOfUse = true
    return true
  }

  hasHash(raw: string): boolean {
    const end = this.#signed.length
    return raw.slice(0, end) === this.#signed && hashed(raw.slice(end)) === this.#signature
  }

  keepText(text: string): void {
    this.#text = detached(text)
    this.#isTextOfUse = true
  }

  releaseText(): number {
    const freed = this.#isTextOfUse ? 0 : (this.#text?.length ?? 0)
    if (freed > 0) this.#text = undefined
    this.#isTextOfUse = false
    return freed
  }
}

/**
 * Tokens that passed before, so that the next time costs a look-up instead of a signature check. One is remembered when
 * it passes for the second time: many come once, and those shall neither pay for a memory nor take the room of others.
 */
export class VerifiedTokens<Claims> {
  /** By their marks, so that a token that is not here costs no hash. One at most of each mark. */
  readonly #tokens: LRUCache<number, RememberedToken<Claims>> | undefined
  readonly #sightings: RecentSightings
  readonly #issuers: IssuerDirectory
  readonly #texts: RecentTexts

  constructor(
    options: VerifiedTokensOptions | false = {},
    issuers: IssuerDirectory,
    { schedule }: Pick<System, 'schedule'>,
  ) {
    const { maxTokens = USUAL_MAX_TOKENS } = options === false ? { maxTokens: 0 } : options
    this.#issuers = issuers
    this.#texts = new RecentTexts(schedule)
    this.#sightings = new RecentSightings(maxTokens)
    const dispose = (token: RememberedToken<Claims>): void => this.#texts.delete(token)
    if (maxTokens > 0) this.#tokens = new LRUCache({ max: maxTokens, maxSize: maxTokens * USUAL_CHARACTERS, dispose })
  }

  /** A token that its issuer vouches for to this moment. @throws AuthError where that cannot be told */
  recall(raw: string, waitUntil: WaitUntil | undefined): RememberedToken<Claims> | undefined {
    const mark = markOf(raw)
    const known = this.#tokens?.get(mark)
    if (known === undefined || !(known.hasText(raw) || this.#hasHash(known, raw))) return undefined
    const { issuer, proof } = known
    // trust first: to ask for keys may contact the issuer
    const isTrusted = this.#issuers.stillTrusts(issuer)
    if (isTrusted && issuer.standsBy(proof, waitUntil)) return known
    this.#tokens?.delete(mark)
    return undefined
  }

  remember(raw: string, good: GoodToken<Claims>): void {
    const { proof } = good.authentic
    if (this.#tokens === undefined || proof === undefined) return
    const mark = markOf(raw)
    if (!this.#sightings.see(mark)) return
    this.#tokens.set(mark, new RememberedToken(raw, good, proof), { size: raw.length })
  }

  /** Ends timers. Whatever comes now is told by its hash. */
  close(): void {
    this.#texts.close()
  }

  #hasHash(known: RememberedToken<Claims>, raw: string): boolean {
    if (!known.hasHash(raw)) return false
    if (native !== undefined) this.#texts.add(known, raw)
    return true
  }
}

/** RFC 7515 section 5.1: all but the signature, with the dot before it. */
function signedLength(raw: string): number {
  return raw.lastIndexOf('.') + 1
}

function hashed(signature: string): string {
  return native === undefined ? signature : native.sha256(signature)
}

/** The same text of its own: engines make a piece of a text keep all of it. */
function detached(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}
