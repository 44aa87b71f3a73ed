import { logRefusals } from '@tokenward/core'
import type { EventListener } from '@tokenward/core'
import { tokenward } from '@tokenward/express'

const issuer = 'https://login.example.com'
const audience = 'https://orders.example.com'

interface Counter {
  readonly add: (amount: number, attributes?: Readonly<Record<string, string>>) => void
}

export function counted(verified: Counter, refused: Counter, keyFailures: Counter, staleKeys: Counter) {
  // #region listen
  const log = logRefusals(console)

  const onEvent: EventListener = (event) => {
    log(event)
    if (event.type === 'verified') verified.add(1)
    if (event.type === 'refused') refused.add(1, { code: event.code })
    if (event.type === 'keys-refresh-failed') keyFailures.add(1, { reason: event.reason })
    if (event.type === 'stale-keys-served') staleKeys.add(1)
  }

  const api = tokenward({ issuer, audience, onEvent })
  // #endregion
  return api
}
