import type { TestIssuer } from '../../test-issuer.ts'
import type { ContractRequest } from './contract-request.ts'

import { algorithmRequests } from './algorithms.ts'
import { base64urlRequests } from './base64url.ts'
import { claimRequests } from './claims.ts'
import { corsRequests } from './cors.ts'
import { elsewhereRequests } from './elsewhere.ts'
import { faultRequests } from './faults.ts'
import { fieldSyntaxRequests } from './field-syntax.ts'
import { headerParameterRequests } from './header-parameters.ts'
import { routeRequests } from './routes.ts'
import { jsonRequests } from './json.ts'
import { keyIdRequests } from './key-ids.ts'
import { signatureRequests } from './signatures.ts'
import { tokenKindRequests } from './token-kinds.ts'
import { tokenSyntaxRequests } from './token-syntax.ts'
import { contractWorld } from './world.ts'

/**
 * Requests, friendly and hostile, with the answer that every adapter gives to them.
 *
 * @param issuer Signs with RS256. Its JWK Set is filled here, so call this before an API asks for it.
 * @param trap A URL that tokens point at and that nobody may ever ask.
 */
export async function contractRequests(issuer: TestIssuer, trap: string): Promise<readonly ContractRequest[]> {
  const world = await contractWorld(issuer, trap)
  const groups = await Promise.all([
    fieldSyntaxRequests(world),
    elsewhereRequests(world),
    routeRequests(world),
    corsRequests(world),
    tokenSyntaxRequests(world),
    base64urlRequests(world),
    jsonRequests(world),
    algorithmRequests(world),
    keyIdRequests(world),
    headerParameterRequests(world),
    signatureRequests(world),
    tokenKindRequests(world),
    claimRequests(world),
    faultRequests(world),
  ])
  return groups.flat()
}
