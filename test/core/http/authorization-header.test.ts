import fc from 'fast-check'
import { createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { assertLegalChallenge } from '../../support/challenge-parser.ts'
import { verifies } from '../../requirements/verifies.ts'
import { requestWith, scene, verifierAnswering } from '../scene.ts'

const { issuer, verifier } = await scene()
const token = await issuer.mint()
const good = await verifier.verify(token)
const server = createResourceServer({ verifier })

/** The status that these Authorization field lines get, and the OAuth error code with it. */
async function answerTo(...values: readonly string[]): Promise<string> {
  const decision = await server.authenticate(requestWith(...values))
  if (decision.granted) return '200'
  const challenge = decision.headers.flatMap(([name, value]) => (name === 'WWW-Authenticate' ? [value] : []))
  const [bearer] = assertLegalChallenge(challenge)
  return [decision.status, bearer?.params['error']].join(' ').trim()
}

const NO_CREDENTIAL = '401'
const MALFORMED = '400 invalid_request'

describe('the Authorization field', () => {
  verifies(
    'RFC6750-2.1-a',
    'RFC9110-11.1-a',
    'OAUTH21-5.1.1-a',
  )('names its scheme in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR'])
      expect(await answerTo(`${scheme} ${token}`)).toBe('200')
  })

  verifies('RFC6750-2.1-b')('has one or more spaces between scheme and token, and nothing else', async () => {
    expect(await answerTo(`Bearer   ${token}`)).toBe('200')
    expect(await answerTo(`Bearer\t${token}`)).toBe(MALFORMED)
    expect(await answerTo(`Bearer \t${token}`)).toBe(MALFORMED)
    expect(await answerTo('Bearer a=b')).toBe(MALFORMED)
    expect(await answerTo('Bearer =')).toBe(MALFORMED)
    expect(await answerTo(`Bearer${token.replaceAll('.', '')}`)).toBe(NO_CREDENTIAL)
    expect(await answerTo('Bearer abc==')).toBe('401 invalid_token')
  })

  it('may have white space around it', async () => {
    for (const value of [` Bearer ${token}`, `Bearer ${token} `, `\tBearer ${token}\t `]) {
      expect(await answerTo(value)).toBe('200')
    }
    for (const other of ['\n', '\r', '\v', '\f', '\u00a0', '\u2028', '\ufeff']) {
      expect(await answerTo(`Bearer ${token}${other}`)).toBe(MALFORMED)
    }
  })

  verifies('RFC9110-11.2-a')('holds exactly one token68', async () => {
    for (const credentials of ['a b', 'a,b', 'a, b', 'a"b', '"a"', 'realm="x"', `${token}, ${token}`, `${token} x`]) {
      expect(await answerTo(`Bearer ${credentials}`)).toBe(MALFORMED)
    }
  })

  verifies('RFC6749-A.12-a')('has a token of at least one visible ASCII character', async () => {
    for (const credentials of ['a\u007f', 'a\u00e4', '\u20ac', 'a\0', 'a\nb', 'a\r\nX: y', '\u{1d11e}']) {
      expect(await answerTo(`Bearer ${credentials}`)).toBe(MALFORMED)
    }
    expect(await answerTo('Bearer ')).toBe(MALFORMED)
  })

  verifies('RFC6750-3.1-c', 'MCP-ERR-a')('that is malformed is a 400', async () => {
    for (const value of ['Bearer', 'bearer', 'Bearer  ', '', ' ', '\t', 'Bearer:', ': x', '"Bearer" x', '\u00e4 x']) {
      expect(await answerTo(value)).toBe(MALFORMED)
    }
  })

  it('stands once: a second line is a 400, also where both are the same', async () => {
    expect(await answerTo(`Bearer ${token}`, `Bearer ${token}`)).toBe(MALFORMED)
    expect(await answerTo('Basic dTpw', `Bearer ${token}`)).toBe(MALFORMED)
    expect(await answerTo(`Bearer ${token}`, '')).toBe(MALFORMED)
  })

  verifies('RFC6750-3.1-i', 'RFC6750-3.1-j')(
    'is asked for without an error where no Bearer credential came',
    async () => {
      expect(await answerTo()).toBe(NO_CREDENTIAL)
      for (const value of [
        'Basic dTpw',
        'Negotiate',
        'DPoP abc',
        'Digest username="x", uri="/"',
        'Bearers x',
        'x-bearer y',
      ]) {
        expect(await answerTo(value)).toBe(NO_CREDENTIAL)
      }
    },
  )

  it('may be anything at all: the answer is one of four', async () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `Bearer ${text}`),
      fc.string({ unit: 'binary' }).map((text) => `Bearer ${token}${text}`),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 2 }), async (values) => {
        const answer = await answerTo(...values)
        // not trim(), to which a line feed is white space too
        const isGood = values.length === 1 && values[0]?.replaceAll(/^[ \t]+|[ \t]+$/g, '') === `Bearer ${token}`
        expect(isGood ? ['200'] : [NO_CREDENTIAL, MALFORMED, '401 invalid_token']).toContain(answer)
      }),
      { numRuns: 120 },
    )
  })

  it('is read in linear time', async () => {
    for (const value of [
      `Bearer ${' '.repeat(100_000)}\0`,
      `Bearer ${'='.repeat(100_000)}a`,
      `Bearer a${'='.repeat(1e5)} `,
    ]) {
      const started = performance.now()
      expect(await answerTo(value)).toMatch(/^40/)
      expect(performance.now() - started).toBeLessThan(500)
    }
  })
})

