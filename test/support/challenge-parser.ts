export { assertLegalChallenge, parseChallenges } from '../../packages/testing/src/contract/challenge-parser.ts'
export type { Challenge } from '../../packages/testing/src/contract/challenge-parser.ts'
