import type { AdapterContract, AdapterContractOptions, ContractTest } from '@tokenward/testing/contract'

import { adapterContract } from '@tokenward/testing/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What an API made of the requests of some groups. */
export type ProblemsOfGroups = (...titles: readonly string[]) => Promise<readonly string[]>

/**
 * Registers a test for each request of the contract.
 *
 * @returns what `more` asks for: the problems of whole groups, each request sent once
 */
export async function keepsTheContract(
  title: string,
  options: AdapterContractOptions,
  more: (problemsOf: ProblemsOfGroups) => void = () => {},
): Promise<void> {
  const contract = await adapterContract(options)
  const once = memory()
  describe.each([title])('%s', () => {
    afterAll(contract.close)
    leavesNothingBehind()
    it.each(contract.requests)('$group: $name', async (request) => {
      expect(await once(request)).toEqual([])
    })
    more(async (...titles) => {
      const found: string[] = []
      for (const group of titles) found.push(...(await problemsOfGroup(contract, group, once)))
      return found
    })
  })
}

/** Registers tests for the requests of one group only. */
export async function keepsTheContractFor(
  group: string,
  title: string,
  options: AdapterContractOptions,
): Promise<void> {
  const contract = await adapterContract(options)
  describe.each([title])('%s', () => {
    afterAll(contract.close)
    it.each(contract.requests.filter((request) => request.group === group))('$group: $name', async ({ run }) => {
      expect(await run()).toEqual([])
    })
  })
}

type Once = (request: ContractTest) => Promise<readonly string[]>

function memory(): Once {
  const outcomes = new Map<ContractTest, Promise<readonly string[]>>()
  return (request) => {
    const outcome = outcomes.get(request) ?? request.run()
    outcomes.set(request, outcome)
    return outcome
  }
}

async function problemsOfGroup({ requests }: AdapterContract, group: string, once: Once): Promise<readonly string[]> {
  const members = requests.filter((request) => request.group === group)
  if (members.length === 0) return [`no request is in the group ${group}`]
  const problems: string[] = []
  for (const request of members) {
    problems.push(...(await once(request)).map((problem) => `${group}: ${request.name}: ${problem}`))
  }
  return problems
}

/** No rejection that nobody handles, and no member more on any object. */
function leavesNothingBehind(): void {
  const rejections: unknown[] = []
  const onRejection = (reason: unknown): void => void rejections.push(reason)
  beforeAll(() => void process.on('unhandledRejection', onRejection))
  afterAll(() => {
    process.off('unhandledRejection', onRejection)
    expect(rejections).toEqual([])
    const names = Object.keys(Object.prototype)
    for (const name in {}) names.push(name)
    expect(names).toEqual([])
  })
}
