import type { SharedCache, TokenwardEvent, Verifier } from '@tokenward/core'
import { clientSecretBasic, createVerifier, introspectedIssuer } from '@tokenward/core'
import { manualClock } from '@tokenward/testing'
import { redisIntrospectionCache } from '@tokenward/redis'
import { describe, expect, it, vi } from 'vitest'
import { clients } from './adapters.ts'
import { dump } from './dump.ts'
import { ISSUER } from './instances.ts'
import { redisServer } from './server.ts'

const TOKEN = 'opaque-token-of-user-1'
const AUDIENCE = 'https://api.example'

/** Processes that share a cache, and how often the authorization server was asked by all of them. */
function processes(shared: SharedCache) {
  const clock = manualClock()
  const events: TokenwardEvent[] = []
  const fetch = vi.fn<typeof globalThis.fetch>(async () =>
    Response.json({ active: true, iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp: clock.nowSeconds() + 300 }),
  )
  const create = (): Verifier =>
    createVerifier({
      issuer: introspectedIssuer({
        issuer: ISSUER,
        endpoint: `${ISSUER}/introspect`,
        clientAuthentication: clientSecretBasic('api', 'secret-of-the-api'),
        cache: { shared },
      }),
      audience: AUDIENCE,
      system: { ...clock, fetch },
      onEvent: (event) => events.push(event),
    })
  return { create, fetch, events }
}

describe.each(clients)('over %s', (_, connect) => {
  it('asks once for all processes, and puts no token into Redis', async () => {
    await using server = await redisServer()
    const { client, close } = await connect(server.url)
    const { create, fetch } = processes(redisIntrospectionCache({ client }))
    await create().verify(TOKEN)
    expect((await create().verify(TOKEN)).subject).toBe('user-1')
    expect(fetch).toHaveBeenCalledTimes(1)
    const everything = await dump(client)
    expect(everything).toContain('tokenward:introspection:')
    for (const secret of [TOKEN, 'secret-of-the-api']) expect(everything).not.toContain(secret)
    close()
  })

  it('is passed over while the server is away', async () => {
    await using server = await redisServer()
    const { client, close } = await connect(server.url)
    const { create, fetch, events } = processes(redisIntrospectionCache({ client }))
    await server.kill()
    expect((await create().verify(TOKEN)).subject).toBe('user-1')
    expect((await create().verify(TOKEN)).subject).toBe('user-1')
    expect(fetch).toHaveBeenCalledTimes(2)
    expect(events.map(({ type }) => type)).toContain('shared-cache-failed')
    close()
  })

  it('gives entries a life', async () => {
    await using server = await redisServer()
    const { client, close } = await connect(server.url)
    const cache = redisIntrospectionCache({ client, keyPrefix: 'mine:' })
    await cache.set('k', 'v', 60)
    expect(await cache.get('k')).toBe('v')
    expect(await cache.get('other')).toBeUndefined()
    expect(Number(await client.command(['PTTL', 'mine:introspection:k']))).toSatisfy((ms) => ms > 0 && ms <= 60_000)
    await cache.set('over', 'v', 0)
    expect(await cache.get('over')).toBeUndefined()
    close()
  })
})
