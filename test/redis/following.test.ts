import type { RedisRevocationsOptions } from '@tokenward/redis'
import { redisRevocations } from '@tokenward/redis'
import { manualClock } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { outcome } from '../core/scene.ts'
import type { Instance } from './instances.ts'
import { instance, ISSUER } from './instances.ts'
import type { Connection } from './memory-server.ts'
import { MemoryServer } from './memory-server.ts'

/** A server, a clock, and as many processes as one likes. */
function world() {
  const server = new MemoryServer()
  const clock = manualClock()
  const start = async (
    options: Partial<RedisRevocationsOptions> = {},
  ): Promise<{ one: Instance; connection: Connection }> => {
    const { client, connection } = server.connect()
    const system = { ...clock, random: () => 0.5 }
    return { one: await instance({ client, close: () => {} }, [], { system, ...options }), connection }
  }
  return { server, clock, start }
}

const byJti = (jti: string, keepSeconds = 3600) => ({ issuer: ISSUER, jti, keepSeconds })

describe('a process that follows the log', () => {
  it('hears of a revocation at once', async () => {
    const { clock, start } = world()
    const [a, b] = [await start(), await start()]
    await a.one.revocations.revoke(byJti('x'))
    await clock.advance(0)
    expect(b.one.verdict('x')).toBe('revoked')
    expect(b.one.events).toEqual(['revocations-available'])
  })

  it('learns within 10 seconds what it did not hear, and then notices that it is deaf', async () => {
    const { clock, start } = world()
    const [a, b] = [await start(), await start()]
    b.connection.isDeaf = true
    await a.one.revocations.revoke(byJti('x'))
    await clock.advance(9)
    expect(b.one.verdict('x')).toBe('good')
    await clock.advance(1)
    expect(b.one.verdict('x')).toBe('revoked')
    await clock.advance(10)
    expect(b.one.events).toContain('revocations-unavailable')
    b.connection.isDeaf = false
    await clock.advance(2)
    await a.one.revocations.revoke(byJti('y'))
    await clock.advance(0)
    expect(b.one.verdict('y')).toBe('revoked')
  })

  it('trusts nothing 3 seconds after a question that is not answered', async () => {
    const { clock, start } = world()
    const { one, connection } = await start()
    connection.isSilent = true
    await clock.advance(12)
    expect(one.verdict('x')).toBe('good')
    await clock.advance(1)
    expect(one.verdict('x')).toBe('unavailable')
    connection.isSilent = false
    await clock.advance(5)
    expect(one.verdict('x')).toBe('good')
  })

  it('trusts nothing after it slept for more than half a minute', async () => {
    const { server, clock } = world()
    let sleptMs = 0
    const system = { ...clock, now: () => clock.now() + sleptMs, random: () => 0.5 }
    await using one = await instance({ client: server.connect().client, close: () => {} }, [], { system })
    sleptMs = 30_000
    expect(one.verdict('x')).toBe('good')
    sleptMs = 30_001
    expect(one.verdict('x')).toBe('unavailable')
    await clock.advance(10)
    expect(one.verdict('x')).toBe('good')
  })

  it('goes through a log of many pages', async () => {
    const { start } = world()
    const { one } = await start()
    const names = Array.from({ length: 1300 }, (_, index) => `jti-${index}`)
    for (const name of names) await one.revocations.revoke(byJti(name))
    const late = await start()
    expect(names.filter((name) => late.one.verdict(name) !== 'revoked')).toEqual([])
  })

  it('reads on from where it was after a pause', async () => {
    const { server, clock, start } = world()
    const { one } = await start()
    for (let count = 0; count < 20; count += 1) await one.revocations.revoke(byJti(`jti-${count}`))
    await clock.advance(0)
    server.stop()
    server.isUp = true
    server.commands.length = 0
    await clock.advance(1)
    expect(one.verdict('y')).toBe('good')
    expect(server.commands.filter(([name]) => name === 'XRANGE').map((args) => args[2])).toEqual(['21-0'])
  })

  it('retries 250 ms after a failure, later every 2 seconds', async () => {
    const { server, clock, start } = world()
    const { one } = await start()
    server.stop()
    expect(one.verdict('x')).toBe('unavailable')
    await clock.advance(60)
    server.isUp = true
    await clock.advance(2)
    expect(one.verdict('x')).toBe('good')
    expect(one.events).toEqual(['revocations-available', 'revocations-unavailable', 'revocations-available'])
  })
})

