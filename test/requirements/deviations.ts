import type { RequirementId } from './manifest.ts'

/** Something that Tokenward does otherwise than a document says, or reads in a way worth knowing. */
export interface Deviation {
  readonly ids: readonly [RequirementId, ...RequirementId[]]
  readonly text: string
}

export const deviations: readonly Deviation[] = [
  {
    ids: ['RFC7519-8-a', 'RFC7518-3.2-a', 'RFC7518-3.2-b'],
    text:
      'RFC 7519 makes HS256 and `none` mandatory for every JWT implementation. Tokenward has neither, and no setting ' +
      'brings them back. A shared secret would let every API that checks tokens also make them, and RFC 8725 and ' +
      'RFC 9068 rule out `none`. Asking for HS256 is a `TypeError` when you create the verifier.',
  },
  {
    ids: ['RFC7519-5.2-a', 'RFC7519-5.3-a', 'RFC9068-4-b'],
    text:
      'Encrypted tokens (JWE) are refused whole, before anything in them is read. The requirements about what is ' +
      'inside of them therefore do not come up.',
  },
  {
    ids: ['RFC7800-3.1-a', 'RFC7800-3.1-b'],
    text:
      'RFC 7800 lets you ignore members of `cnf` that you do not understand. Ignoring one would turn a bound token ' +
      'into a bearer token, so a token with a `cnf` that cannot be checked is refused.',
  },
  {
    ids: ['RFC8725-3.1-c'],
    text:
      'A key goes with the one algorithm that its JWK names in `alg`. Where an issuer leaves `alg` out, an RSA key fits ' +
      'every RSA algorithm in your `algorithms`. Name a single one there and the key is bound to it.',
  },
  {
    ids: ['RFC9864-4.1.2-a', '8725bis-3.2-c'],
    text:
      'The default list names `Ed25519`, and `EdDSA` beside it, since many issuers still send the older name. Under ' +
      'both names only Ed25519 keys are accepted.',
  },
  {
    ids: ['RFC8414-5-a'],
    text:
      'The location of OpenID Connect Discovery is asked first and that of RFC 8414 second, because nearly every issuer ' +
      'answers at the first one. Each has to pass the same checks.',
  },
  {
    ids: ['RFC7515-4.1.6-a', 'RFC7517-4.7-a'],
    text: '`x5c` and `x5t` are never used, neither in a token nor in a key set, so nothing in them is compared or trusted.',
  },
  {
    ids: ['RFC6749-10.3-b', 'RFC6750-5.2-b', 'OAUTH21-7-b'],
    text:
      'Whether a request came over TLS is not checked: behind a proxy an API cannot tell. Tokenward does insist on ' +
      'https for everything it fetches itself.',
  },
]
