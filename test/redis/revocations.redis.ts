import { isAuthError } from '@tokenward/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { outcome, requestWith, scene } from '../core/scene.ts'
import { clients } from './adapters.ts'
import { dump } from './dump.ts'
import { instance, ISSUER } from './instances.ts'
import type { RedisServer } from './server.ts'
import { redisServer } from './server.ts'

const PATIENCE = { timeout: 15_000, interval: 5 }
let server: RedisServer

beforeAll(async () => {
  server = await redisServer()
})
afterAll(async () => server[Symbol.asyncDispose]())

describe.each(clients)('over %s', (_, connect) => {
  beforeEach(async () => {
    await server.kill()
    await server.start()
  })

  it('is revoked on every process, those that start later included', async () => {
    await using first = await instance(await connect(server.url))
    await using second = await instance(await connect(server.url))
    expect(second.verdict('a')).toBe('good')
    await first.revocations.revoke({ issuer: ISSUER, jti: 'a', keepSeconds: 60 })
    expect(first.verdict('a')).toBe('revoked')
    await vi.waitFor(() => expect(second.verdict('a')).toBe('revoked'), PATIENCE)
    await using third = await instance(await connect(server.url))
    expect(third.verdict('a')).toBe('revoked')
    expect(third.verdict('b')).toBe('good')
  })

  it('hears nothing for a while, and knows what was said in the meantime', async () => {
    await using first = await instance(await connect(server.url))
    await using second = await instance(await connect(server.url), ['a'])
    await first.client.command(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await first.revocations.revoke({ issuer: ISSUER, jti: 'a', keepSeconds: 60 })
    await vi.waitFor(
      () => expect(second.events.slice(1)).toEqual(['revocations-unavailable', 'revocations-available']),
      PATIENCE,
    )
    expect(second.verdicts.get('a')).toBe('revoked')
    expect(second.verdict('b')).toBe('good')
  })

  it('outlives a server that comes back empty', async () => {
    const watched = ['before', 'meanwhile']
    await using first = await instance(await connect(server.url), watched)
    await using second = await instance(await connect(server.url), watched)
    await first.revocations.revoke({ issuer: ISSUER, jti: 'before', keepSeconds: 60 })
    await server.kill()
    for (const { verdict } of [first, second])
      await vi.waitFor(() => expect(verdict('b')).toBe('unavailable'), PATIENCE)
    const revoking = outcome(first.revocations.revoke({ issuer: ISSUER, jti: 'meanwhile', keepSeconds: 60 }))
    await vi.waitFor(() => expect(first.verdict('meanwhile')).toBe('revoked'), PATIENCE)
    expect(await revoking).toBe('STORE_UNAVAILABLE')
    await server.start()
    for (const { verdict } of [first, second]) await vi.waitFor(() => expect(verdict('b')).toBe('good'), PATIENCE)
    for (const { verdicts } of [first, second]) {
      expect(Object.fromEntries(verdicts)).toEqual({ before: 'revoked', meanwhile: 'revoked' })
    }
    await using third = await instance(await connect(server.url))
    expect([third.verdict('before'), third.verdict('meanwhile')]).toEqual(['revoked', 'revoked'])
  })

  it('answers 503 while the server is away, and requests pass when it is back', async () => {
    const { issuer, serving } = await scene()
    await using one = await instance(await connect(server.url))
    const resourceServer = serving({ revocations: one.revocations })
    const request = requestWith(`Bearer ${await issuer.mint()}`)
    const status = async (): Promise<number> => {
      const decision = await resourceServer.authenticate(request)
      return decision.granted ? 200 : decision.status
    }
    expect(await status()).toBe(200)
    await server.kill()
    await vi.waitFor(async () => expect(await status()).toBe(503), PATIENCE)
    await server.start()
    await vi.waitFor(async () => expect(await status()).toBe(200), PATIENCE)
  })

  it('accepts while the server is away, if told to, but not what it knows', async () => {
    await using one = await instance(await connect(server.url), [], { whileUnavailable: 'accept' })
    await one.revocations.revoke({ issuer: ISSUER, jti: 'a', keepSeconds: 60 })
    await server.kill()
    await vi.waitFor(() => expect(one.events).toContain('revocations-unavailable'), PATIENCE)
    expect([one.verdict('a'), one.verdict('b')]).toEqual(['revoked', 'good'])
  })

  it('says when it cannot begin, and begins later', async () => {
    await using one = await instance(await connect(server.url))
    await server.kill()
    await vi.waitFor(() => expect(one.verdict('b')).toBe('unavailable'), PATIENCE)
    const refusal = await one.revocations.ready().catch((error: unknown) => error)
    expect(isAuthError(refusal) && refusal.code).toBe('STORE_UNAVAILABLE')
    await server.start()
    await vi.waitFor(async () => one.revocations.ready(), PATIENCE)
    expect(one.verdict('b')).toBe('good')
  })

  it('puts no token into Redis', async () => {
    const { issuer, trusting } = await scene()
    await using one = await instance(await connect(server.url))
    const token = await issuer.mint()
    await one.revocations.revoke({ token, keepSeconds: 60 })
    await one.revocations.revoke({ token: 'opaque-token', keepSeconds: 60 })
    expect(await outcome(trusting({ revocations: one.revocations }).verify(token))).toBe('TOKEN_REVOKED')
    const everything = await dump(one.client)
    expect(everything).toContain('tokenward:revocations')
    for (const part of [...token.split('.'), 'opaque-token']) expect(everything).not.toContain(part)
  })
})
