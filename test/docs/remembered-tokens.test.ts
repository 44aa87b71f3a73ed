import type { AccessToken, Verifier } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { audience, issuerName, withIssuers } from './outputs/host.ts'
import { page, root } from './pages.ts'
import { askedEachTime, sized } from './snippets/remembered-tokens.ts'

const { text } = page('docs/guides/remembered-tokens.md')

/** What the verifier of a page says to a token, so many times in a row. */
async function repeated<Claims>(verifier: Verifier<Claims>, times: number): Promise<readonly AccessToken<Claims>[]> {
  const issuer = await testIssuer({ issuer: issuerName })
  const token = await issuer.mint({ aud: audience, tenant: 'acme', auth_time: 0 })
  const { result } = await withIssuers([issuer], async () => {
    const tokens: AccessToken<Claims>[] = []
    for (let time = 0; time < times; time += 1) tokens.push(await verifier.verify(token))
    return tokens
  })
  return result
}

describe('the guide to remembered tokens', () => {
  it('quotes the limits of the code', () => {
    const source = readFileSync(join(root, 'packages/core/src/issuers/verified-tokens.ts'), 'utf8')
    for (const name of ['USUAL_MAX_TOKENS', 'USUAL_CHARACTERS']) {
      const value = new RegExp(`\\b${name} = ([\\d_]+)`, 'u').exec(source)?.[1]
      expect(text).toContain(Number(value?.replaceAll('_', '')).toLocaleString('en'))
    }
  })

  it('sets a size that is one', async () => {
    expect(await repeated(sized().resourceServer.verifier, 4)).toHaveLength(4)
  })

  it('shows a schema whose result is made for each request', async () => {
    const tokens = await repeated(askedEachTime().resourceServer.verifier, 5)
    const dates = tokens.map(({ claims }) => claims.auth_time)

    expect(dates).toEqual(Array.from({ length: 5 }, () => new Date(0)))
    expect(new Set(dates).size).toBe(5)
  })
})
