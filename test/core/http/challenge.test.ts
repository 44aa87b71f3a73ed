import fc from 'fast-check'
import type { Decision } from '@tokenward/core'
import { createResourceServer, scopes } from '@tokenward/core'
import { describe, expect } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import type { Challenge } from '../../support/challenge-parser.ts'
import { assertLegalChallenge } from '../../support/challenge-parser.ts'
import { requestWith, scene } from '../scene.ts'

const { issuer, verifier } = await scene()
const token = await verifier.verify(await issuer.mint({ scope: '' }))
const anonymous = requestWith()

function fieldOf(decision: Decision<unknown>): string {
  if (decision.granted) throw new Error('granted')
  const [value, ...others] = decision.headers.flatMap(([name, text]) => (name === 'WWW-Authenticate' ? [text] : []))
  if (value === undefined || others.length > 0) throw new Error('not one challenge')
  return value
}

function challengeOf(decision: Decision<unknown>): Challenge {
  const [challenge, ...others] = assertLegalChallenge(fieldOf(decision))
  if (challenge === undefined || others.length > 0) throw new Error('not one challenge')
  return challenge
}

const SCOPE_TOKEN = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0x7e })
    .filter((code) => code !== 0x22 && code !== 0x5c)
    .map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 12,
})
const REALM = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })

describe('a challenge', () => {
  verifies(
    'RFC6750-3-b',
    'RFC9110-11.5-a',
    'OAUTH21-5.3.1-a',
  )('always names the realm, in quotes', async () => {
    const unnamed = await createResourceServer({ verifier }).authenticate(anonymous)
    const named = await createResourceServer({ verifier, realm: 'orders' }).authenticate(anonymous)
    const empty = await createResourceServer({ verifier, realm: '' }).authenticate(anonymous)

    expect(fieldOf(unnamed)).toBe('Bearer realm="api"')
    expect(fieldOf(named)).toBe('Bearer realm="orders"')
    expect(fieldOf(empty)).toBe('Bearer realm=""')
  })

  verifies('RFC9110-5.6.4-a')('escapes quotes and backslashes and nothing else', async () => {
    const decision = await createResourceServer({ verifier, realm: String.raw`a"b\c'd%e,f` }).authenticate(anonymous)

    expect(fieldOf(decision)).toBe(String.raw`Bearer realm="a\"b\\c'd%e,f"`)
    expect(challengeOf(decision).params).toEqual({ realm: String.raw`a"b\c'd%e,f` })
  })

  verifies('RFC9110-11.2-b', 'RFC6750-3-c')(
    'is legal, and says each thing once, for every realm and scope',
    async () => {
      await fc.assert(
        fc.asyncProperty(REALM, fc.array(SCOPE_TOKEN, { minLength: 1, maxLength: 5 }), async (realm, required) => {
          const server = createResourceServer({ verifier, realm })
          const [first = '', ...rest] = required
          const { scheme, params } = challengeOf(server.authorize(token, scopes(first, ...rest)))

          expect(scheme).toBe('Bearer')
          expect(params).toEqual({
            realm,
            error: 'insufficient_scope',
            error_description: expect.any(String),
            scope: required.join(' '),
          })
          expect(challengeOf(await server.authenticate(anonymous)).params).toEqual({ realm })
        }),
        { numRuns: 300 },
      )
    },
  )

  verifies('RFC9110-5.5-a', 'RFC6750-3-e')('cannot be broken by configuration: that is refused', () => {
    for (const realm of ['a\r\nSet-Cookie: x', 'a\n', '\0', 'caf\u00e9', '\u{1f600}', '\t', '\u007f']) {
      expect(() => createResourceServer({ verifier, realm })).toThrow('realm must be printable ASCII')
    }
    for (const scope of ['a b', 'a"', 'a\\', 'a\r\nSet-Cookie: x', 'a\0', 'caf\u00e9', '', ' ']) {
      expect(() => scopes(scope)).toThrow(TypeError)
    }
  })

  verifies('RFC6750-3-f')('keeps error and description within the octets that RFC 6750 allows', async () => {
    const server = createResourceServer({ verifier })
    for (const value of [
      'Bearer bad "x" \\ \u00e9\n',
      'Bearer x.y.z',
      `Bearer ${await issuer.mint({ iss: 'a"b\\c\n' })}`,
    ]) {
      const { error, error_description: description } = challengeOf(
        await server.authenticate(requestWith(value)),
      ).params
      expect(error).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
      expect(description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
    }
  })

  verifies('RFC6750-3.1-h', 'MCP2607-403-b')('of a 403 names every scope that is needed, also those held', async () => {
    const server = createResourceServer({ verifier })
    const reader = await verifier.verify(await issuer.mint({ scope: 'a' }))

    expect(challengeOf(server.authorize(reader, scopes('a', 'b'))).params['scope']).toBe('a b')
  })
})
