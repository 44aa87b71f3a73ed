import fc from 'fast-check'
import type { ErrorCode, RefusedDecision } from '@tokenward/core'
import { AuthError, createResourceServer, ERRORS } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { assertLegalChallenge } from '../../support/challenge-parser.ts'
import { refusing, requestWith, scene } from '../scene.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[] // the table has no other keys
const { issuer, verifier } = await scene()
const token = await verifier.verify(await issuer.mint())
const server = createResourceServer({ verifier })

async function refusalFor(...refused: Parameters<typeof refusing>): Promise<RefusedDecision> {
  const decision = await refusing(...refused).authenticate(requestWith('Bearer x'))
  if (decision.granted) throw new Error('granted')
  return decision
}

const valuesOf = ({ headers }: RefusedDecision, wanted: string): string[] =>
  headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))

function refusedWith(error: AuthError): RefusedDecision {
  const decision = server.authorize(token, () => error)
  if (decision.granted) throw new Error('granted')
  return decision
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  TOKEN_MISSING: 401,
  REQUEST_MALFORMED: 400,
  TOKEN_MALFORMED: 401,
  ISSUER_UNTRUSTED: 401,
  ALGORITHM_REJECTED: 401,
  KEY_UNKNOWN: 401,
  SIGNATURE_INVALID: 401,
  TOKEN_TYPE_REJECTED: 401,
  AUDIENCE_MISMATCH: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_NOT_YET_VALID: 401,
  CLAIM_MISSING: 401,
  CLAIM_INVALID: 401,
  TOKEN_INACTIVE: 401,
  TOKEN_REVOKED: 401,
  CONFIRMATION_UNSUPPORTED: 401,
  SCOPE_INSUFFICIENT: 403,
  POLICY_DENIED: 403,
  KEYS_UNAVAILABLE: 503,
  INTROSPECTION_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  INTERNAL_FAULT: 503,
  POLICY_FAULT: 500,
  NOT_AUTHENTICATED: 500,
}

const ERROR_FOR = {
  400: 'invalid_request',
  401: 'invalid_token',
  403: 'insufficient_scope',
  500: 'server_error',
  503: 'temporarily_unavailable',
}

