import type { EventListener, RefusedEvent, System, TokenwardEvent } from '@tokenward/core'
import type { ManualClock, TestIssuer, TestIssuerOptions } from '@tokenward/testing'

import { manualClock, testIssuer } from '@tokenward/testing'

export const audience = 'https://api.example'

/** An issuer and what an API needs to trust it, on one clock. */
export interface TrustedIssuer {
  readonly issuer: TestIssuer
  readonly clock: ManualClock
  /** What was reported by whoever trusts the issuer with these options. */
  readonly events: readonly TokenwardEvent[]
  /** The options of a resource server for this issuer. */
  readonly trust: {
    readonly issuer: string
    readonly audience: string
    readonly system: Partial<System>
    readonly onEvent: EventListener
  }
  refusals(): RefusedEvent[]
}

/** ES256 by default, since such keys are made at once. */
export async function trustedIssuer(options: TestIssuerOptions = {}): Promise<TrustedIssuer> {
  const clock = manualClock()
  const issuer = await testIssuer({ algorithm: 'ES256', clock, ...options })
  const events: TokenwardEvent[] = []
  return {
    issuer,
    clock,
    events,
    trust: {
      issuer: issuer.issuer,
      audience,
      system: { now: clock.now, schedule: clock.schedule, fetch: issuer.fetch },
      onEvent: (event) => void events.push(event),
    },
    refusals: () => events.filter((event) => event.type === 'refused'),
  }
}
