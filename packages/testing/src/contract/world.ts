import type { ManualClock } from '../manual-clock.ts'
import type { TestIssuer } from '../test-issuer.ts'
import type { ContractRequest } from './requests/contract-request.ts'

import { manualClock } from '../manual-clock.ts'
import { testIssuer } from '../test-issuer.ts'
import { contractApi } from './contract-api.ts'
import { group, granted, NAMES, pass, request, token } from './requests/contract-request.ts'
import { contractRequests } from './requests/index.ts'
import { tellingRequests } from './told-problems.ts'
import { openTrap } from './trap.ts'

/** What all contracts of one program have in common. */
export interface World {
  readonly issuer: TestIssuer
  /** Nobody moves it. */
  readonly clock: ManualClock
  readonly requests: readonly ContractRequest[]
  /** Requests that are judged by what the resource server was told of them. */
  readonly telling: readonly ContractRequest[]
  /** A good request, to be sent after a hostile one. */
  readonly friendly: ContractRequest
  /** Good requests of different subjects, to be sent at once. */
  readonly crowd: readonly ContractRequest[]
  /** How often somebody followed a URL in a token. */
  readonly trapped: () => number
}

let known: Promise<World> | undefined

/** Makes the requests. Signing them takes a second, so a program does it once. */
export function world(): Promise<World> {
  known ??= make()
  return known
}

async function make(): Promise<World> {
  const clock = manualClock()
  const issuer = await testIssuer({ issuer: NAMES.issuer, clock })
  const trap = await openTrap()
  const requests = await contractRequests(issuer, trap.origin)
  const good = await issuer.mint()
  const [friendly] = group('afterwards', [token('a friendly request', good, granted)])
  if (friendly === undefined) throw new Error('expected one request')
  return {
    issuer,
    clock,
    requests,
    telling: tellingRequests(good),
    friendly,
    crowd: await crowd(issuer),
    trapped: trap.count,
  }
}

async function crowd(issuer: TestIssuer): Promise<readonly ContractRequest[]> {
  const subjects = Array.from({ length: 32 }, (_, at) => `user-${at}`)
  return group(
    'at once',
    await Promise.all(
      subjects.map(async (sub) => {
        const headers = [['Authorization', `Bearer ${await issuer.mint({ sub })}`]] as const
        return request(sub, { path: contractApi.anonymous, headers }, pass(JSON.stringify({ subject: sub })))
      }),
    ),
  )
}
