import type { Challenge } from './challenge-parser.ts'
import type { AdapterAnswer } from './requests/contract-request.ts'

import { assertLegalChallenge } from './challenge-parser.ts'
import { unless } from './problems.ts'
import { descriptionOf, NAMES } from './requests/contract-request.ts'

/** What the resource server `twoChallenges` adds to its refusals. */
export const SECOND_CHALLENGE = 'DPoP algs="ES256 EdDSA"'

/** What is wrong with the WWW-Authenticate lines of an answer. */
export function challengeProblems(
  lines: readonly string[],
  expected: AdapterAnswer,
  { isTwofold, isJoined }: { readonly isTwofold: boolean; readonly isJoined: boolean },
): string[] {
  if (![400, 401, 403].includes(expected.status)) {
    return unless(lines.length === 0, `a challenge beside ${expected.status}`)
  }
  const challenges = isTwofold ? [bearer(expected), second] : [bearer(expected)]
  const count = isJoined ? 1 : challenges.length
  try {
    const found = assertLegalChallenge(lines)
    return [
      ...unless(lines.length === count, `${lines.length} lines with a challenge, not ${count}`),
      ...unless(
        JSON.stringify(found.map(sorted)) === JSON.stringify(challenges.map(sorted)),
        `challenges ${JSON.stringify(found)}, not ${JSON.stringify(challenges)}`,
      ),
    ]
  } catch (problem) {
    return [String(problem)]
  }
}

const [second] = assertLegalChallenge(SECOND_CHALLENGE)

function bearer(expected: AdapterAnswer): Challenge {
  const { realm, status, error } = expected
  const description = descriptionOf(expected)
  return {
    scheme: 'Bearer',
    params: {
      realm,
      ...(error !== undefined && { error }),
      ...(description !== undefined && { error_description: description }),
      ...(status === 403 && { scope: NAMES.scope }),
    },
  }
}

/** A scheme is the same in any case, and parameters in any order (RFC 9110 section 11.3). */
function sorted(challenge: Challenge | undefined): unknown {
  if (challenge === undefined) return undefined
  const params = Object.entries(challenge.params).toSorted(([one], [other]) => one.localeCompare(other))
  return [challenge.scheme.toLowerCase(), challenge.token68, params]
}
