import type { TestIssuer } from '@tokenward/testing'

import type { ContractRequest } from './contract-request.ts'

import { algorithmRequests } from './algorithms.ts'
import { claimRequests } from './claims.ts'
import { elsewhereRequests } from './elsewhere.ts'
import { faultRequests } from './faults.ts'
import { fieldSyntaxRequests } from './field-syntax.ts'
import { headerParameterRequests } from './header-parameters.ts'
import { signatureRequests } from './signatures.ts'
import { tokenKindRequests } from './token-kinds.ts'
import { tokenSyntaxRequests } from './token-syntax.ts'
import { contractWorld } from './world.ts'

/**
 * Requests, friendly and hostile, with the answer that every adapter gives to them. The API under test is described
 * by `contractApi`; its clock has to stand where the issuer's stands.
 *
 * @param issuer Signs with RS256. Its JWK Set is filled here, so call this before the API asks for it.
 * @param trap A URL that tokens point at and that nobody may ever ask.
 */
export async function contractRequests(
  issuer: TestIssuer,
  trap = 'https://trap.example',
): Promise<readonly ContractRequest[]> {
  const world = await contractWorld(issuer, trap)
  const groups = await Promise.all([
    fieldSyntaxRequests(world),
    elsewhereRequests(world),
    tokenSyntaxRequests(world),
    algorithmRequests(world),
    headerParameterRequests(world),
    signatureRequests(world),
    tokenKindRequests(world),
    claimRequests(world),
    faultRequests(world),
  ])
  return groups.flat()
}
