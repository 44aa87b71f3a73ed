import type { Decision, ResourceServer } from '@tokenward/core'

import { createResourceServer, scopes } from '@tokenward/core'
import { describe, expect, test } from 'vitest'

import * as rfc6750 from '../../fixtures/vectors/rfc6750.ts'
import * as rfc7515 from '../../fixtures/vectors/rfc7515.ts'
import { verifies } from '../../requirements/verifies.ts'
import { assertLegalChallenge, parseChallenges } from '../../support/challenge-parser.ts'
import { accessToken, AUDIENCE, NOW_SECONDS, publicHalf, verifierTrusting } from './trust.ts'

const { privateKey } = rfc7515.rs256
const keys = [publicHalf(privateKey)]
const expiredBearer = `Bearer ${accessToken('RS256', privateKey)}`
const resourceServer = createResourceServer({
  verifier: verifierTrusting(keys, { nowSeconds: NOW_SECONDS + 3600 }),
  realm: 'example',
})

interface Refusal {
  readonly status: number
  readonly challenges: readonly string[]
}

async function answer(server: ResourceServer, authorization?: string): Promise<Refusal> {
  const headerValues = (name: string): readonly string[] =>
    name.toLowerCase() === 'authorization' && authorization !== undefined ? [authorization] : []
  return refusalOf(await server.authenticate({ method: 'GET', url: `${AUDIENCE}/orders`, headerValues }))
}

function refusalOf(decision: Decision): Refusal {
  if (decision.granted) throw new Error('expected a refusal')
  const challenges = decision.headers.filter(([name]) => name.toLowerCase() === 'www-authenticate')
  return { status: decision.status, challenges: challenges.map(([, value]) => value) }
}

test('the published challenges say what the text around them says', () => {
  expect(parseChallenges(rfc6750.withoutCredentials.wwwAuthenticate)).toEqual([
    { scheme: 'Bearer', params: { realm: 'example' } },
  ])
  expect(parseChallenges(rfc6750.expiredToken.wwwAuthenticate)).toEqual([
    {
      scheme: 'Bearer',
      params: { realm: 'example', error: 'invalid_token', error_description: 'The access token expired' },
    },
  ])
})

describe('the same situations', () => {
  verifies('RFC6750-3.1-i')('3: no credentials', async () => {
    const { status, challenges } = await answer(resourceServer)
    expect(status).toBe(rfc6750.withoutCredentials.status)
    expect(assertLegalChallenge(challenges)).toEqual(parseChallenges(rfc6750.withoutCredentials.wwwAuthenticate))
  })

  verifies('RFC6750-3-d', 'RFC6750-3.1-d')('3: an expired token', async () => {
    const { status, challenges } = await answer(resourceServer, expiredBearer)
    expect(status).toBe(rfc6750.expiredToken.status)
    expect(assertLegalChallenge(challenges)).toEqual(parseChallenges(rfc6750.expiredToken.wwwAuthenticate))
  })

  verifies('RFC6750-3.1-j')('3.1: a method that is not supported', async () => {
    const { status, challenges } = await answer(resourceServer, 'Basic dXNlcjpwYXNzd29yZA==')
    expect(status).toBe(rfc6750.withoutAuthenticationInformation.status)
    expect(assertLegalChallenge(challenges)).toEqual(
      parseChallenges(rfc6750.withoutAuthenticationInformation.wwwAuthenticate),
    )
  })
  verifies(
    'RFC6750-3-a',
    'RFC6750-3-b',
    'RFC6750-3.1-g',
  )('3: every refusal has one legal challenge, with a realm configured or not', async () => {
    const verifier = verifierTrusting(keys)
    const token = await verifier.verify(accessToken('RS256', privateKey))
    for (const server of [resourceServer, createResourceServer({ verifier })]) {
      const refusals = [
        [await answer(server), 401, undefined],
        [await answer(server, 'Basic dXNlcjpwYXNzd29yZA=='), 401, undefined],
        [await answer(server, 'Bearer'), 400, 'invalid_request'],
        [await answer(server, 'Bearer not.a.jwt'), 401, 'invalid_token'],
        [refusalOf(server.authorize(token, scopes('orders:write'))), 403, 'insufficient_scope'],
      ] as const
      for (const [{ status, challenges }, expectedStatus, error] of refusals) {
        const parsed = assertLegalChallenge(challenges)
        expect(parsed.map(({ scheme, params }) => [scheme, params['error']])).toEqual([['Bearer', error]])
        expect(status).toBe(expectedStatus)
      }
    }
  })
})
