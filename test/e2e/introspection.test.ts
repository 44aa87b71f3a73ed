import type { System, TokenwardEvent } from '@tokenward/core'

import { clientSecretBasic, createVerifier } from '@tokenward/core'
import { describe, expect, test } from 'vitest'

import { outcome } from '../core/scene.ts'
import { verifies } from '../requirements/verifies.ts'
import { AUDIENCE, introspected, introspectingServer } from './introspecting-server.ts'

/** The clock of the host, moved on by a test. */
function movable(): { readonly system: Partial<System>; readonly advance: (seconds: number) => void } {
  let aheadMs = 0
  return {
    system: { now: () => Date.now() + aheadMs },
    advance: (seconds) => {
      aheadMs += seconds * 1000
    },
  }
}

const introspections = (asked: readonly string[]): number =>
  asked.filter((path) => path === '/token/introspection').length

describe('an opaque token of a real authorization server', () => {
  test('by client credentials is accepted, and asked about once', async () => {
    const server = await introspectingServer()
    const verifier = createVerifier({ issuer: introspected(server), audience: AUDIENCE })
    const raw = await server.clientCredentials()
    expect(raw.split('.')).toHaveLength(1)

    expect(await verifier.verify(raw)).toMatchObject({
      issuer: server.issuer,
      clientId: 'orders-worker',
      scopes: ['orders:read'],
      audience: [AUDIENCE],
    })
    await verifier.verify(raw)
    expect(introspections(server.asked)).toBe(1)
  })

  test('of a user who signed in is accepted, and the refresh token beside it is not', async () => {
    const server = await introspectingServer()
    const verifier = createVerifier({ issuer: introspected(server), audience: AUDIENCE })
    const { accessToken, refreshToken } = await server.signIn()

    expect(await verifier.verify(accessToken)).toMatchObject({ subject: 'alice', clientId: 'orders-app' })
    expect(await outcome(verifier.verify(refreshToken))).not.toBe('accepted')
  })

  test('for another API is refused', async () => {
    const server = await introspectingServer()
    const verifier = createVerifier({ issuer: introspected(server), audience: 'https://billing.example' })

    expect(await outcome(verifier.verify(await server.clientCredentials()))).toBe('AUDIENCE_MISMATCH')
  })

  test('that nobody issued is refused', async () => {
    const server = await introspectingServer()
    const verifier = createVerifier({ issuer: introspected(server), audience: AUDIENCE })

    expect(await outcome(verifier.verify('x'.repeat(43)))).toBe('TOKEN_INACTIVE')
  })
})

describe('a token that is revoked at the authorization server', () => {
  verifies('RFC6750-3.1-e', 'RFC7662-2.2-b')('is refused after a minute at most, and at once by fresh', async () => {
    const server = await introspectingServer()
    const { system, advance } = movable()
    const remembering = createVerifier({ issuer: introspected(server), audience: AUDIENCE, system })
    const asking = createVerifier({ issuer: introspected(server), audience: AUDIENCE, system })
    const raw = await server.clientCredentials()
    await remembering.verify(raw)
    await asking.verify(raw)
    await server.revoke(raw, 'worker')

    expect(await outcome(asking.verify(raw, { fresh: true }))).toBe('TOKEN_INACTIVE')
    expect(await outcome(asking.verify(raw))).toBe('TOKEN_INACTIVE')
    advance(30)
    expect(await outcome(remembering.verify(raw))).toBe('accepted')
    advance(30)
    expect(await outcome(remembering.verify(raw))).toBe('TOKEN_INACTIVE')
  })

  test('takes the access token of a user with it', async () => {
    const server = await introspectingServer()
    const verifier = createVerifier({ issuer: introspected(server), audience: AUDIENCE })
    const { accessToken, refreshToken } = await server.signIn()
    await verifier.verify(accessToken)
    await server.revoke(refreshToken, 'app')

    expect(await outcome(verifier.verify(accessToken, { fresh: true }))).toBe('TOKEN_INACTIVE')
  })
})

describe('signed answers of a real authorization server', () => {
  verifies(
    'RFC9701-4-a',
    'RFC9701-5-a',
    'RFC9701-5-b',
  )('are verified with its published keys', async () => {
    const server = await introspectingServer()
    const verifier = createVerifier({ issuer: introspected(server, { signedAnswers: true }), audience: AUDIENCE })
    const raw = await server.clientCredentials()

    expect(await verifier.verify(raw)).toMatchObject({ clientId: 'orders-worker', scopes: ['orders:read'] })
    expect(server.asked).toContain('/jwks')
    await server.revoke(raw, 'worker')
    expect(await outcome(verifier.verify(raw, { fresh: true }))).toBe('TOKEN_INACTIVE')
  })
})

verifies('RFC7662-2.3-a')('a wrong secret of the API is a 503 that says so', async () => {
  const server = await introspectingServer()
  const events: TokenwardEvent[] = []
  const verifier = createVerifier({
    issuer: introspected(server, { clientAuthentication: clientSecretBasic('orders-api', 'wrong') }),
    audience: AUDIENCE,
    onEvent: (event) => void events.push(event),
  })

  expect(await outcome(verifier.verify(await server.clientCredentials()))).toBe('INTROSPECTION_UNAVAILABLE')
  expect(events.find(({ type }) => type === 'introspection-failed')).toMatchObject({ reason: 'credentials-refused' })
})
