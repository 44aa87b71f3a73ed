import { it } from 'vitest'
import type { TestContext } from 'vitest'

import { findRequirement } from './manifest.ts'
import type { TestedRequirementId } from './manifest.ts'

/**
 * Registers a test that shows that requirements are met. Its title ends with their ids.
 *
 *     verifies('RFC6750-3.1-d')('answers an expired token with invalid_token', async () => { ... })
 *
 * The gate reads these calls from the source, so the ids have to be literals and the call written out.
 *
 * @throws Error for an id that is unknown, or whose status is not `tested`.
 */
export function verifies(
  ...ids: [TestedRequirementId, ...TestedRequirementId[]]
): (title: string, body: (context: TestContext) => Promise<void> | void, timeoutMs?: number) => void {
  for (const id of ids) {
    const status = findRequirement(id)?.status.kind
    if (status !== 'tested') throw new Error(`${id} cannot be cited: it is ${status ?? 'no known requirement'}`)
  }
  return (title, body, timeoutMs) => {
    // oxlint-disable-next-line vitest/expect-expect -- the body brings the assertions
    it(`${title} [${ids.join(', ')}]`, body, timeoutMs)
  }
}
