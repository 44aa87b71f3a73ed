import type { AccessToken, AuthError, Decision, Granted, Policy, ResourceServer, TokenRequest } from '@tokenward/core'
import {
  allOf,
  anyOf,
  claim,
  createRequestGate,
  createResourceServer,
  createVerifier,
  ERRORS,
  granted,
  isAuthError,
  protect,
  refuse,
  scopes,
} from '@tokenward/core'
import { z } from 'zod'
import type { Equal } from './equal.ts'
import { holds } from './equal.ts'

// Compiled, never run, like verifier.ts.

const issuer = 'https://issuer.example'
const audience = 'https://api.example'
const claims = z.object({ tenant: z.string() })
interface Claims {
  tenant: string
}
declare const request: TokenRequest

// The options are those of a verifier, or a verifier.
const server = createResourceServer({ issuer, audience })
createResourceServer({ verifier: createVerifier({ issuer, audience }) })
// @ts-expect-error no audience
createResourceServer({ issuer })
// @ts-expect-error nothing at all
createResourceServer({})
// @ts-expect-error another mode
createResourceServer({ issuer, audience, anonymous: 'allow' })
holds<Equal<typeof server, ResourceServer>>()

// Claims are typed through a schema, wherever it was given.
const typed = createResourceServer({ issuer, audience, claims })
const typedByVerifier = createResourceServer({ verifier: createVerifier({ issuer, audience, claims }) })
holds<Equal<typeof typed, ResourceServer<Claims>>>()
holds<Equal<typeof typedByVerifier, ResourceServer<Claims>>>()

// Only a server that lets anonymous requests pass has a token that may be missing.
const open = createResourceServer({ issuer, audience, anonymous: 'pass' })
holds<Equal<typeof open, ResourceServer<Readonly<Record<string, unknown>>, undefined>>>()

export async function decisions(): Promise<string | undefined> {
  const decision = await server.authenticate(request)
  // @ts-expect-error there is no token before it is known to be granted
  void decision.token
  // @ts-expect-error and no error either
  void decision.error
  if (!decision.granted) {
    holds<Equal<typeof decision.status, 400 | 401 | 403 | 500 | 503>>()
    holds<Equal<typeof decision.error, AuthError>>()
    return decision.body?.error_description
  }
  holds<Equal<typeof decision.token, AccessToken>>()
  const maybe = await open.authenticate(request)
  // @ts-expect-error the token may be missing
  if (maybe.granted) return maybe.token.subject
  return undefined
}

// Policies answer granted or a refusal, at once.
const tenantPolicy: Policy<Claims> = (token, nowSeconds) =>
  token.claims.tenant === 'acme' && (token.expiresAt ?? 0) - nowSeconds > 60 ? granted : refuse('another tenant')
typed.authorize(undefined, tenantPolicy)
typed.authorize(undefined, allOf(scopes('a'), claim('tenant', 'acme'), tenantPolicy))
typed.authorize(undefined, anyOf<Claims>(scopes('a'), tenantPolicy))
server.authorize(undefined, scopes('a', 'b'))
// @ts-expect-error a policy for other claims
server.authorize(undefined, tenantPolicy)
// @ts-expect-error a boolean
server.authorize(undefined, () => true)
// @ts-expect-error a promise
server.authorize(undefined, async () => granted)
// @ts-expect-error nothing
server.authorize(undefined, () => {})
// @ts-expect-error no scope
scopes()
// @ts-expect-error a list
scopes(['a', 'b'])
// @ts-expect-error a test that does not answer at once
claim('tenant', async () => true)
// @ts-expect-error a pattern
claim('tenant', /acme/)
// @ts-expect-error granted cannot be made by hand
export const forged: Granted = { granted: true }
holds<Equal<ReturnType<Policy>, Granted | AuthError>>()

// A fetch handler gets the token, and what the host passes beside the request.
protect(typed, (_request, token) => new Response(token.claims.tenant))
protect(server, (_request, _token, env: { name: string }) => new Response(env.name), { policy: scopes('a') })
// @ts-expect-error the token may be missing
protect(open, (_request, token) => new Response(token.subject))
// @ts-expect-error a policy for other claims
protect(server, () => new Response(), { policy: tenantPolicy })

// What adapters are made of keeps the types.
const gate = createRequestGate(typed)
holds<Equal<ReturnType<typeof gate.accessToken>, AccessToken<Claims>>>()
holds<Equal<ReturnType<typeof gate.authorize>, Decision<AccessToken<Claims>>>>()

// Codes are a closed list.
export function statusOf(error: unknown): number {
  if (!isAuthError(error)) return 500
  // @ts-expect-error no such code
  if (error.code === 'TOKEN_STALE') return 0
  return ERRORS[error.code].status
}
