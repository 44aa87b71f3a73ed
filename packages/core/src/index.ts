// Is this token good? May this request pass?
export { createVerifier } from './verifier.ts'
export type { Verifier, VerifierStatus } from './verifier.ts'
export type { VerifyOptions } from './verification.ts'
export type { VerifierOptions } from './options.ts'
export { createResourceServer } from './http/resource-server.ts'
export type { AuthenticateOptions, ResourceServer, ResourceServerOptions } from './http/resource-server.ts'
export type { AccessToken, Actor, TokenClaims } from './token.ts'

// Authenticity: did a trusted issuer vouch for it?
export { jwtIssuer } from './issuers/jwt-issuer.ts'
export type { JwtIssuerOptions } from './issuers/jwt-issuer-options.ts'
export { introspectedIssuer } from './issuers/introspection/introspected-issuer.ts'
export type { IntrospectedIssuerOptions } from './issuers/introspection/introspected-issuer-options.ts'
export type { IntrospectionCacheOptions, SharedCache } from './issuers/introspection/introspection-cache.ts'
export {
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  mutualTls,
  privateKeyJwt,
  unsafeNoClientAuthentication,
} from './issuers/introspection/client-authentication.ts'
export type { ClientAuthentication } from './issuers/introspection/client-authentication.ts'
export { tenantIssuers } from './issuers/tenants/tenant-issuers.ts'
export type { TenantIssuersOptions } from './issuers/tenants/tenant-issuers-options.ts'
export { unsafeAnyNetwork } from './issuers/tenants/network.ts'
export type { GuardedFetch, Network } from './issuers/tenants/network.ts'
export { remoteKeys } from './issuers/keys/remote-keys.ts'
export type { RemoteKeysOptions } from './issuers/keys/remote-keys.ts'
export { staticKeys } from './issuers/keys/static-keys.ts'
export type { JsonWebKeySet } from './issuers/keys/static-keys.ts'
export type { IssuerKeys, KeySnapshot } from './issuers/keys/key-snapshot.ts'
export type { Algorithm } from './issuers/algorithms.ts'
export type { Issuer, IssuerStatus, TenantIssuers, TrustedIssuer } from './issuers/issuer.ts'
export type { KeySource, KeysStatus } from './issuers/keys/key-source.ts'
export type { WaitUntil } from './internal/single-flight.ts'

// Validity: is it an access token, for us, now?
export { unsafeAnyAudience } from './claims/audience.ts'
export type { Audience } from './claims/audience.ts'
export type { ProfileName } from './claims/access-token-profile.ts'
export type { StandardSchema } from './claims/schema.ts'

// Revocations: was it taken back before it expired?
export { memoryRevocations } from './revocations/memory-revocations.ts'
export type { MemoryRevocations, MemoryRevocationsOptions } from './revocations/memory-revocations.ts'
export { revocationEntry } from './revocations/revocation-entry.ts'
export type { Revocation, RevocationEntry } from './revocations/revocation-entry.ts'
export type { Revocations, RevocationSubject, RevocationVerdict } from './revocations/revocations.ts'

// Authority: may it do this?
export { allOf, anyOf, granted, refuse } from './policy/policy.ts'
export type { Granted, Policy } from './policy/policy.ts'
export { scopes } from './policy/scopes.ts'
export { claim } from './policy/claim.ts'
export type { ClaimTest } from './policy/claim.ts'

// Over HTTP
export { fromRequest, protect, toResponse } from './http/web.ts'
export type { ProtectedHandler, ProtectOptions } from './http/web.ts'
export type { Decision, GrantedDecision, HeaderFields, RefusalBody, RefusedDecision } from './http/decision.ts'
export type { TokenRequest } from './http/token-request.ts'

// For adapters
export { readAdapterInput, readServerInput } from './http/adapter.ts'
export type { AdapterInput, AdapterOptions, ServerInput } from './http/adapter.ts'
export { fieldLines, fieldReader, fromFields } from './http/field-lines.ts'
export type { NodeHeader } from './http/field-lines.ts'
export { fromNodeRequest, isNodeRequest } from './http/node-request.ts'
export type { NodeRequest } from './http/node-request.ts'
export { authorizeAll, readPolicyDemand } from './http/policy-demand.ts'
export type { AuthorizeOptions, PolicyDemand } from './http/policy-demand.ts'
export { setAuth } from './http/request-auth.ts'
export { createRequestGate } from './http/request-gate.ts'
export type { RequestGate } from './http/request-gate.ts'
export { groupedHeaders, isRefusalError, notAuthenticated, refusalError } from './http/refusal-error.ts'
export type { RefusalError } from './http/refusal-error.ts'
export type { AnyClaims } from './token.ts'

// Errors and events
export { AuthError, ERRORS, isAuthError } from './errors.ts'
export type { AuthErrorDetails, ErrorCode, RefusalStatus } from './errors.ts'
export { logRefusals } from './events.ts'
export type {
  EventIdentity,
  EventListener,
  FetchFailure,
  IntrospectionFailedEvent,
  KeysRefreshedEvent,
  KeysRefreshFailedEvent,
  KeyWithdrawnEvent,
  RefusedEvent,
  RevocationsAvailableEvent,
  RevocationsUnavailableEvent,
  SharedCacheFailedEvent,
  StaleKeysServedEvent,
  TokenwardEvent,
  UnknownKeyLimitedEvent,
  VerifiedEvent,
  VerifierBuiltRepeatedlyEvent,
} from './events.ts'
export type { System } from './system.ts'
