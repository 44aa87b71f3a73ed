import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ISSUERS, world } from './two-verifiers.ts'
import type { World } from './two-verifiers.ts'

/** Something that happens. Numbers choose among what is there at that time. */
type Event =
  | { readonly kind: 'mint'; readonly issuer: number; readonly as: keyof typeof KINDS }
  | { readonly kind: 'verify'; readonly token: number; readonly times: number; readonly fresh: boolean }
  | { readonly kind: 'at once'; readonly token: number; readonly times: number }
  | { readonly kind: 'pass' | 'jump'; readonly seconds: number }
  | { readonly kind: 'keys'; readonly issuer: number; readonly change: keyof typeof KEY_CHANGES }
  | { readonly kind: 'revoke'; readonly token: number; readonly by: keyof typeof REVOCATIONS }
  | { readonly kind: 'outage' | 'unavailable'; readonly is: boolean }
  | { readonly kind: 'allow'; readonly issuer: number; readonly is: boolean }

interface Play extends World {
  readonly tokens: { readonly raw: string; readonly issuer: string; readonly id: string }[]
}

const KINDS = {
  usual: () => ({}),
  lasting: ({ nowSeconds }: World) => ({ exp: nowSeconds() + 20_000 }),
  short: ({ nowSeconds }: World) => ({ exp: nowSeconds() + 1 }),
  later: ({ nowSeconds }: World) => ({ nbf: nowSeconds() + 45, exp: nowSeconds() + 20_000 }),
  bound: () => ({ cnf: { jkt: 'x' } }),
  elsewhere: () => ({ aud: 'https://other.example' }),
  refused: () => ({ role: 'none' }),
  large: () => ({ padding: 'x'.repeat(3_000) }),
}

const KEY_CHANGES = {
  rotate: async ({ issuers }: World, at: number) => void (await issuers[at]?.rotate()),
  'same kid': async ({ issuers }: World, at: number) => void (await issuers[at]?.rotate({ kid: 'key-1' })),
  'add, and withdraw the old': async ({ issuers }: World, at: number) => {
    const old = issuers[at]?.publicKey
    await issuers[at]?.rotate()
    issuers[at]?.publish(old)
  },
  'withdraw all': async ({ issuers }: World, at: number) => {
    for (const { kid } of issuers[at]?.jwks().keys ?? []) issuers[at]?.withdraw(String(kid))
  },
  'publish again': async ({ issuers }: World, at: number) => {
    const issuer = issuers[at]
    if (issuer?.jwks().keys.length === 0) issuer.publish(issuer.publicKey)
  },
}

const keepSeconds = 500
const REVOCATIONS = {
  jti: ({ issuer, id }: Play['tokens'][number]) => ({ issuer, jti: id, keepSeconds }),
  subject: ({ issuer }: Play['tokens'][number]) => ({ issuer, subject: 'user-1', keepSeconds }),
  session: ({ issuer }: Play['tokens'][number]) => ({ issuer, session: 'session-1', keepSeconds }),
  token: ({ raw }: Play['tokens'][number]) => ({ token: raw, keepSeconds }),
}

async function mint(play: Play, { issuer: at, as }: Event & { kind: 'mint' }): Promise<void> {
  const issuer = play.issuers[at % ISSUERS.length]
  if (issuer === undefined) return
  const id = `token-${play.tokens.length}`
  // every third names no key, and every second belongs to a session
  const header = play.tokens.length % 3 === 2 ? { kid: undefined } : {}
  const session = play.tokens.length % 2 === 1 ? { sid: 'session-1' } : {}
  const raw = await issuer.mint({ jti: id, ...session, ...KINDS[as](play) }, { header })
  play.tokens.push({ raw, issuer: issuer.issuer, id })
}

/** Has both verify the tokens, so many times, one by one or at once; fails where they differ in anything. */
async function verify(play: Play, tokens: readonly string[], fresh: boolean): Promise<readonly unknown[]> {
  const { remembering, forgetting } = play
  const answers = await Promise.all(tokens.map((token) => remembering.verify(token, fresh)))
  await remembering.settled()
  const expected = await Promise.all(tokens.map((token) => forgetting.verify(token, fresh)))
  await forgetting.settled()
  expect(answers).toEqual(expected)
  return answers
}

