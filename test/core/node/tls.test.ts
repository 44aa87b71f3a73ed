import type { TrustedIssuer, TokenwardEvent } from '@tokenward/core'
import { createResourceServer, tenantIssuers } from '@tokenward/core'
import { guardedFetch } from '@tokenward/core/node'
import { testIssuer } from '@tokenward/testing'
import { createServer, get } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, requestWith } from '../scene.ts'
import { selfSigned } from './certificate.ts'

const certificate = selfSigned()
const asked: string[] = []
const server = createServer(certificate, (request, response) => {
  asked.push(request.url ?? '')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks`, keys: [] }))
})
let issuer = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  issuer = `https://127.0.0.1:${address.port}`
})

afterAll(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
)

it('the server of these tests answers whoever trusts its certificate', async () => {
  const before = asked.length
  const status = await new Promise((resolve, reject) => {
    get(`${issuer}/control`, { ca: certificate.cert, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    }).on('error', reject)
  })
  expect(status).toBe(200)
  expect(asked.slice(before)).toEqual(['/control'])
})

describe.each<[string, () => TrustedIssuer]>([
  ['the fetch of the host', () => issuer],
  ['guardedFetch', () => tenantIssuers({ allow: () => true, network: guardedFetch({ allowLoopback: true }) })],
])('a server whose certificate nobody vouches for, through %s', (_, trusted) => {
  verifies('RFC8414-6.1-a')('is told nothing and believed nothing: 503', async () => {
    const tokens = await testIssuer({ issuer, algorithm: 'ES256' })
    const events: TokenwardEvent[] = []
    const api = createResourceServer({
      issuer: trusted(),
      audience: AUDIENCE,
      anonymous: 'refuse',
      onEvent: (event) => void events.push(event),
    })
    const before = asked.length
    const decision = await api.authenticate(requestWith(`Bearer ${await tokens.mint()}`))
    await api.close()

    expect(decision).toMatchObject({ granted: false, status: 503, error: { code: 'KEYS_UNAVAILABLE' } })
    expect(events[0]).toMatchObject({ type: 'keys-refresh-failed', issuer, reason: 'network' })
    expect(decision).toHaveProperty('error.message', expect.stringMatching(/self.signed/i))
    expect(asked.length).toBe(before)
  })
})
