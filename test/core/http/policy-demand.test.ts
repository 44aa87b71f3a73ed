import { readPolicyDemand, scopes } from '@tokenward/core'
import { expect, it } from 'vitest'

const policy = scopes('orders:read')

it('reads a policy, and whether to ask again before', () => {
  expect(readPolicyDemand('authorize', policy)).toEqual({ policy, fresh: false })
  expect(readPolicyDemand('authorize', policy, { fresh: undefined })).toEqual({ policy, fresh: false })
  expect(readPolicyDemand('authorize', policy, { fresh: true })).toEqual({ policy, fresh: true })
})

it.each([
  [undefined, {}, 'authorize: a policy is required, such as scopes("orders:read")'],
  ['orders:read', {}, 'authorize: a policy is required, such as scopes("orders:read")'],
  [policy, { fresh: 'yes' }, 'authorize: fresh must be a boolean'],
  [policy, true, 'authorize: options must be an object'],
  [policy, null, 'authorize: options must be an object'],
  [
    undefined,
    { fresh: 1, frsh: true },
    'authorize: unknown option frsh; fresh must be a boolean; a policy is required, such as scopes("orders:read")',
  ],
])('names every problem: %s with %o', (given, options, message) => {
  expect(() => readPolicyDemand('authorize', given as typeof policy, options as object)).toThrow(new TypeError(message))
})