describe('the operator', () => {
  it.each([
    [[], 'the request has no Authorization field'],
    [['Basic dTpw'], 'the Authorization field has another scheme than Bearer'],
    [['Bearer'], 'the Authorization field is malformed: nothing follows Bearer'],
    [['Bearer a b'], 'the Authorization field is malformed: what follows Bearer is no b64token'],
    [[''], 'the Authorization field is malformed: it is no scheme followed by credentials'],
    [['a', 'b'], 'the Authorization field is malformed: the field was sent more than once'],
  ])('learns what was wrong with %j', async (values, message) => {
    expect(await server.authenticate(requestWith(...values))).toMatchObject({ error: { message } })
  })
})

describe('a token anywhere else', () => {
  const read: string[] = []
  const elsewhere = {
    method: 'POST',
    get url(): string {
      read.push('url')
      return `https://api.example/orders?access_token=${token}`
    },
    headerValues: (name: string): readonly string[] => {
      read.push(name)
      if (name === 'cookie') return [`access_token=${token}`]
      return name === 'content-type' ? ['application/x-www-form-urlencoded'] : []
    },
    get body(): string {
      read.push('body')
      return `access_token=${token}`
    },
  }

  verifies(
    'RFC6750-2.2-b',
    'RFC6750-2.3-a',
    'RFC6750-5.3-a',
    'RFC9700-4.3.2-a',
    'OAUTH21-5.1-a',
    'OAUTH21-7.1-a',
    'MCP-TOK-d',
  )('is not even looked at', async () => {
    expect(await server.authenticate(elsewhere)).toMatchObject({ status: 401, body: undefined })
    expect(read).toEqual(['authorization'])

    const both = { ...requestWith(`Bearer ${token}`), url: 'https://api.example/orders?access_token=x' }
    expect((await server.authenticate(both)).granted).toBe(true)
  })
})

describe('what reaches the verifier', () => {
  it('is the token and nothing around it', async () => {
    const seen: string[] = []
    const spy = createResourceServer({
      verifier: {
        ...verifierAnswering(() => good),
        verify: async (raw) => {
          seen.push(raw)
          return good
        },
      },
    })
    await spy.authenticate(requestWith(' bearer   abc.def-_~+/== '))

    expect(seen).toEqual(['abc.def-_~+/=='])
  })
})