async function happen(play: Play, event: Event): Promise<void> {
  const chosen = (at: number): Play['tokens'][number] | undefined => play.tokens[at % play.tokens.length]
  switch (event.kind) {
    case 'mint':
      return mint(play, event)
    case 'verify': {
      const token = chosen(event.token)
      if (token === undefined) return
      for (let time = 0; time < event.times; time += 1) await verify(play, [token.raw], event.fresh)
      return
    }
    case 'at once': {
      // of one issuer, since tenants that come at once make room for each other in no certain order
      const siblings = play.tokens.filter((other) => other.issuer === chosen(event.token)?.issuer)
      await verify(
        play,
        siblings.flatMap(({ raw }) => Array.from({ length: event.times }, () => raw)),
        false,
      )
      return
    }
    case 'pass':
      return play.pass(event.seconds)
    case 'jump':
      return play.jump(event.seconds)
    case 'keys':
      return KEY_CHANGES[event.change](play, event.issuer)
    case 'revoke': {
      const token = chosen(event.token)
      return token && play.revocations.revoke(REVOCATIONS[event.by](token))
    }
    case 'outage':
      return play.setDown(event.is)
    case 'unavailable':
      return play.setUnavailable(event.is)
    case 'allow':
      if (event.is) play.allowed.add(ISSUERS[event.issuer] ?? '')
      else play.allowed.delete(ISSUERS[event.issuer] ?? '')
  }
}

/** Requests that come at once are answered in no certain order. */
const sorted = (list: readonly object[]): readonly string[] => list.map((one) => JSON.stringify(one)).toSorted()

const verifying = (at: number, times: number): Event => ({ kind: 'verify', token: at, times, fresh: false })

const issuer = fc.nat({ max: ISSUERS.length - 1 })
const token = fc.nat({ max: 7 })
const seldom = fc.constantFrom(true, false, false)
const one = <Kind extends string>(kind: Kind) => fc.constant(kind)
const nameOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): fc.Arbitrary<Name> =>
  fc.constantFrom(...(Object.keys(table) as Name[])) // the keys of a table are its names
const as = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('usual', 'lasting') }, nameOf(KINDS))
const mints = fc.record({ kind: one('mint'), issuer, as })
const SECONDS = [-4_000, -200, -31, -30, -1, 1, 29, 30, 31, 200, 300, 480, 540, 660, 3_600, 4_200]
const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: mints },
  { weight: 4, arbitrary: fc.record({ kind: one('verify'), token, times: fc.constantFrom(1, 3), fresh: seldom }) },
  { weight: 2, arbitrary: fc.record({ kind: one('at once'), token, times: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: one('pass'), seconds: fc.constantFrom(1, 30, 200, 500, 700) }) },
  { weight: 3, arbitrary: fc.record({ kind: one('jump'), seconds: fc.constantFrom(...SECONDS) }) },
  { weight: 2, arbitrary: fc.record({ kind: one('keys'), issuer, change: nameOf(KEY_CHANGES) }) },
  { weight: 1, arbitrary: fc.record({ kind: one('revoke'), token, by: nameOf(REVOCATIONS) }) },
  { weight: 2, arbitrary: fc.record({ kind: one('outage'), is: seldom }) },
  { weight: 1, arbitrary: fc.record({ kind: one('unavailable'), is: seldom }) },
  { weight: 2, arbitrary: fc.record({ kind: one('allow'), issuer, is: seldom.map((isSo) => !isSo) }) },
)

const stories = fc.record({
  maxTokens: fc.constantFrom(1, 2, 4, 100),
  isShareable: fc.boolean(),
  first: fc.array(mints, { minLength: 2, maxLength: 5 }),
  after: fc.array(fc.tuple(events, token), { minLength: 10, maxLength: 40 }),
})

describe('a verifier that remembers tokens', () => {
  it('answers, reports and fetches as one that remembers none, whatever happens', async () => {
    let spared = 0
    await fc.assert(
      fc.asyncProperty(stories, async ({ maxTokens, isShareable, first, after }) => {
        const play: Play = { ...(await world(maxTokens, isShareable)), tokens: [] }
        const { remembering, forgetting } = play
        const known = first.map((_, at) => verifying(at, 3))
        const story = [...first, ...known, ...after.flatMap(([event, asked]) => [event, verifying(asked, 1)])]
        for (const event of story) {
          await happen(play, event)
          await Promise.all([remembering.settled(), forgetting.settled()])
          expect(sorted(remembering.events)).toEqual(sorted(forgetting.events))
          expect(remembering.asked).toEqual(forgetting.asked)
          expect(remembering.verifier.status()).toEqual(forgetting.verifier.status())
        }
        spared += forgetting.whole() - remembering.whole()
        await Promise.all([remembering.verifier.close(), forgetting.verifier.close()])
      }),
      { numRuns: 60, includeErrorInReport: true },
    )
    expect(spared).toBeGreaterThan(100) // or the stories say nothing
  }, 120_000)
})
