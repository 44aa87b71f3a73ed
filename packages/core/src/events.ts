import type { ErrorCode } from './errors.ts'
import { ERRORS } from './errors.ts'
import { oneLine, quote } from './internal/quote.ts'
import { discard } from './internal/foreign-result.ts'

/** Who a verified token speaks for. Absent until the signature is settled: an unverified name is nobody's. */
export interface EventIdentity {
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
  readonly clientId?: string | undefined
}

/** A token passed verification. */
export interface VerifiedEvent extends EventIdentity {
  readonly type: 'verified'
}

/** A token or a request was refused. `message` is for operators only. */
export interface RefusedEvent extends EventIdentity {
  readonly type: 'refused'
  readonly code: ErrorCode
  readonly message: string
  /** The failure behind an INTERNAL_FAULT or POLICY_FAULT, as it was thrown. */
  readonly cause?: unknown
}

/** An issuer's key set was fetched and replaces the earlier one. */
export interface KeysRefreshedEvent {
  readonly type: 'keys-refreshed'
  readonly issuer: string
  readonly keyCount: number
  /** Keys of the set that cannot be used, and why; each was skipped alone. */
  readonly skipped: readonly { readonly kid: string | undefined; readonly reason: string }[]
}

/** A key that verified tokens is gone from its issuer's set and verifies no more. */
export interface KeyWithdrawnEvent {
  readonly type: 'key-withdrawn'
  readonly issuer: string
  readonly kid: string
}

/** An issuer's keys could not be fetched. `reason` is a stable label, fit for a metric. */
export interface KeysRefreshFailedEvent {
  readonly type: 'keys-refresh-failed'
  readonly issuer: string
  readonly reason: FetchFailure
  readonly message: string
  /** Seconds until the next attempt is allowed. */
  readonly retryAfterSeconds: number
}

/** Keys past their life verified a token, since the issuer cannot be reached. */
export interface StaleKeysServedEvent {
  readonly type: 'stale-keys-served'
  readonly issuer: string
  readonly ageSeconds: number
}

/** A token could not be introspected. `credentials-refused`: the authorization server does not accept the API's own; `credentials-unusable`: they cannot be used, such as a key that signs nothing. */
export interface IntrospectionFailedEvent {
  readonly type: 'introspection-failed'
  readonly issuer: string
  readonly reason: FetchFailure
  readonly message: string
}

/** The cache that processes share could not be used. Answers came from the authorization server instead. */
export interface SharedCacheFailedEvent {
  readonly type: 'shared-cache-failed'
  readonly issuer: string
  readonly message: string
}

/** Revocations made elsewhere may be missed from now on; tokens are refused, unless they were told to be accepted. */
export interface RevocationsUnavailableEvent {
  readonly type: 'revocations-unavailable'
  readonly message: string
}

/** Every revocation is known here, for the first time or again. */
export interface RevocationsAvailableEvent {
  readonly type: 'revocations-available'
}

/** A token named a key that the issuer does not publish, and the cool-down forbade to ask again. */
export interface UnknownKeyLimitedEvent {
  readonly type: 'unknown-key-limited'
  readonly issuer: string
}

/** Verifiers are built over and over, per request perhaps; each begins without keys. Reported once. */
export interface VerifierBuiltRepeatedlyEvent {
  readonly type: 'verifier-built-repeatedly'
  readonly issuers: readonly string[]
  readonly count: number
  readonly withinSeconds: number
}

/** Why an issuer's documents could not be had: a closed list, fit for the label of a metric. */
export type FetchFailure =
  | 'timeout'
  | 'network'
  | 'redirect'
  | 'address-refused'
  | 'overloaded'
  | 'status'
  | 'too-large'
  | 'not-json'
  | 'issuer-mismatch'
  | 'metadata-invalid'
  | 'credentials-refused'
  | 'credentials-unusable'
  | 'answer-invalid'
  | 'keys-invalid'
  | 'keys-empty'

export type TokenwardEvent =
  | VerifiedEvent
  | RefusedEvent
  | KeysRefreshedEvent
  | KeysRefreshFailedEvent
  | KeyWithdrawnEvent
  | StaleKeysServedEvent
  | IntrospectionFailedEvent
  | SharedCacheFailedEvent
  | RevocationsUnavailableEvent
  | RevocationsAvailableEvent
  | UnknownKeyLimitedEvent
  | VerifierBuiltRepeatedlyEvent

export type EventListener = (event: TokenwardEvent) => void

/** A function that reports to `listener` and can neither throw nor be waited for: a listener changes no decision. */
export function emitter(listener: EventListener | undefined): EventListener {
  if (listener === undefined) return () => {}
  return (event) => {
    try {
      discard(listener(event))
    } catch {
      // a listener that throws is the listener's own trouble
    }
  }
}

/**
 * A listener that writes one line per refusal and per trouble with keys: code, operator's message, subject and
 * client; never a token. `log` is `console` or any logger with `warn` and `error`.
 */
export function logRefusals(log: { warn: (line: string) => void; error: (line: string) => void }): EventListener {
  return (event) => {
    const line = lineOf(event)
    if (line === undefined) return
    const isOurs = event.type !== 'refused' || ERRORS[event.code].status >= 500
    if (isOurs && event.type !== 'verifier-built-repeatedly') log.error(oneLine(line))
    else log.warn(oneLine(line))
  }
}

function lineOf(event: TokenwardEvent): string | undefined {
  switch (event.type) {
    case 'refused':
      return `tokenward: refused ${ERRORS[event.code].status} ${event.code}: ${event.message}${identity(event)}`
    case 'keys-refresh-failed':
      return `tokenward: keys of ${quote(event.issuer)} not fetched (${event.reason}): ${event.message}`
    case 'introspection-failed':
      return `tokenward: no introspection at ${quote(event.issuer)} (${event.reason}): ${event.message}`
    case 'shared-cache-failed':
      return `tokenward: the shared introspection cache failed: ${event.message}`
    case 'revocations-unavailable':
      return `tokenward: revocations are unavailable: ${event.message}`
    case 'stale-keys-served':
      return `tokenward: keys of ${quote(event.issuer)} are ${Math.round(event.ageSeconds)} s old and still serve, since newer ones cannot be fetched`
    case 'verifier-built-repeatedly':
      return `tokenward: ${event.count} verifiers were built within ${event.withinSeconds} s; build one and keep it`
    case 'verified':
    case 'keys-refreshed':
    case 'key-withdrawn':
    case 'unknown-key-limited':
    case 'revocations-available':
      return undefined
  }
}

function identity({ subject, clientId }: EventIdentity): string {
  const names = [
    subject === undefined ? [] : `subject ${quote(subject)}`,
    clientId === undefined ? [] : `client ${quote(clientId)}`,
  ].flat()
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}