describe.each(CODES)('the answer for %s', (code) => {
  it('has the status of the table, and none that blames the client for an outage', async () => {
    const decision = await refusalFor(code)

    expect(decision.status).toBe(STATUS[code])
    expect(decision.status).toBe(decision.error.status)
    expect(decision.body?.error).toBe(code === 'TOKEN_MISSING' ? undefined : ERROR_FOR[decision.status])
    expect(decision.error.code).toBe(code)
  })

  it('has a legal challenge exactly where it is a 4xx', async () => {
    const decision = await refusalFor(code)
    const fields = valuesOf(decision, 'www-authenticate')
    expect(fields).toHaveLength(decision.status < 500 ? 1 : 0)
    if (decision.status >= 500) return

    const [challenge] = assertLegalChallenge(fields)
    const { error, description } = ERRORS[code]
    expect(challenge?.scheme).toBe('Bearer')
    expect(challenge?.params).toEqual({
      realm: 'api',
      ...(error === undefined ? {} : { error, error_description: description }),
    })
  })

  it('tells the same in its body, and nothing for the operator', async () => {
    const decision = await refusalFor(code, { cause: new Error('cause for the operator only') })
    const { error, description } = ERRORS[code]

    expect(decision.body).toEqual(error === undefined ? undefined : { error, error_description: description })
    expect(JSON.stringify([decision.status, decision.headers, decision.body])).not.toContain('operator')
    expect(valuesOf(decision, 'content-type')).toEqual(error === undefined ? [] : ['application/json'])
  })

  it('must not be stored, and asks for another attempt exactly where it is a 503', async () => {
    const decision = await refusalFor(code)

    expect(valuesOf(decision, 'cache-control')).toEqual(['no-store'])
    expect(valuesOf(decision, 'retry-after')).toEqual(decision.status === 503 ? ['1'] : [])
  })

  it('is described for operators, in a description that the field can hold', () => {
    const { hint, description = 'none' } = ERRORS[code]

    expect(hint.length).toBeGreaterThan(20)
    expect(description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
  })
})

describe('answers', () => {
  verifies(
    'RFC6750-3.1-i',
    'RFC6750-3-a',
    'RFC6749-7.2-a',
    'RFC6749-7.2-b',
    'OAUTH21-5.3.2-a',
  )('have an error wherever there was a credential, and only there', async () => {
    for (const code of CODES) {
      const { body, status } = await refusalFor(code)
      expect([code, body?.error === undefined]).toEqual([code, code === 'TOKEN_MISSING'])
      if (status === 401 && body !== undefined) expect(body.error).toBe('invalid_token')
    }
  })

  verifies('RFC6750-3-h')('describe with constants: one text for each code, whatever was sent', async () => {
    const attacks = [
      'x.y.z',
      await issuer.mint({ iss: 'https://attacker.example' }),
      await issuer.mint({ aud: 'leak-me' }),
    ]
    const bodies = await Promise.all(
      attacks.map(async (raw) => {
        const decision = await server.authenticate(requestWith(`Bearer ${raw}`))
        return decision.granted ? 'granted' : JSON.stringify([decision.headers, decision.body])
      }),
    )

    for (const text of bodies) expect(text).not.toMatch(/attacker|leak-me|granted|x\.y\.z/)
    for (const code of CODES) {
      const { description } = ERRORS[code]
      if (description !== undefined) expect(JSON.stringify(await refusalFor(code))).toContain(description)
    }
  })

  verifies(
    'RFC9110-11.6.1-b',
    'RFC9110-11.4-b',
    'RFC6750-3.1-g',
  )('that are a 403 or a 400 carry a challenge too', async () => {
    for (const code of ['SCOPE_INSUFFICIENT', 'POLICY_DENIED', 'REQUEST_MALFORMED'] as const) {
      expect(assertLegalChallenge(valuesOf(await refusalFor(code), 'www-authenticate'))[0]?.params).toHaveProperty(
        'error',
      )
    }
  })

  it.each([
    [0.2, '1'],
    [1, '1'],
    [1.01, '2'],
    [30, '30'],
    [0, '1'],
    [-5, '1'],
    [86_400, '86400'],
    [86_401, '86400'],
  ])('ask for another attempt in whole seconds, at least one: %d', async (retryAfterSeconds, expected) => {
    expect(valuesOf(await refusalFor('KEYS_UNAVAILABLE', { retryAfterSeconds }), 'retry-after')).toEqual([expected])
  })

  it('ask for another attempt in digits, whatever number an AuthError of your own holds', () => {
    fc.assert(
      fc.property(fc.double(), (retryAfterSeconds) => {
        const decision = refusedWith(new AuthError('KEYS_UNAVAILABLE', 'x', { retryAfterSeconds }))
        expect(valuesOf(decision, 'retry-after')).toEqual([expect.stringMatching(/^[1-9]\d*$/)])
      }),
    )
  })

  it('have legal fields, whatever scopes an AuthError of your own holds', () => {
    const scope = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\r\nSet-Cookie: x', 'a b', 'a"', ''))
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.array(scope), (code, requiredScopes) => {
        const decision = refusedWith(new AuthError(code, 'x', { requiredScopes }))
        for (const [, value] of decision.headers) expect(value).toMatch(/^[\x20-\x7e]*$/)
        const challenges = valuesOf(decision, 'www-authenticate')
        if (challenges.length > 0) assertLegalChallenge(challenges)
      }),
      { numRuns: 120 },
    )
  })

  it('cannot be changed by whoever gets them', async () => {
    const refused = await refusalFor('TOKEN_EXPIRED')
    const passed = server.authorize(token, () => Object({ [Symbol.for('tokenward.granted')]: true }))

    expect(() => Object.assign(refused, { granted: true })).toThrow(TypeError)
    expect(() => Object.assign(refused, { status: 200 })).toThrow(TypeError)
    expect(passed.granted).toBe(true)
    expect(() => Object.assign(passed, { token: undefined })).toThrow(TypeError)
  })
})
