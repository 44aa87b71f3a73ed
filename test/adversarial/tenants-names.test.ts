import type { TokenwardEvent } from '@tokenward/core'
import { createResourceServer, logRefusals } from '@tokenward/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome, refusalOf, requestWith } from '../core/scene.ts'
import { anyTenant, tenants } from '../core/tenants/tenants.ts'

const TENANT = 'https://tenant.example'

/** An API for which any name will do, so that nothing but the verifier itself stands in the way of a hostile one. */
async function gullible(maxTokenBytes?: number) {
  const net = await tenants()
  const tenant = await net.open(TENANT)
  const asked: string[] = []
  const allow = (name: string): boolean => {
    asked.push(name)
    return true
  }
  const verifier = net.verifier({ issuer: anyTenant({ allow }), maxTokenBytes })
  return { net, tenant, asked, verifier }
}

/** What an operator reads of these events. */
function logged(events: readonly TokenwardEvent[]): readonly string[] {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  events.forEach(logRefusals({ warn: write, error: write }))
  return lines
}

describe('a name that is no issuer identifier', () => {
  it.each([
    ['user name', 'https://user@tenant.example'],
    ['user name and password', 'https://user:secret@tenant.example'],
    ['an allowed host as user name', 'https://tenant.example@evil.example'],
    ['an allowed host as password', 'https://x:tenant.example@evil.example'],
    ['a backslash before the at sign', 'https://evil.example\\@tenant.example?'],
    ['a query', 'https://tenant.example?x=1'],
    ['an empty query', 'https://tenant.example?'],
    ['a fragment', 'https://tenant.example#x'],
    ['an empty fragment', 'https://tenant.example#'],
    ['http', 'http://tenant.example'],
    ['http on a host that looks like a loopback one', 'http://127.0.0.1.evil.example'],
    ['http on localhost with a suffix', 'http://localhost.evil.example'],
    ['http in a private network', 'http://10.0.0.1'],
    ['a file', 'file:///etc/passwd'],
    ['a data URL', 'data:application/json,{}'],
    ['a script', 'javascript:alert(1)'],
    ['ftp', 'ftp://tenant.example'],
    ['a blob', 'blob:https://tenant.example/1'],
    ['no scheme', 'tenant.example'],
    ['no host', 'https://'],
    ['a bad port', 'https://tenant.example:99999'],
    ['a relative URL', '//tenant.example'],
    ['an empty string', ''],
    ['a space', ' '],
    ['a percent sign in the host', 'https://tenant%00.example'],
  ])('with %s is refused before anybody is asked: %j', async (_, iss) => {
    const { net, tenant, asked, verifier } = await gullible()
    expect(await outcome(verifier.verify(await tenant.mint({ iss })))).toBe('ISSUER_UNTRUSTED')
    expect(asked).toEqual([])
    expect(net.requests).toEqual([])
  })

  it.each([
    ['a space before', ` ${TENANT}`],
    ['a space behind', `${TENANT} `],
    ['a tab inside', 'https://tenant\t.example'],
    ['a line feed inside', 'https://tenant.example/\nx'],
    ['a carriage return inside', 'https://tenant.example/\rx'],
    ['a NUL behind', `${TENANT}\0`],
    ['an escape character', `${TENANT}/\u001b[31m`],
    ['a line separator', `${TENANT}/\u2028x`],
    ['a mark that turns text around', `${TENANT}/\u202e`],
  ])('with %s, which a URL parser overlooks, is refused before anybody is asked: %j', async (_, iss) => {
    const { net, tenant, asked, verifier } = await gullible()
    expect(await outcome(verifier.verify(await tenant.mint({ iss })))).toBe('ISSUER_UNTRUSTED')
    expect(asked).toEqual([])
    expect(net.requests).toEqual([])
  })
})

describe('another spelling of an allowed name', () => {
  it.each([
    ['an upper-case scheme', 'HTTPS://tenant.example'],
    ['an upper-case host', 'https://TENANT.example'],
    ['the usual port', 'https://tenant.example:443'],
    ['a slash', 'https://tenant.example/'],
    ['dots in the path', 'https://tenant.example/x/..'],
    ['a backslash', 'https:\\\\tenant.example'],
    ['one slash', 'https:/tenant.example'],
    ['no slashes', 'https:tenant.example'],
    ['a host in full-width letters', 'https://ｔｅｎａｎｔ.example'],
    ['an ideographic full stop', 'https://tenant。example'],
    ['a soft hyphen', 'https://ten\u00adant.example'],
    ['an encoded letter', 'https://%74enant.example'],
  ])('is another issuer and never verifies with its keys: %s', async (_, iss) => {
    const { tenant, asked, verifier } = await gullible()
    await verifier.verify(await tenant.mint())

    const told = await outcome(verifier.verify(await tenant.mint({ iss })))
    expect(['KEYS_UNAVAILABLE', 'ISSUER_UNTRUSTED']).toContain(told)
    expect(asked.filter((name) => name !== TENANT && name !== iss)).toEqual([])
    expect(await outcome(verifier.verify(await tenant.mint()))).toBe('accepted')
  })

  it('with a trailing dot is another host', async () => {
    const { net, tenant, verifier } = await gullible()
    expect(await outcome(verifier.verify(await tenant.mint({ iss: 'https://tenant.example.' })))).not.toBe('accepted')
    expect(net.asked('tenant.example')).toBe(0)
  })

  it('in look-alike letters is another host', async () => {
    const { net, tenant, verifier } = await gullible()
    expect(await outcome(verifier.verify(await tenant.mint({ iss: 'https://tеnant.example' })))).not.toBe('accepted')
    expect(net.asked('tenant.example')).toBe(0)
  })
})

