import { format, inspect } from 'node:util'
import { isAuthError, logRefusals } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { requestWith, scene } from '../scene.ts'

describe('everything that is reported', () => {
  verifies(
    'RFC6749-10.3-a',
    'RFC9700-4.9.3-a',
    'RFC6750-5.3-b',
  )('holds no token and no part of one', async () => {
    const { issuer, clock, events, serving } = await scene()
    const other = await testIssuer({ algorithm: 'ES256', keySeries: 'stranger', clock })
    const server = serving({ claims: undefined })
    const good = await issuer.mint()
    const lines: string[] = []
    const log = logRefusals({ warn: (line) => void lines.push(line), error: (line) => void lines.push(line) })
    const tokens = [
      good,
      `${good.slice(0, -8)}AAAAAAAA`,
      `${good}=`,
      `${good}.x`,
      good.slice(0, -30),
      `${good}.${good}`,
      await other.mint(),
      await issuer.mint({ iss: 'https://other.example' }),
      await issuer.mint({ aud: 'https://other.example' }),
      await issuer.mint({ exp: 1 }),
      await issuer.mint({ nbf: clock.nowSeconds() + 999 }),
      await issuer.mint({ cnf: { jkt: 'x' } }),
      await issuer.mint({}, { omit: ['sub'] }),
      await issuer.mint({}, { header: { typ: 'JWT' } }),
      await issuer.mint({}, { header: { alg: 'none' } }),
      await issuer.mint({}, { header: { kid: 'nobody' } }),
      await issuer.mint({ padding: 'x'.repeat(20_000) }),
    ]
    for (const token of tokens) {
      const decision = await server.authenticate(requestWith(`Bearer ${token}`))
      const error = decision.granted ? undefined : decision.error
      const shown = [...events, error].flatMap((thing) => [
        JSON.stringify(thing),
        inspect(thing, { depth: 9, showHidden: true }),
      ])
      for (const event of events) log(event)
      const everything = [...shown, ...lines, error?.stack, format('%s %o', error, events)].join('\n')
      for (const part of token.split('.').filter(({ length }) => length > 20)) {
        expect(everything).not.toContain(part)
        expect(everything).not.toContain(part.slice(-20))
      }
      expect(isAuthError(error)).toBe(token !== good)
      events.length = 0
    }
    expect(lines.length).toBe(tokens.length - 1)
  })

  it('holds nothing of an Authorization field that is malformed', async () => {
    const { events, serving } = await scene()
    const server = serving()
    for (const value of [
      'Bearer se cret',
      'Bearer "secret"',
      'Basic secret',
      'secret',
      'Bearer secret, Bearer secret',
    ]) {
      const decision = await server.authenticate(requestWith(value))
      expect(inspect([decision, events], { depth: 9 })).not.toMatch(/se ?cret/)
    }
    expect(events).toHaveLength(5)
  })
})
