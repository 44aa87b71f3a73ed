import type { TokenwardEvent, Verifier } from '@tokenward/core'

import { createVerifier, jwtIssuer } from '@tokenward/core'

import { AUDIENCE, ISSUER, NOW_SECONDS } from './trust.ts'

interface Remote {
  readonly verifier: Verifier
  /** The URLs asked so far, oldest first. */
  readonly requests: readonly string[]
  /** What the last key set held and could not be used, by key id, as the verifier reported it. */
  readonly skippedKids: () => readonly (string | undefined)[]
}

/** A verifier whose issuer publishes this JWK Set, over a network that is a function. */
export function verifierFetching(jwks: unknown): Remote {
  const answers = new Map<string, unknown>([
    [`${ISSUER}/.well-known/openid-configuration`, { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }],
    [`${ISSUER}/jwks`, jwks],
  ])
  return verifierWithAnswers(ISSUER, answers)
}

/** As {@link verifierFetching}, for whatever documents the test wants; the rest of the network is a 404. */
export function verifierWithAnswers(
  issuer: string,
  answers: ReadonlyMap<string, unknown>,
  contentType = 'application/json',
): Remote {
  const requests: string[] = []
  const events: TokenwardEvent[] = []
  const fetch = async (url: string): Promise<Response> => {
    requests.push(url)
    if (!answers.has(url)) return new Response('not found', { status: 404 })
    return new Response(JSON.stringify(answers.get(url)), { headers: { 'content-type': contentType } })
  }
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer }),
    audience: AUDIENCE,
    onEvent: (event) => void events.push(event),
    system: { now: () => NOW_SECONDS * 1000, fetch },
  })
  const skippedKids = (): readonly (string | undefined)[] => {
    const refreshed = events.findLast((event) => event.type === 'keys-refreshed')
    return (refreshed?.skipped ?? []).map(({ kid }) => kid)
  }
  return { verifier, requests, skippedKids }
}
