import { manualClock, testIssuer } from '@tokenward/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ContractRequest } from '../contract/contract-request.ts'
import type { ContractApp } from '../express/contract-app.ts'

import { answerProblems, sendContractRequest } from '../contract/answer-problems.ts'
import { contractApi, granted, group, token } from '../contract/contract-request.ts'
import { contractRequests } from '../contract/requests.ts'
import { contractApp } from '../express/contract-app.ts'
import { expressVersions } from '../express/versions.ts'
import { verifies } from '../requirements/verifies.ts'
import { listen } from '../support/listen.ts'
import { fieldValues, rawRequest } from '../support/raw-request.ts'

const raised = { maxHeaderSize: 1024 * 1024 }
const clock = manualClock()
const issuer = await testIssuer({ clock })
let trapped = 0
const trap = await listen((_request, response) => {
  trapped += 1
  response.end()
})
const requests = await contractRequests(issuer, trap.origin)
const friendly = group('after', [token('a friendly request', await issuer.mint(), granted)])
const rejections: unknown[] = []
const onRejection = (reason: unknown): void => void rejections.push(reason)

beforeAll(() => process.on('unhandledRejection', onRejection))
afterAll(async () => {
  process.off('unhandledRejection', onRejection)
  await trap[Symbol.asyncDispose]()
})

