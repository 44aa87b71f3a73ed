import { allOf, scopes } from '@tokenward/core'
import type { MintOptions, TestMembers } from '@tokenward/testing'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { outcome, requestWith, scene } from '../scene.ts'

interface Flaw {
  readonly code: string
  readonly claims?: TestMembers
  readonly header?: TestMembers
  readonly omit?: string
  readonly isForged?: true
}

const { issuer, clock, trusting, serving } = await scene()
const stranger = await testIssuer({ algorithm: 'ES256', keySeries: 'stranger' })
const schema = z.object({ tenant: z.string() })
const strict = { algorithms: ['ES256'], claims: schema } as const

/** One way to fail each check, in the order in which the checks are promised. */
const FLAWS: readonly Flaw[] = [
  { code: 'TOKEN_MALFORMED', header: { crit: ['exp'] } },
  { code: 'ISSUER_UNTRUSTED', claims: { iss: 'https://other.example' } },
  { code: 'ALGORITHM_REJECTED', header: { alg: 'PS512' } },
  { code: 'KEY_UNKNOWN', header: { kid: 'nobody' } },
  { code: 'SIGNATURE_INVALID', isForged: true },
  { code: 'TOKEN_TYPE_REJECTED', header: { typ: 'JWT' } },
  { code: 'AUDIENCE_MISMATCH', claims: { aud: 'https://other.example' } },
  { code: 'TOKEN_EXPIRED', claims: { exp: clock.nowSeconds() - 1000 } },
  { code: 'TOKEN_NOT_YET_VALID', claims: { nbf: clock.nowSeconds() + 1000 } },
  { code: 'CLAIM_MISSING', omit: 'jti' },
  { code: 'CLAIM_INVALID', claims: { tenant: 7 } },
  { code: 'CONFIRMATION_UNSUPPORTED', claims: { cnf: { jkt: 'x' } } },
]
const pairs = FLAWS.flatMap((first, index) => FLAWS.slice(index + 1).map((second) => [first, second] as const))

async function tokenWith(flaws: readonly Flaw[]): Promise<string> {
  const claims = Object.assign({ tenant: 'acme' }, ...flaws.map((flaw) => flaw.claims ?? {}))
  const header = Object.assign({}, ...flaws.map((flaw) => flaw.header ?? {}))
  const options: MintOptions = {
    header,
    omit: flaws.flatMap(({ omit }) => omit ?? []),
    key: flaws.some(({ isForged }) => isForged) ? stranger.key : issuer.key,
  }
  return issuer.mint(claims, options)
}

describe('the order of the checks', () => {
  it('begins with a token that passes them all', async () => {
    expect(await outcome(trusting(strict).verify(await tokenWith([])))).toBe('accepted')
  })

  it.each(FLAWS)('$code is found where nothing else is wrong', async (flaw) => {
    expect(await outcome(trusting(strict).verify(await tokenWith([flaw])))).toBe(flaw.code)
  })

  it.each(pairs.map(([first, second]) => [first.code, second.code, first, second] as const))(
    '%s comes before %s',
    async (code, _later, first, second) => {
      expect(await outcome(trusting(strict).verify(await tokenWith([first, second])))).toBe(code)
    },
  )

  it('names the first of all flaws at once', async () => {
    for (const [index, { code }] of FLAWS.entries()) {
      expect(await outcome(trusting(strict).verify(await tokenWith(FLAWS.slice(index))))).toBe(code)
    }
  })

  it('judges what a token may do only once it is good', async () => {
    const server = serving(strict)
    const policy = allOf(scopes('orders:write'))
    const bound = await server.authenticate(requestWith(`Bearer ${await tokenWith(FLAWS.slice(-1))}`))
    const good = await server.authenticate(requestWith(`Bearer ${await tokenWith([])}`))

    expect(bound).toMatchObject({ granted: false, error: { code: 'CONFIRMATION_UNSUPPORTED' } })
    expect(good.granted && server.authorize(good.token, policy)).toMatchObject({
      error: { code: 'SCOPE_INSUFFICIENT' },
    })
  })
})

describe('what comes before the signature', () => {
  it('looks the same from outside', async () => {
    const server = serving(strict)
    const answers = await Promise.all(
      FLAWS.slice(0, 5).map(async (flaw) => {
        const decision = await server.authenticate(requestWith(`Bearer ${await tokenWith([flaw])}`))
        if (decision.granted) throw new Error('accepted')
        return { status: decision.status, headers: decision.headers, body: decision.body }
      }),
    )

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  })
})
