import { createVerifier, jwtIssuer } from '@tokenward/core'
import type { AuthError, JwtIssuerOptions, TokenwardEvent, Verifier } from '@tokenward/core'
import { manualClock, testIssuer } from '@tokenward/testing'
import type { TestIssuer } from '@tokenward/testing'
import { AUDIENCE, refusalOf } from '../scene.ts'

export interface Setting {
  readonly verifier: Verifier
  readonly issuer: TestIssuer
  readonly events: TokenwardEvent[]
  readonly clock: ReturnType<typeof manualClock>
}

export type Answers = (url: string) => Response | Promise<Response> | undefined

/** A verifier of one issuer, and what that issuer answers before it would answer of itself. */
export async function asking(
  name: string,
  respond?: Answers,
  options: Partial<JwtIssuerOptions<undefined>> = {},
): Promise<Setting> {
  const clock = manualClock()
  const issuer = await testIssuer({ issuer: name, algorithm: 'ES256', clock, ...(respond && { respond }) })
  const events: TokenwardEvent[] = []
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer: name, ...options }),
    audience: AUDIENCE,
    system: { ...clock, fetch: issuer.fetch },
    onEvent: (event) => void events.push(event),
  })
  return { verifier, issuer, events, clock }
}

/** The refusal of a good token, where the metadata is answered so. */
export async function refusalWith(
  name: string,
  respond: Answers,
): Promise<AuthError & { readonly asked: readonly string[] }> {
  const { verifier, issuer } = await asking(name, respond)
  const refusal = await refusalOf(verifier.verify(await issuer.mint()))
  return Object.assign(refusal, { asked: issuer.requests })
}

export const OPENID = '/.well-known/openid-configuration'
export const OAUTH = '/.well-known/oauth-authorization-server'
export const absent = (...parts: readonly string[]): Answers => {
  return (url) => (parts.some((part) => url.includes(part)) ? new Response(null, { status: 404 }) : undefined)
}
export const answering = (changes: Readonly<Record<string, unknown>>, name = 'https://issuer.example'): Answers => {
  return (url) => {
    if (!url.includes('/.well-known/')) return undefined
    return Response.json({ issuer: name, jwks_uri: `${name}/jwks`, ...changes })
  }
}
