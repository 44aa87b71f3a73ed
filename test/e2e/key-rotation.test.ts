import { manualClock } from '@tokenward/testing'
import { describe, expect, test } from 'vitest'

import type { RunningApi } from './running.ts'

import { authorizationCode, refresh } from '../../docs/examples/demo/src/grants.ts'
import { createSigningKey } from '../../docs/examples/demo/src/signing-keys.ts'
import { createUserAgent } from '../../docs/examples/demo/src/user-agent.ts'
import { readerToken, readOrders, runningApi, serverSigning } from './running.ts'

const keyFetches = ({ events }: RunningApi) => events.filter(({ type }) => type === 'keys-refreshed').length

describe('the server replaces its signing key while the API runs', () => {
  test('a token of the new key is accepted at once, after a single fetch', async () => {
    const server = await serverSigning('RS256')
    const api = await runningApi(server.issuer)
    expect((await api.orders(await readerToken(server))).status).toBe(200)

    server.replaceKeys([await createSigningKey('RS256', 'key-2')])
    const tokens = await Promise.all([readerToken(server), readerToken(server), readerToken(server)])
    const answers = await Promise.all(tokens.map((token) => api.orders(token)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(keyFetches(api)).toBe(2)
  })

  test('a token of the withdrawn key, accepted before, is refused from then on', async () => {
    const server = await serverSigning('RS256')
    const api = await runningApi(server.issuer)
    const old = await readerToken(server)
    expect((await api.orders(old)).status).toBe(200)

    server.replaceKeys([await createSigningKey('RS256', 'key-2')])
    await api.orders(await readerToken(server))
    expect(await api.orders(old)).toMatchObject({ status: 401, codes: ['KEY_UNKNOWN'] })
  })

  test('a withdrawn key stops verifying when the known keys run out, even if no new token is seen', async () => {
    const server = await serverSigning('RS256')
    const clock = manualClock(Math.floor(Date.now() / 1000))
    const api = await runningApi(server.issuer, clock)
    const old = await readerToken(server)
    expect((await api.orders(old)).status).toBe(200)

    server.replaceKeys([await createSigningKey('RS256', 'key-2')])
    expect((await api.orders(old)).status).toBe(200)
    await clock.advance(12 * 60)
    expect(await api.orders(old)).toMatchObject({ status: 401, codes: ['KEY_UNKNOWN'] })
  })

  test('a new key under the old key id is found when the known keys run out', async () => {
    const server = await serverSigning('RS256')
    const clock = manualClock(Math.floor(Date.now() / 1000))
    const api = await runningApi(server.issuer, clock)
    expect((await api.orders(await readerToken(server))).status).toBe(200)

    server.replaceKeys([await createSigningKey('RS256', 'key-1')])
    const token = await readerToken(server)
    expect(await api.orders(token)).toMatchObject({ status: 401, codes: ['SIGNATURE_INVALID'] })
    await clock.advance(12 * 60)
    expect((await api.orders(token)).status).toBe(200)
  })

  test('what the user granted before stays good: a refreshed token bears the new key', async () => {
    const server = await serverSigning('ES256')
    const api = await runningApi(server.issuer)
    const request = { ...readOrders, scope: 'openid offline_access orders:read' }
    const { accessToken, refreshToken = '' } = await authorizationCode(server.issuer, request, createUserAgent('alice'))
    expect((await api.orders(accessToken)).status).toBe(200)

    server.replaceKeys([await createSigningKey('Ed25519', 'key-2')])
    const refreshed = await refresh(server.issuer, refreshToken)
    expect((await api.orders(refreshed.accessToken)).status).toBe(200)
    expect((await api.orders(accessToken)).codes).toEqual(['KEY_UNKNOWN'])
  })
})
