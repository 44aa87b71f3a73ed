import type { AccessToken, Issuer, TokenClaims, Verifier, VerifierOptions } from '@tokenward/core'
import { createVerifier, jwtIssuer, unsafeAnyAudience } from '@tokenward/core'
import * as v from 'valibot'
import { z } from 'zod'
import type { Equal } from './equal.ts'
import { holds } from './equal.ts'

// Compiled, never run. What must not compile is marked as such, so that compiling it would be the error.

const issuer = 'https://issuer.example'
const audience = 'https://api.example'
const bringsAudience = jwtIssuer({ issuer, audience })
const bringsNone = jwtIssuer({ issuer })

// Issuer and audience are required.
createVerifier({ issuer, audience })
createVerifier({ issuer: [issuer, bringsNone], audience: [audience] })
// @ts-expect-error no audience
createVerifier({ issuer })
// @ts-expect-error no issuer
createVerifier({ audience })
// @ts-expect-error neither
createVerifier({})
// @ts-expect-error an audience that may be missing
createVerifier({ issuer, audience: process.env['AUDIENCE'] })
// @ts-expect-error an issuer that may be missing
createVerifier({ issuer: process.env['ISSUER'], audience })
// @ts-expect-error no options
createVerifier()

// The opt-out of the audience is the symbol and nothing else.
createVerifier({ issuer, audience: unsafeAnyAudience })
// @ts-expect-error another symbol
createVerifier({ issuer, audience: Symbol('any') })
// @ts-expect-error a flag
createVerifier({ issuer, audience: false })
// @ts-expect-error a pattern
createVerifier({ issuer, audience: /.*/ })
// @ts-expect-error a list with the symbol
createVerifier({ issuer, audience: [unsafeAnyAudience] })

// An issuer with an audience of its own makes that of the verifier optional, where every issuer has one.
createVerifier({ issuer: bringsAudience })
createVerifier({ issuer: [bringsAudience, jwtIssuer({ issuer: 'https://b.example', audience: unsafeAnyAudience })] })
createVerifier({ issuer: bringsAudience, audience })
// @ts-expect-error an issuer without
createVerifier({ issuer: bringsNone })
// @ts-expect-error one of them without
createVerifier({ issuer: [bringsAudience, bringsNone] })
// @ts-expect-error one of them a string
createVerifier({ issuer: [bringsAudience, issuer] })
// @ts-expect-error no issuer at all
createVerifier({ issuer: [] })
holds<Equal<typeof bringsAudience, Issuer<true>>>()
holds<Equal<typeof bringsNone, Issuer<false>>>()

// Names and values of options.
createVerifier({ issuer, audience, algorithms: ['ES256', 'EdDSA'], clockToleranceSeconds: 5, maxTokenBytes: 4096 })
// @ts-expect-error a secret
createVerifier({ issuer, audience, algorithms: ['HS256'] })
// @ts-expect-error no signature
createVerifier({ issuer, audience, algorithms: ['none'] })
// @ts-expect-error a name that is misspelt
createVerifier({ issuer, audience, algorithm: ['ES256'] })
// @ts-expect-error a duration in words
createVerifier({ issuer, audience, clockToleranceSeconds: '30s' })
// @ts-expect-error no schema
createVerifier({ issuer, audience, claims: { tenant: 'string' } })
// @ts-expect-error a name that is misspelt
jwtIssuer({ issuer, audiance: audience })
// @ts-expect-error another profile
jwtIssuer({ issuer, profile: 'oidc' })
// @ts-expect-error no issuer
jwtIssuer({ audience })

// Claims have the type that the schema gives them, and only that.
const plain = createVerifier({ issuer, audience })
holds<Equal<typeof plain, Verifier>>()
holds<Equal<Awaited<ReturnType<typeof plain.verify>>, AccessToken>>()
holds<Equal<Awaited<ReturnType<typeof plain.verify>>['claims'], TokenClaims>>()

const withZod = createVerifier({
  issuer,
  audience,
  claims: z.object({ tenant: z.string(), roles: z.string().transform((text) => text.split(',')) }),
})
holds<Equal<Awaited<ReturnType<typeof withZod.verify>>['claims'], { tenant: string; roles: string[] }>>()

const withValibot = createVerifier({ issuer, audience, claims: v.object({ tenant: v.optional(v.string()) }) })
holds<Equal<Awaited<ReturnType<typeof withValibot.verify>>['claims'], { tenant?: string | undefined }>>()

export async function read(): Promise<string> {
  const { claims, raw, subject } = await withZod.verify('x')
  // @ts-expect-error not in the schema
  void claims.other
  // @ts-expect-error a string
  claims.tenant = 7
  holds<Equal<typeof raw, string>>()
  holds<Equal<typeof subject, string | undefined>>()
  const token = await plain.verify('x')
  // @ts-expect-error a token is read, not written
  token.subject = 'root'
  // @ts-expect-error nor are its scopes
  token.scopes.push('admin')
  // @ts-expect-error claims without a schema are unknown
  const tenant: string = token.claims['tenant']
  return tenant + claims.tenant
}

// Options can be written down before they are used.
export const options: VerifierOptions = { issuer, audience }
// @ts-expect-error no audience
export const incomplete: VerifierOptions = { issuer }
