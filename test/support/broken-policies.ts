/** What policies written in JavaScript may do, none of which is an answer: what it returns, and how. */
export const brokenPolicies: readonly (readonly [returns: string, policy: () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['a string', () => 'granted'],
  ['an object that looks like a grant', () => ({ granted: true })],
  ['a promise of true', async () => true],
  ['a promise that rejects', async () => Promise.reject(new Error('secret-of-the-policy'))],
  ['an error that is not refused', () => new Error('secret-of-the-policy')],
  [
    'nothing, since it throws',
    () => {
      throw new Error('secret-of-the-policy')
    },
  ],
  [
    'nothing, since it throws undefined',
    () => {
      throw undefined // JavaScript allows it
    },
  ],
]

/** The body of the answer to a request that such a policy was to judge. */
export const fault = {
  error: 'server_error',
  error_description: 'The API could not decide whether to allow this request',
}
