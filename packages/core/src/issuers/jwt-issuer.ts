import type { Audience } from '../claims/audience.ts'
import type { AuthenticToken } from '../claims/validate-claims.ts'
import { AuthError } from '../errors.ts'
import { quote } from '../internal/quote.ts'
import { whenSettled } from '../internal/when-settled.ts'
import type { Algorithm } from './algorithms.ts'
import { ALGORITHMS, isAlgorithm } from './algorithms.ts'
import type { Issuer, IssuerContext, OpenIssuer, PresentedToken, Proof, VouchedToken } from './issuer.ts'
import { discoveredKeys } from './keys/discovered-keys.ts'
import type { WaitUntil } from '../internal/single-flight.ts'
import type { JwtIssuerOptions } from './jwt-issuer-options.ts'
import { checkJwtIssuer } from './jwt-issuer-options.ts'
import type { VerificationKey, WantedKey } from './keys/key-set.ts'
import type { Keys } from './keys/key-source.ts'
import { LiveKeys } from './keys/live-keys.ts'
import { isSignedBy } from './signature.ts'

/**
 * An authorization server that issues its access tokens as signed JWTs.
 *
 * @throws TypeError that names every problem of the options
 */
export function jwtIssuer(options: JwtIssuerOptions & { readonly audience: Audience }): Issuer<true>
export function jwtIssuer(options: JwtIssuerOptions<undefined>): Issuer<false>
export function jwtIssuer(options: JwtIssuerOptions): Issuer
export function jwtIssuer(options: JwtIssuerOptions): Issuer {
  const checked = checkJwtIssuer(options)
  return {
    issuer: checked.issuer,
    kind: 'jwt',
    hasAudience: checked.audience !== undefined,
    isSelective: false,
    open: (context) => openJwtIssuer(checked, context),
  }
}

function openJwtIssuer(options: JwtIssuerOptions, context: IssuerContext): OpenIssuer {
  const { issuer, profile = 'rfc9068' } = options
  const algorithms = options.algorithms ?? context.algorithms ?? ALGORITHMS
  const audience = options.audience ?? context.audience
  if (audience === undefined) throw new TypeError(`the issuer ${quote(issuer)} was opened without an audience`)
  const keys = openKeys(options, context)
  const trust = { issuer, algorithms, keys, proofOf: sharedProof() }
  const introspected = options.introspection?.open({ ...context, audience })
  return {
    issuer,
    accepts: () => false,
    authenticate:
      introspected === undefined
        ? (token, how) => authenticate(token, trust, how?.waitUntil)
        : async (token, how) =>
            enriched(await authenticate(token, trust, how?.waitUntil), await introspected.authenticate(token, how)),
    standsBy: ({ key, wanted }, later) => keys.serves(key, wanted, later),
    expectations: {
      audience,
      profile,
      clockToleranceSeconds: context.clockToleranceSeconds,
      requires: introspected?.expectations.requires,
    },
    warmUp: () => keys.warmUp(),
    status: () => {
      const own = { issuer, ...keys.status() }
      const asked = introspected?.status()
      return asked?.state === 'unreachable' ? { ...own, state: asked.state, lastError: asked.lastError } : own
    },
    snapshot: () => keys.snapshot(),
    close: () => {
      keys.close()
      introspected?.close()
    },
  }
}

/** What is signed stands; the introspection answer adds what a lightweight token lacks. */
function enriched({ type, claims }: AuthenticToken, answer: AuthenticToken): AuthenticToken {
  return { type, claims: Object.freeze({ ...answer.claims, ...claims }) }
}

function openKeys(
  { issuer, keys, metadataUrl, allowLoopbackHttp = false }: JwtIssuerOptions,
  { system, emit, seedFor, retriesUnseen }: IssuerContext,
): Keys {
  const context = { issuer, system, emit, seed: seedFor(issuer), retriesUnseen }
  if (keys !== undefined) return keys.open(context)
  return new LiveKeys(context, discoveredKeys(system, { issuer, metadataUrl, allowLoopbackHttp }))
}

interface Trust {
  readonly issuer: string
  readonly algorithms: readonly Algorithm[]
  readonly keys: Keys
  readonly proofOf: (key: VerificationKey, wanted: WantedKey) => Proof
}

/** The tokens of one key have one proof: of thousands that are remembered, none has to be fetched from memory. */
function sharedProof(): Trust['proofOf'] {
  let last: Proof | undefined
  return (key, wanted) => {
    const { kid, algorithm } = wanted
    if (last?.key !== key || last.wanted.kid !== kid || last.wanted.algorithm !== algorithm) last = { key, wanted }
    return last
  }
}

/** Algorithm, key, signature, in that order (RFC 8725 sections 3.1 and 3.8). At once where nothing has to be waited for. */
function authenticate(
  { jwt }: PresentedToken,
  { issuer, algorithms, keys, proofOf }: Trust,
  waitUntil: WaitUntil | undefined,
): VouchedToken | Promise<VouchedToken> {
  if (jwt === undefined) throw new AuthError('TOKEN_MALFORMED', `${quote(issuer)} issues JWTs, and the token is none`)
  const { algorithm, keyId: kid } = jwt
  if (!isAlgorithm(algorithm) || !algorithms.includes(algorithm)) {
    throw new AuthError(
      'ALGORITHM_REJECTED',
      `the token is signed with ${quote(algorithm)}; ${quote(issuer)} may use ${algorithms.join(', ')}`,
    )
  }
  const wanted = { kid, algorithm }
  const vouched = (key: VerificationKey | undefined): VouchedToken => {
    if (key !== undefined) return { type: jwt.type, claims: jwt.unverifiedClaims, proof: proofOf(key, wanted) }
    const name = kid === undefined ? 'any key that fits' : `the key ${quote(kid)}`
    throw new AuthError('SIGNATURE_INVALID', `the signature does not verify with ${name} of ${quote(issuer)}`)
  }
  const found = keys.verifyingKey(wanted, (candidate) => isSignedBy(jwt, candidate, algorithm), waitUntil)
  return whenSettled(found, vouched)
}