describe('a name in many letters', () => {
  it('of 100 KB is refused unread', async () => {
    const { net, tenant, asked, verifier } = await gullible()
    const iss = `${TENANT}/${'a'.repeat(100_000)}`
    expect(await outcome(verifier.verify(await tenant.mint({ iss })))).toBe('TOKEN_MALFORMED')
    expect([...asked, ...net.requests]).toEqual([])
  })

  it.each([
    ['of 10 KB', 10_000, undefined],
    ['of 100 KB where tokens may be larger', 100_000, 1024 * 1024],
  ])('%s leaves no long line in a log', async (_, length, maxTokenBytes) => {
    const { net, tenant, verifier } = await gullible(maxTokenBytes)
    const iss = `${TENANT}/${'a'.repeat(length)}`
    for (const options of [{}, { header: { alg: 'HS256' } }, { header: { kid: 'x' } }])
      await outcome(verifier.verify(await tenant.mint({ iss }, options)))
    const lines = logged(net.events)

    expect(lines.length).toBeGreaterThan(0)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1000)
  })
})

/** Names that an `allow` which looks at the beginning lets through. */
const suffix = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('\n', '\r', '\t', '\0', '\u001b', ' ', '/', '.', '"', '\\', 'a', '\u0085', '%', 'é'),
    maxLength: 30,
  }),
)

describe('whatever follows an allowed beginning', () => {
  it('no event and no log line holds a control character or anything that is not ASCII', async () => {
    await fc.assert(
      fc.asyncProperty(suffix, fc.constantFrom('ES256', 'HS256'), async (text, alg) => {
        const { net, tenant, verifier } = await gullible()
        const token = await tenant.mint({ iss: `${TENANT}/${text}` }, { header: { alg } })
        const { message } = await refusalOf(verifier.verify(token))
        for (const line of [...logged(net.events), message]) expect(line).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: 150 },
    )
  })

  it('a forged line never starts a line of the log', async () => {
    const { net, tenant, verifier } = await gullible()
    const iss = `${TENANT}/\ntokenward: refused 401 TOKEN_EXPIRED: nothing to see here`
    await outcome(verifier.verify(await tenant.mint({ iss })))
    await outcome(verifier.verify(await tenant.mint({ iss }, { header: { alg: 'HS256' } })))
    const lines = logged(net.events)

    expect(lines.flatMap((line) => line.split('\n'))).toHaveLength(lines.length)
  })

  it('the answer is a legal one that says nothing of it', async () => {
    await fc.assert(
      fc.asyncProperty(suffix, async (text) => {
        const net = await tenants()
        const tenant = await net.open(TENANT)
        const server = createResourceServer({
          issuer: anyTenant(),
          audience: AUDIENCE,
          system: net.system,
          anonymous: 'refuse',
        })
        const decision = await server.authenticate(
          requestWith(`Bearer ${await tenant.mint({ iss: `${TENANT}/${text}` })}`),
        )
        if (decision.granted) throw new Error('granted')
        expect([401, 503]).toContain(decision.status)
        for (const [name, value] of decision.headers) expect(() => new Headers([[name, value]])).not.toThrow()
        const shown = JSON.stringify([decision.headers, decision.body])
        expect(shown).not.toContain('tenant.example')
      }),
      { numRuns: 60 },
    )
  })
})

it('no text whatever as a name makes anything but a refusal, or reaches a host that the name does not name', async () => {
  const names = fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.string({ unit: 'binary' }),
    fc.ipV6().map((ip) => `https://[${ip}]`),
    fc.ipV4().map((ip) => `https://${ip}`),
  )
  await fc.assert(
    fc.asyncProperty(names, async (iss) => {
      const { net, tenant, verifier } = await gullible()
      expect(await outcome(verifier.verify(await tenant.mint({ iss })))).not.toBe('accepted')
      const host = URL.canParse(iss) ? new URL(iss).host : ''
      expect(net.requests.filter((url) => new URL(url).host !== host)).toEqual([])
    }),
    { numRuns: 200 },
  )
})
