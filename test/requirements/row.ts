/** What stands between a requirement and a claim that it is met. */
export type Status =
  /** Met, and at least one test cites the requirement. */
  | { readonly kind: 'tested' }
  /** Belongs to something that is not built. */
  | { readonly kind: 'planned'; readonly reason: string }
  /** Cannot be met by code; the documentation says what the reader has to know. */
  | { readonly kind: 'documented'; readonly where: string }
  /** Does not bind Tokenward. */
  | { readonly kind: 'not-applicable'; readonly reason: string }

/** The requirement words of RFC 2119 and ISO; steps of a procedure; our own hardening; stated not to bind. */
export type Level =
  | 'MUST'
  | 'MUST NOT'
  | 'SHALL'
  | 'SHALL NOT'
  | 'SHOULD'
  | 'SHOULD NOT'
  | 'RECOMMENDED'
  | 'MAY'
  | 'PROC'
  | 'DERIVED'
  | 'N/A'

/** One requirement of one document. */
export interface RequirementRow {
  readonly id: string
  readonly level: Level
  /** The part of a resource server that the requirement is about. */
  readonly layer: string
  readonly summary: string
  readonly status: Status
}

/** What planned requirements wait for. */
export type Feature =
  | 'DPoP'
  | 'issuers found at run time'
  | 'mutual TLS'
  | 'protected resource metadata'
  | 'refusing routes that declare no policy'
  | 'rich authorization requests'
  | 'step-up authentication'
  | 'telling users from clients'
  | 'the FAPI 2.0 preset'
  | 'the MCP package'
  | 'token introspection'
  | 'token introspection and revocation lists'
  | 'token status lists'

export const tested = { kind: 'tested' } as const

export function planned(feature: Feature): { readonly kind: 'planned'; readonly reason: string } {
  return { kind: 'planned', reason: `Belongs to ${feature}, not built yet.` }
}

/** @param where A file below the root and the anchor of a heading in it. */
export function documented(where: `docs/${string}.md#${string}`): {
  readonly kind: 'documented'
  readonly where: string
} {
  return { kind: 'documented', where }
}

export function notApplicable(reason: string): { readonly kind: 'not-applicable'; readonly reason: string } {
  return { kind: 'not-applicable', reason }
}
