import type { Verifier } from '@tokenward/core'

import { createVerifier, isAuthError, jwtIssuer } from '@tokenward/core'
import { describe, expect, test } from 'vitest'

import { authorizationCode, clientCredentials, deviceFlow, refresh } from '../../docs/examples/demo/src/grants.ts'
import { appClientId } from '../../docs/examples/demo/src/provider-configuration.ts'
import { createUserAgent } from '../../docs/examples/demo/src/user-agent.ts'
import { verifies } from '../requirements/verifies.ts'
import { readOrders, runningApi, serverSigning } from './running.ts'

const signInAndRead = { ...readOrders, scope: 'openid offline_access orders:read' }

function text(value: string | undefined): string {
  if (value === undefined) throw new Error('the authorization server did not issue this token')
  return value
}

describe('an access token for the API is accepted, whichever grant it comes from', () => {
  const grants: Record<string, (issuer: string) => Promise<string>> = {
    'authorization code with PKCE': async (issuer) =>
      (await authorizationCode(issuer, readOrders, createUserAgent('alice'))).accessToken,
    'refresh token': async (issuer) => {
      const { refreshToken } = await authorizationCode(issuer, signInAndRead, createUserAgent('alice'))
      return (await refresh(issuer, text(refreshToken))).accessToken
    },
    'client credentials': async (issuer) => (await clientCredentials(issuer, readOrders)).accessToken,
    'device flow': async (issuer) => (await deviceFlow(issuer, readOrders, createUserAgent('alice'))).accessToken,
  }

  for (const [name, obtain] of Object.entries(grants)) {
    verifies('RFC9068-2.1-b')(name, async () => {
      const server = await serverSigning('RS256')
      const api = await runningApi(server.issuer)
      expect(await api.orders(await obtain(server.issuer))).toMatchObject({ status: 200, challenge: null, codes: [] })
    })
  }
})

test('the handler sees the user and the client that the token was issued to', async () => {
  const { issuer } = await serverSigning('RS256')
  const { accessToken } = await authorizationCode(issuer, readOrders, createUserAgent('alice'))
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer, allowLoopbackHttp: true }),
    audience: readOrders.resource,
  })
  expect(await verifier.verify(accessToken)).toMatchObject({
    issuer,
    subject: 'alice',
    clientId: appClientId,
    scopes: ['orders:read'],
    audience: [readOrders.resource],
  })
})

describe('what is no access token for the API is refused', () => {
  verifies('RFC8725-3.12-a', 'RFC9068-5-a')(
    'an ID token, even by an API that bears the name of its audience',
    async () => {
      const { issuer } = await serverSigning('RS256')
      const { idToken } = await authorizationCode(issuer, signInAndRead, createUserAgent('alice'))
      for (const profile of ['rfc9068', 'jwt'] as const) {
        const verifier = createVerifier({
          issuer: jwtIssuer({ issuer, profile, allowLoopbackHttp: true }),
          audience: appClientId,
        })
        expect(await refusalCode(verifier, text(idToken)), profile).toBe('TOKEN_TYPE_REJECTED')
      }
    },
  )

  verifies('RFC6750-3.1-f')('a refresh token, and an opaque access token', async () => {
    const { issuer } = await serverSigning('RS256')
    const api = await runningApi(issuer)
    const { refreshToken } = await authorizationCode(issuer, signInAndRead, createUserAgent('alice'))
    const { accessToken } = await authorizationCode(issuer, { scope: 'openid' }, createUserAgent('alice'))
    for (const token of [text(refreshToken), accessToken]) {
      const answer = await api.orders(token)
      expect(answer).toMatchObject({ status: 401, codes: ['TOKEN_MALFORMED'] })
      expect(answer.challenge).toContain('error="invalid_token"')
    }
  })

  verifies('RFC9068-4-d')('a token for another API of the same server', async () => {
    const server = await serverSigning('RS256')
    const api = await runningApi(server.issuer)
    const { accessToken } = await clientCredentials(server.issuer, {
      scope: 'invoices:read',
      resource: 'https://billing.example',
    })
    expect(await api.orders(accessToken)).toMatchObject({ status: 401, codes: ['AUDIENCE_MISMATCH'] })
  })

  test('a token of another server, under the same key id', async () => {
    const [trusted, other] = [await serverSigning('RS256'), await serverSigning('RS256')]
    const api = await runningApi(trusted.issuer)
    const { accessToken } = await clientCredentials(other.issuer, readOrders)
    expect(await api.orders(accessToken)).toMatchObject({ status: 401, codes: ['ISSUER_UNTRUSTED'] })
  })
})

async function refusalCode(verifier: Verifier, token: string): Promise<string> {
  try {
    await verifier.verify(token)
    return 'accepted'
  } catch (error) {
    if (isAuthError(error)) return error.code
    throw error
  }
}