describe('a log that lost what it had', () => {
  it('gets it back from whoever knows it, and nobody is trusted until then', async () => {
    const { server, clock, start } = world()
    const [a, b] = [await start(), await start()]
    await a.one.revocations.revoke(byJti('x'))
    server.stream = []
    await clock.advance(10)
    expect(b.one.verdict('y')).toBe('unavailable')
    await clock.advance(5)
    expect(b.one.verdict('y')).toBe('good')
    expect((await start()).one.verdict('x')).toBe('revoked')
  })

  it('is noticed when nothing had been in it', async () => {
    const { server, clock, start } = world()
    const [a, b] = [await start(), await start()]
    b.connection.isDeaf = true
    await a.one.revocations.revoke(byJti('x'))
    server.stream = []
    await clock.advance(10)
    expect(b.one.verdict('x')).toBe('revoked')
  })

  it('gets back more than fits in one go, once', async () => {
    const { server, clock, start } = world()
    const { one } = await start()
    for (let count = 0; count < 350; count += 1) await one.revocations.revoke(byJti(`jti-${count}`))
    await clock.advance(0)
    server.stream = []
    await clock.advance(20)
    expect(server.ids()).toHaveLength(350)
  })

  it('gets what was revoked while it could not be reached', async () => {
    const { server, clock, start } = world()
    const [a, b] = [await start(), await start()]
    server.stop()
    expect(await outcome(a.one.revocations.revoke(byJti('x')))).toBe('STORE_UNAVAILABLE')
    expect(a.one.verdict('x')).toBe('revoked')
    server.isUp = true
    await clock.advance(5)
    expect(b.one.verdict('x')).toBe('revoked')
  })
})

describe('the size of the log', () => {
  it('shrinks by what is over for all clocks, and by nothing else', async () => {
    const { server, clock, start } = world()
    const { one } = await start()
    await one.revocations.revoke(byJti('long', 20_000))
    await one.revocations.revoke(byJti('short', 100))
    await one.revocations.revoke(byJti('newest', 1))
    expect(server.ids()).toHaveLength(3)
    await clock.advance(3600)
    expect(server.ids()).toHaveLength(3)
    await clock.advance(130)
    expect(server.ids()).toHaveLength(2)
    expect((await start()).one.verdict('long')).toBe('revoked')
    expect(one.events).toEqual(['revocations-available'])
  })

  it('is more than fits in memory: nothing is forgotten, and nobody gets in', async () => {
    const { clock, start } = world()
    const [a, b] = [await start(), await start({ mostEntries: 1 })]
    await a.one.revocations.revoke(byJti('x', 50))
    await a.one.revocations.revoke(byJti('y', 50))
    await clock.advance(1)
    expect([b.one.verdict('x'), b.one.verdict('z')]).toEqual(['revoked', 'unavailable'])
    expect(await outcome(b.one.revocations.revoke(byJti('z')))).toBe('STORE_UNAVAILABLE')
    await clock.advance(60)
    expect(b.one.verdict('z')).toBe('good')
  })
})

it.each([
  ['of another field', ['v9', '{}']],
  ['that is no JSON', ['v1', 'x']],
  ['that is no revocation', ['v1', '{"kind":"all"}']],
])('refuses while the log has an item %s, since it may revoke anything', async (_, fields) => {
  const { server, clock, start } = world()
  const { one } = await start()
  server.stream.push({ id: '2-0', fields })
  await clock.advance(13)
  expect(one.verdict('x')).toBe('unavailable')
  server.stream.pop()
  await clock.advance(3)
  expect(one.verdict('x')).toBe('good')
})

it('answers unavailable once it is closed', async () => {
  const { clock, start } = world()
  const { one } = await start()
  await one.revocations.close()
  expect(one.verdict('x')).toBe('unavailable')
  expect(await outcome(one.revocations.ready())).toBe('STORE_UNAVAILABLE')
  await clock.advance(30)
  expect(one.verdict('x')).toBe('unavailable')
})

it.each<[unknown, string]>([
  [{}, 'client must have command and subscribe'],
  [{ client: { command: 1 } }, 'client must have command and subscribe'],
  [{ whileUnavailable: 'refuse' }, 'whileUnavailable must be "accept" or left out'],
  [{ keyPrefix: 1, mostEntries: 0, onEvent: 1, system: { now: 1 } }, 'keyPrefix must be a string; mostEntries must'],
  [{ prefix: 'x' }, 'unknown option "prefix"'],
  [null, 'options must be an object'],
])('complains about %j', (options, complaint) => {
  expect(() => redisRevocations(options as RedisRevocationsOptions)).toThrow(complaint)
})