describe.each(expressVersions)('%s', (_version, express) => {
  let strict: ContractApp
  let lenient: ContractApp
  beforeAll(async () => {
    strict = await contractApp(express, issuer, clock.now, raised)
    lenient = await contractApp(express, issuer, clock.now, { ...raised, insecureHTTPParser: true })
  })
  afterAll(async () => {
    await strict[Symbol.asyncDispose]()
    await lenient[Symbol.asyncDispose]()
  })

  const outcomes = new Map<ContractRequest, Promise<readonly string[]>>()
  const problemsOf = (request: ContractRequest): Promise<readonly string[]> => {
    const outcome = outcomes.get(request) ?? judge(request)
    outcomes.set(request, outcome)
    return outcome
  }
  const judge = async (request: ContractRequest): Promise<readonly string[]> => {
    const api = request.parser === 'strict' ? strict : lenient
    const found = await answerProblems(api, request)
    const after = await Promise.all(friendly.map((next) => answerProblems(api, next)))
    return [...found, ...after.flat().map((problem) => `afterwards: ${problem}`)]
  }
  const problemsOfGroups = async (...titles: readonly string[]): Promise<readonly string[]> => {
    const problems: string[] = []
    for (const title of titles) {
      const members = requests.filter((request) => request.group === title)
      if (members.length === 0) problems.push(`no request is in the group ${title}`)
      for (const request of members) {
        const found = await problemsOf(request)
        problems.push(...found.map((problem) => `${title}: ${request.name}: ${problem}`))
      }
    }
    return problems
  }

  it.each(requests)('$group: $name', async (request) => {
    expect(await problemsOf(request)).toEqual([])
  })

  verifies(
    'RFC9110-11.1-a',
    'OAUTH21-5.1.1-a',
    'RFC6750-2.1-a',
  )('takes the scheme in any case', async () => {
    expect(await problemsOfGroups('the scheme in any case')).toEqual([])
  })

  verifies('RFC6750-2.1-b')('takes spaces between scheme and token, and no other white space', async () => {
    expect(await problemsOfGroups('spaces around and inside')).toEqual([])
  })

  verifies(
    'RFC6749-A.12-a',
    'RFC6750-3.1-c',
    'RFC9110-11.2-a',
  )('answers 400 to what is no b64token', async () => {
    expect(await problemsOfGroups('nothing to verify', 'octets that no b64token has', 'control characters')).toEqual([])
  })

  verifies('RFC6750-3.1-j')('says nothing of an error where another scheme came', async () => {
    expect(await problemsOfGroups('another scheme is no credential')).toEqual([])
  })

  verifies('RFC9110-5.3-a')('answers 400 to two Authorization lines', async () => {
    expect(await problemsOfGroups('the field twice')).toEqual([])
  })

  verifies(
    'RFC6750-2.3-a',
    'RFC6750-5.3-a',
    'OAUTH21-5.1-a',
    'OAUTH21-7.1-a',
    'RFC9700-4.3.2-a',
    'MCP-TOK-d',
  )('finds a token only in the Authorization field', async () => {
    expect(
      await problemsOfGroups('a token anywhere else is not seen', 'the Authorization field decides alone'),
    ).toEqual([])
  })

  verifies('RFC9110-9.3.2-a')('answers HEAD with the fields of GET and without content', async () => {
    expect(await problemsOfGroups('HEAD')).toEqual([])
    const fieldsOf = async (method: string): Promise<unknown> => {
      const { headers } = await rawRequest({ port: portOf(strict), method, path: contractApi.orders })
      return headers.filter(([name]) => !['Date', 'Content-Length', 'Transfer-Encoding'].includes(name))
    }
    expect(await fieldsOf('HEAD')).toEqual(await fieldsOf('GET'))
  })

  verifies(
    'RFC7515-5.2-a',
    'RFC7515-7.2-a',
    'RFC7516-9-a',
    '8725bis-3.3-b',
    '8725bis-3.14-a',
  )('reads three segments of strict base64url', async () => {
    expect(
      await problemsOfGroups(
        'three segments, or no JWT',
        'JSON serialization',
        'base64url as strict as it is written',
        'octets that no b64token has',
      ),
    ).toEqual([])
  })

  verifies(
    '8725bis-3.15-a',
    '8725bis-3.13-a',
    'NONE-RSA15-a',
  )('decrypts and decompresses nothing', async () => {
    expect(await problemsOfGroups('three segments, or no JWT', 'algorithms that nobody allowed')).toEqual([])
  })

  verifies(
    'RFC7515-5.2-b',
    'RFC7515-10.12-a',
    'RFC7519-7.2-a',
    'RFC8725-3.7-a',
  )('reads JSON objects in UTF-8 and nothing else', async () => {
    expect(await problemsOfGroups('JSON objects in UTF-8 and nothing else', 'depth')).toEqual([])
  })

  verifies('RFC7515-4-a', 'RFC7519-4-a')('refuses a member name that stands twice', async () => {
    expect(await problemsOfGroups('member names stand once')).toEqual([])
  })

  verifies(
    'RFC7518-3.6-a',
    'RFC9068-2.1-a',
    'RFC9068-4-f',
    'RFC8725-3.2-b',
  )('never accepts alg none', async () => {
    expect(await problemsOfGroups('alg none')).toEqual([])
  })

  verifies('RFC7515-4.1.1-a', 'RFC7515-4.1.1-b')('knows algorithms by their exact names', async () => {
    expect(await problemsOfGroups('algorithms that nobody allowed')).toEqual([])
  })

  verifies('RFC8725-3.1-b')('has no use for HMAC, whatever the secret', async () => {
    expect(await problemsOfGroups('HMAC with the public key')).toEqual([])
  })

  verifies(
    'RFC9068-4-j',
    'RFC7517-5-b',
    'RFC7517-4.5-a',
  )('verifies with every usable key of a mixed set', async () => {
    expect(await problemsOfGroups('every usable key of the set')).toEqual([])
  })

  verifies(
    'RFC7515-4.1.2-a',
    'RFC7515-4.1.3-a',
    'RFC7515-4.1.5-a',
    'RFC7515-4.1.6-a',
    'RFC8725-3.10-b',
  )('takes no key from a token and follows no URL in it', async () => {
    expect(await problemsOfGroups('a key from the token itself')).toEqual([])
    expect(trapped).toBe(0)
  })

  verifies(
    'RFC7515-6-a',
    'RFC8725-3.10-a',
    'RFC7518-3.3-a',
    'RFC7517-4.2-a',
    'RFC7517-4.3-a',
    'RFC8725-3.4-a',
  )('looks a kid up and does nothing else with it', async () => {
    expect(await problemsOfGroups('a kid that names no key', 'hostile texts')).toEqual([])
  })

  verifies('RFC7515-4.1.4-a', 'RFC7515-10.13-a')('compares kid as a string, by code points', async () => {
    expect(await problemsOfGroups('a kid that is no string', 'kid compares by code points')).toEqual([])
  })

  verifies(
    'RFC7515-4.1.11-a',
    'RFC7515-4.1.11-b',
    'RFC7797-6-a',
    'RFC7797-7-a',
    'RFC7515-4-b',
  )('refuses crit and b64, and ignores what it does not know', async () => {
    expect(await problemsOfGroups('crit and b64')).toEqual([])
  })

  verifies('RFC6750-5.2-a', 'RFC7515-5.2-c')('notices every change', async () => {
    expect(await problemsOfGroups('changed after it was signed')).toEqual([])
  })

  verifies(
    'RFC7518-3.4-a',
    'RFC7518-3.5-a',
    'RFC7515-10.6-a',
  )('refuses signatures that are nearly good', async () => {
    expect(await problemsOfGroups('ECDSA and EdDSA signatures', 'RSA signatures')).toEqual([])
  })

  verifies(
    'RFC7517-4.4-a',
    'RFC7518-3.4-b',
    'RFC8037-4-a',
  )('uses a key only for what it is for', async () => {
    expect(await problemsOfGroups('a key that does not fit', 'RSA signatures')).toEqual([])
  })

  verifies(
    'RFC7515-4.1.9-a',
    'RFC9068-4-a',
    'RFC8725-3.11-a',
  )('knows an access token by its typ', async () => {
    expect(await problemsOfGroups('typ of an access token', 'typ of anything else')).toEqual([])
  })

  verifies(
    'RFC8725-3.12-a',
    'RFC9068-5-a',
    'RFC9701-8.1-a',
  )('takes no other token of the issuer', async () => {
    expect(await problemsOfGroups('other tokens of the same issuer')).toEqual([])
  })

  verifies('RFC9068-4-c', 'RFC7515-5.3-a')('compares the issuer exactly', async () => {
    expect(await problemsOfGroups('the claim iss')).toEqual([])
  })

  verifies(
    'RFC7519-4.1.3-a',
    'RFC7519-4.1.3-b',
    'RFC9068-4-d',
    'RFC8725-3.9-a',
    'MCP-TOK-b',
  )('wants to be named in aud', async () => {
    expect(await problemsOfGroups('the claim aud')).toEqual([])
  })

  verifies(
    'RFC7519-4.1.4-a',
    'RFC7519-4.1.4-b',
    'RFC7519-4.1.5-a',
    'RFC9068-4-g',
  )('reads dates strictly', async () => {
    expect(await problemsOfGroups('the claim exp', 'the claim nbf', 'the claim iat')).toEqual([])
  })

  verifies('RFC7519-4.1.1-a', 'RFC9068-2.2-a')('wants the claims of the profile, as strings', async () => {
    expect(await problemsOfGroups('who the token is for')).toEqual([])
  })

  verifies(
    'RFC8705-3-c',
    'RFC9449-7.2-a',
    'RFC7800-3.1-a',
  )('never takes a bound token for a bearer token', async () => {
    expect(await problemsOfGroups('the claim cnf')).toEqual([])
  })

  verifies(
    'RFC6749-3.3-a',
    'RFC6749-3.3-b',
    'RFC8693-4.2-a',
    'RFC6750-3.1-g',
  )('compares scopes whole', async () => {
    expect(await problemsOfGroups('the claim scope', 'a scope is lacking')).toEqual([])
  })

  it('leaves control characters to a server that is strict about them', async () => {
    const seen = strict.refusals.length
    for (const request of requests.filter(({ parser }) => parser === 'lenient')) {
      const response = await sendContractRequest(strict.baseUrl, request)
      expect(response.status).toBe(400)
      expect(fieldValues(response, 'WWW-Authenticate')).toEqual([])
    }
    expect(strict.refusals.length).toBe(seen)
  })

  it('leaves headers above the limit of Node to Node', async () => {
    await using usual = await contractApp(express, issuer, clock.now, {})
    const headers = [['Authorization', `Bearer ${'a'.repeat(200 * 1024)}`]] as const
    const response = await rawRequest({ port: portOf(usual), path: contractApi.orders, headers })
    expect(response.status).toBe(431)
    expect(usual.refusals).toEqual([])
  })
})

describe('after all of them', () => {
  it('no rejection was left unhandled', () => {
    expect(rejections).toEqual([])
  })

  it('no object has a member more', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    const names: string[] = []
    for (const name in {}) names.push(name)
    expect(names).toEqual([])
  })

  it('nothing was fetched but metadata and keys of the two issuers', () => {
    const asked = new Set(issuer.requests)
    expect([...asked].toSorted()).toEqual([
      'https://issuer.example/.well-known/openid-configuration',
      'https://issuer.example/jwks',
      'https://unreachable.example/.well-known/oauth-authorization-server',
      'https://unreachable.example/.well-known/openid-configuration',
    ])
    expect(trapped).toBe(0)
  })
})

function portOf({ baseUrl }: ContractApp): number {
  return Number(new URL(baseUrl).port)
}
