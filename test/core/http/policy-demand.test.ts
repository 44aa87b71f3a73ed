import type { ResourceServer, TokenClaims } from '@tokenward/core'
import { authorizeAll, createResourceServer, granted, readPolicyDemand, refuse, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, requestWith, scene } from '../scene.ts'

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

describe('all demands of a token', () => {
  /** Who was asked, and what became of it. */
  async function asked(authorization: string | undefined, refusing?: string) {
    const { issuer, serving } = await scene()
    const log: string[] = []
    const server = serving()
    const watched: ResourceServer<TokenClaims, undefined> = {
      ...server,
      authorizeFresh: (...given) => (log.push('again'), server.authorizeFresh(...given)),
    }
    const demands = ['first', 'fresh', 'last'].map((name) => ({
      fresh: name === 'fresh',
      policy: () => (log.push(name), name === refusing ? refuse(name) : granted),
    }))
    const fields = authorization === undefined ? [] : [`${authorization} ${await issuer.mint()}`]
    const authenticated = await watched.authenticate(requestWith(...fields))
    const decision = await authorizeAll(watched, authenticated, demands)
    return [...log, decision.granted ? decision.token?.subject : decision.error.code]
  }

  it('are asked one after the other, and must all hold', async () => {
    expect(await asked('Bearer')).toEqual(['first', 'again', 'fresh', 'last', 'user-1'])
  })

  it('are asked until one refuses', async () => {
    expect(await asked('Bearer', 'first')).toEqual(['first', 'POLICY_DENIED'])
    expect(await asked('Bearer', 'fresh')).toEqual(['first', 'again', 'fresh', 'POLICY_DENIED'])
    expect(await asked('Bearer', 'last')).toEqual(['first', 'again', 'fresh', 'last', 'POLICY_DENIED'])
  })

  it('are asked of nobody who was refused before', async () => {
    expect(await asked('Basic')).toEqual(['TOKEN_MISSING'])
  })

  it('refuse who came without a token, unless there are none', async () => {
    const { issuer, system } = await scene()
    const server = createResourceServer({ issuer: issuer.issuer, audience: AUDIENCE, system, anonymous: 'pass' })
    const anonymous = await server.authenticate(requestWith())
    expect(await authorizeAll(server, anonymous, [])).toBe(anonymous)
    expect(await authorizeAll(server, anonymous, [{ policy: () => granted, fresh: false }])).toMatchObject({
      granted: false,
      error: { code: 'TOKEN_MISSING' },
    })
  })
})
