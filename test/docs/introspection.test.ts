import { clientSecretBasic, createVerifier, introspectedIssuer, isAuthError } from '@tokenward/core'
import { manualClock } from '@tokenward/testing'
import type { RequestListener } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { listen } from '../support/listen.ts'
import { introspectionCache, introspectionLimits } from './introspection-tables.ts'
import { audience, issuerName } from './outputs/host.ts'
import { page } from './pages.ts'
import { both, demanding, setUp, signed, toldApart, trusting } from './snippets/opaque-tokens.ts'
import { blockOf } from './update.ts'

const { text } = page('docs/guides/opaque-tokens.md')
const active = { active: true, sub: 'user-1', aud: audience, token_type: 'Bearer', scope: 'orders:read refunds:write' }

/** Answers for every issuer of the page; `questions` are the tokens that each was asked about. */
function authorizationServers(answer: (token: string) => unknown) {
  const questions: { readonly host: string; readonly token: string }[] = []
  const realFetch = globalThis.fetch
  const fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { origin, host, pathname } = new URL(url)
    if (host.startsWith('127.0.0.1')) return realFetch(url, init)
    if (pathname.includes('.well-known'))
      return Response.json({ issuer: origin, introspection_endpoint: `${origin}/introspect` })
    const form = init.body instanceof URLSearchParams ? init.body : new URLSearchParams()
    const token = String(form.get('token'))
    questions.push({ host, token })
    return Response.json(answer(token))
  }
  const spy = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation((input, init) => fetch(input instanceof Request ? input.url : String(input), init))
  onTestFinished(() => spy.mockRestore())
  return questions
}

async function send(app: RequestListener, token: string, path = '/orders', method = 'GET'): Promise<number> {
  await using server = await listen(app)
  const { status } = await fetch(`${server.origin}${path}`, { method, headers: { authorization: `Bearer ${token}` } })
  return status
}

describe('the guide to opaque tokens', () => {
  it('quotes the limits and times of the code', () => {
    expect(blockOf(text, 'introspection-limits')).toBe(introspectionLimits())
    expect(blockOf(text, 'introspection-cache')).toBe(introspectionCache())
  })

  it('sets up an API that asks once, and afresh where it says so', async () => {
    const questions = authorizationServers(() => active)
    const app = setUp('a-secret')
    expect(await send(app, 'good')).toBe(200)
    expect(await send(app, 'good')).toBe(200)
    expect(questions).toHaveLength(1)
    expect(await send(app, 'good', '/refunds', 'POST')).toBe(201)
    expect(questions).toHaveLength(2)
  })

  it('tells the tokens of several issuers apart by prefix', async () => {
    const questions = authorizationServers(() => active)
    const { resourceServer } = toldApart('a-secret', 'another')
    expect((await resourceServer.verifier.verify('partner_1')).issuer).toBe('https://partners.example.net')
    expect((await resourceServer.verifier.verify('1')).issuer).toBe(issuerName)
    expect(questions).toEqual([
      { host: 'partners.example.net', token: 'partner_1' },
      { host: 'login.example.com', token: '1' },
    ])
  })

  it.each([
    ['both', both, active, 'accepted'],
    ['requires', demanding, active, 'accepted'],
    ['requires', demanding, { ...active, token_type: undefined }, 'CLAIM_MISSING'],
    ['both, which requires nothing', both, { ...active, token_type: undefined }, 'accepted'],
    ['both, which needs an audience', both, { ...active, aud: undefined }, 'CLAIM_MISSING'],
    ['audienceFrom', trusting, { ...active, aud: undefined }, 'accepted'],
    ['audienceFrom', trusting, { ...active, aud: 'https://billing.example.com' }, 'AUDIENCE_MISMATCH'],
    ['audienceFrom', trusting, { ...active, aud: undefined, token_type: undefined }, 'CLAIM_MISSING'],
    ['signedAnswers', signed, active, 'INTROSPECTION_UNAVAILABLE'],
  ])('says what its settings do: %s', async (_, make, answer, code) => {
    authorizationServers(() => answer)
    const { resourceServer } = make('a-secret')
    expect(await codeOf(resourceServer.verifier.verify('opaque'))).toBe(code)
  })

  it('lists members and values that tell other kinds of tokens', async () => {
    const rows = [...(blockOf(text, 'other-kinds') ?? '').matchAll(/^\| `(\w+)` \| (.*?) ?\| `(.*)` \|$/gmu)]
    expect(rows).toHaveLength(8)
    for (const [, name = '', accepted = '', refused = ''] of rows) {
      const good = [...accepted.matchAll(/`(.*?)`/gu)].map(([, value]) => value)
      for (const value of good) expect([name, value, await judge({ [name]: value })]).toEqual([name, value, 'accepted'])
      expect([name, await judge({ [name]: refused })]).toEqual([name, 'TOKEN_TYPE_REJECTED'])
    }
  })
})

async function judge(members: Readonly<Record<string, unknown>>): Promise<string> {
  const verifier = createVerifier({
    issuer: introspectedIssuer({
      issuer: issuerName,
      endpoint: `${issuerName}/introspect`,
      clientAuthentication: clientSecretBasic('orders-api', 'a-secret'),
    }),
    audience,
    system: { ...manualClock(), fetch: async () => Response.json({ ...active, ...members }) },
  })
  return codeOf(verifier.verify('opaque'))
}

async function codeOf(verified: Promise<unknown>): Promise<string> {
  return verified.then(
    () => 'accepted',
    (error: unknown) => (isAuthError(error) ? error.code : String(error)),
  )
}
