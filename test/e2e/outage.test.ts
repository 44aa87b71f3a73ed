import { manualClock } from '@tokenward/testing'
import { describe, expect, test } from 'vitest'

import { createSigningKey } from '../../docs/examples/demo/src/signing-keys.ts'
import { readerToken, runningApi, runningServer } from './running.ts'

describe('the authorization server is down', () => {
  test('before its keys were fetched: 503 with Retry-After, never a challenge; and it recovers', async () => {
    const keys = [await createSigningKey('RS256', 'key-1')]
    const server = await runningServer(keys)
    const token = await readerToken(server)
    const clock = manualClock(Math.floor(Date.now() / 1000))
    const api = await runningApi(server.issuer, clock)

    await server.close()
    const answer = await api.orders(token)
    expect(answer).toMatchObject({ status: 503, challenge: null, codes: ['KEYS_UNAVAILABLE'] })
    expect(Number(answer.retryAfter)).toBeGreaterThan(0)

    await runningServer(keys, server.port)
    await clock.advance(Number(answer.retryAfter))
    expect(await api.orders(token)).toMatchObject({ status: 200, codes: [] })
  })

  test('after its keys were fetched: they go on answering, for an hour past their life', async () => {
    const server = await runningServer([await createSigningKey('RS256', 'key-1')])
    const clock = manualClock(Math.floor(Date.now() / 1000))
    const api = await runningApi(server.issuer, clock)
    const token = await readerToken(server)
    expect((await api.orders(token)).status).toBe(200)

    await server.close()
    await clock.advance(20 * 60)
    expect((await api.orders(token)).status).toBe(200)
    expect(api.events.some(({ type }) => type === 'keys-refresh-failed')).toBe(true)
  })

  test('an unknown key says nothing about the token while nobody can be asked', async () => {
    const server = await runningServer([await createSigningKey('RS256', 'key-1')])
    const api = await runningApi(server.issuer)
    expect((await api.orders(await readerToken(server))).status).toBe(200)

    server.replaceKeys([await createSigningKey('RS256', 'key-2')])
    const token = await readerToken(server)
    await server.close()
    expect(await api.orders(token)).toMatchObject({ status: 503, challenge: null, codes: ['KEYS_UNAVAILABLE'] })
  })
})
