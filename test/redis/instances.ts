import type { RevocationSubject, RevocationVerdict, TokenwardEvent } from '@tokenward/core'
import type { RedisClient, RedisRevocations, RedisRevocationsOptions } from '@tokenward/redis'
import { redisRevocations } from '@tokenward/redis'
import type { Connected } from './adapters.ts'

export const ISSUER = 'https://issuer.example'

export function subject(changes: Partial<RevocationSubject>): RevocationSubject {
  return {
    issuer: ISSUER,
    id: 'other',
    subject: 'user-1',
    session: undefined,
    issuedAt: 1,
    tokenHash: undefined,
    ...changes,
  }
}

/** One process' worth of revocations, and what it reported. */
export interface Instance extends AsyncDisposable {
  readonly revocations: RedisRevocations
  readonly client: RedisClient
  readonly events: string[]
  /** What it says of each `jti` that it is asked about at the very moment that it is available again. */
  readonly verdicts: Map<string, RevocationVerdict>
  readonly verdict: (jti: string) => RevocationVerdict
}

export async function instance(
  { client, close }: Connected,
  watched: readonly string[] = [],
  options: Partial<RedisRevocationsOptions> = {},
): Promise<Instance> {
  const events: string[] = []
  const verdicts = new Map<string, RevocationVerdict>()
  const verdict = (jti: string): RevocationVerdict => revocations.check(subject({ id: jti }))
  const onEvent = ({ type }: TokenwardEvent): void => {
    events.push(type)
    if (type === 'revocations-available') for (const jti of watched) verdicts.set(jti, verdict(jti))
  }
  const revocations = redisRevocations({ client, onEvent, ...options })
  await revocations.ready()
  return {
    revocations,
    client,
    events,
    verdicts,
    verdict,
    async [Symbol.asyncDispose]() {
      await revocations.close()
      close()
    },
  }
}
