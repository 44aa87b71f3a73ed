import { logRefusals } from '@tokenward/core'
import type { EventListener } from '@tokenward/core'
import { tokenward } from '@tokenward/express'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'

/** Adds one to a counter of a metrics library. */
export type Count = (name: string, labels?: Readonly<Record<string, string>>) => void

export function counted(count: Count) {
  // #region listen
  const log = logRefusals(console)

  const onEvent: EventListener = (event) => {
    log(event)
    switch (event.type) {
      case 'verified':
        return count('tokenward_verified_total', { issuer: event.issuer ?? 'unknown' })
      case 'refused':
        return count('tokenward_refused_total', { code: event.code, issuer: event.issuer ?? 'unknown' })
      case 'keys-refreshed':
        return count('tokenward_keys_refreshed_total', { issuer: event.issuer })
      case 'key-withdrawn':
        return count('tokenward_key_withdrawn_total', { issuer: event.issuer })
      case 'keys-refresh-failed':
        return count('tokenward_keys_refresh_failed_total', { issuer: event.issuer, reason: event.reason })
      case 'stale-keys-served':
        return count('tokenward_stale_keys_served_total', { issuer: event.issuer })
      case 'unknown-key-limited':
        return count('tokenward_unknown_key_limited_total', { issuer: event.issuer })
      case 'introspection-failed':
        return count('tokenward_introspection_failed_total', { issuer: event.issuer, reason: event.reason })
      case 'shared-cache-failed':
        return count('tokenward_shared_cache_failed_total', { issuer: event.issuer })
      case 'revocations-unavailable':
        return count('tokenward_revocations_unavailable_total')
      case 'revocations-available':
        return count('tokenward_revocations_available_total')
      case 'verifier-built-repeatedly':
        return count('tokenward_verifier_built_repeatedly_total')
    }
  }

  const api = tokenward({ issuer, audience, onEvent })
  // #endregion
  return { api, onEvent }
}
