import type { Target } from './answer-problems.ts'
import type { ContractApp } from './contract-api.ts'
import type { ContractTest } from './contract-tests.ts'
import type { AdapterContractOptions } from './options.ts'

import { contractTests } from './contract-tests.ts'
import { checkOptions } from './options.ts'
import { watchedServers } from './watched-servers.ts'
import { world } from './world.ts'

export interface AdapterContract {
  /** One after the other is how they run, even if they are started at once. A subset will do too. */
  readonly requests: readonly ContractTest[]
  /** Closes the API and its resource servers. */
  readonly close: () => Promise<void>
}

/**
 * The contract that all adapters of Tokenward keep: some 800 requests, friendly and hostile, and the one right answer to
 * each. Starts the API that they are for.
 *
 * @throws TypeError that names every problem of the options, or where the API is not on this machine; and whatever
 *   `start` throws
 */
export async function adapterContract(options: AdapterContractOptions): Promise<AdapterContract> {
  const checked = checkOptions(options)
  const common = await world()
  const watched = watchedServers(common)
  let app: ContractApp | undefined
  const close = async (): Promise<void> => {
    await app?.close()
    await watched.close()
  }
  try {
    app = await checked.start(watched.parts)
    const target = { ...addressOf(app), refusals: watched.refusals, transport: checked.transport }
    return { requests: contractTests(common, watched, target, checked), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Hostile requests go to nobody else. */
function addressOf({ baseUrl }: ContractApp): Pick<Target, 'host' | 'port'> {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url?.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    throw new TypeError(`adapterContract: baseUrl must be http:// at 127.0.0.1, localhost or [::1], not ${baseUrl}`)
  }
  return { host: url.hostname.replace(/^\[|\]$/gu, ''), port: Number(url.port || 80) }
}
