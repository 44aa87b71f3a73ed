import type { Policy, RefusedDecision, ResourceServer, TokenClaims, TokenRequest } from '@tokenward/core'
import type { AdapterContractOptions, ContractApp, ContractParts } from '@tokenward/testing/contract'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

import { groupedHeaders } from '@tokenward/core'
import { adapterContract, contractApi, serve } from '@tokenward/testing/contract'
import { describe, expect, it } from 'vitest'

/** The parts of an adapter for node:http, each of which can be made wrong. */
interface Parts {
  readonly methodOf: (request: IncomingMessage) => string
  readonly pathOf: (request: IncomingMessage) => string
  readonly valuesOf: (request: IncomingMessage, name: string) => readonly string[]
  readonly fieldsOf: (decision: RefusedDecision) => Readonly<Record<string, string | readonly string[]>>
  readonly bodyOf: (decision: RefusedDecision) => unknown
  readonly subjectOf: (subject: string | undefined) => string | undefined
  readonly isExempt: (request: IncomingMessage) => boolean
}

const right: Parts = {
  methodOf: ({ method = '' }) => method,
  pathOf: ({ url = '' }) => url,
  valuesOf: ({ headersDistinct }, name) => headersDistinct[name] ?? [],
  fieldsOf: ({ headers }) => groupedHeaders(headers),
  bodyOf: ({ body }) => body,
  subjectOf: (subject) => subject,
  isExempt: () => false,
}

function protect(parts: Parts, server: ResourceServer<TokenClaims, undefined>, policy?: Policy): RequestListener {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('Content-Type', 'application/json')
    if (parts.isExempt(request)) return void response.end(contractApi.passed)
    let decision = await server.authenticate(tokenRequest(parts, request))
    if (decision.granted && policy !== undefined) decision = server.authorize(decision.token, policy)
    if (decision.granted) {
      const subject = parts.subjectOf(decision.token?.subject) ?? null
      return void response.end(policy === undefined ? JSON.stringify({ subject }) : contractApi.passed)
    }
    response.statusCode = decision.status
    for (const [name, value] of Object.entries(parts.fieldsOf(decision))) response.setHeader(name, value)
    const body = parts.bodyOf(decision)
    response.end(body === undefined ? '' : JSON.stringify(body))
  }
  return (request, response) => void answer(request, response)
}

function tokenRequest(parts: Parts, request: IncomingMessage): TokenRequest {
  return {
    method: parts.methodOf(request),
    get url() {
      return `http://${request.headers.host}${parts.pathOf(request)}`
    },
    headerValues: (name) => parts.valuesOf(request, name),
  }
}

const lacks = ['cors', 'nested', 'unauthenticated'] as const

/** An API on such an adapter. */
function api(parts: Parts): Pick<AdapterContractOptions, 'start' | 'lacks'> {
  const start = ({ servers, policies }: ContractParts): Promise<ContractApp> => {
    const orders = protect(parts, servers.orders, policies.orders)
    const routes = new Map<string, RequestListener>([
      [contractApi.orders, orders],
      [contractApi.mounted, orders],
      [contractApi.twoChallenges, protect(parts, servers.twoChallenges, policies.orders)],
      [contractApi.anonymous, protect(parts, servers.anonymous)],
      [contractApi.brokenPolicy, protect(parts, servers.orders, policies.broken)],
    ])
    return serve((request, response) => {
      const route = routes.get(new URL(request.url ?? '', 'http://localhost').pathname)
      if (route === undefined) response.writeHead(404).end()
      else route(request, response)
    })
  }
  return { start, lacks }
}

/** Groups in which adapters differ. What is wrong with a token is found in core, and takes most of the time. */
const telling = new Set([
  'the scheme in any case',
  'control characters',
  'the field twice',
  'HEAD',
  'no method is exempt',
  'mounted below a path',
  'two challenges',
  'requests without a token may pass',
  'a key from the token itself',
  'changed after it was signed',
  'size',
  'what the resource server is told',
  'at once',
  'after all of them',
])

/** The groups among these in which the contract finds something wrong. */
async function brokenGroups(options: AdapterContractOptions): Promise<readonly string[]> {
  const { requests, close } = await adapterContract(options)
  const found = new Set<string>()
  for (const { group, run } of requests) if (telling.has(group) && (await run()).length > 0) found.add(group)
  await close()
  return [...found]
}

/** The header of the token in a request, if there is one. */
function headerOf({ headers }: IncomingMessage): { readonly jku?: string } {
  const [, segment = ''] = /^Bearer ([^.]+)/u.exec(headers.authorization ?? '') ?? []
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString()) ?? {}
  } catch {
    return {}
  }
}

describe('an adapter that keeps the contract', () => {
  it('has no problems', async () => {
    expect(await brokenGroups(api(right))).toEqual([])
  })

  it('has something to show in each of these groups', async () => {
    const { requests, close } = await adapterContract(api(right))
    const groups = new Set(requests.map(({ group }) => group))
    expect([...telling].filter((group) => !groups.has(group))).toEqual([])
    await close()
  })
})

describe('an adapter that breaks it is found', () => {
  it('keeps one challenge of two', async () => {
    const fieldsOf = ({ headers }: RefusedDecision) => Object.fromEntries(headers)
    expect(await brokenGroups(api({ ...right, fieldsOf }))).toEqual(['two challenges'])
  })

  it('sees one Authorization line of two', async () => {
    const valuesOf = ({ headers }: IncomingMessage, name: string) => [headers[name] ?? []].flat()
    expect(await brokenGroups(api({ ...right, valuesOf }))).toEqual(['the field twice'])
  })

  it('takes two lines of any other field for one', async () => {
    const valuesOf = (request: IncomingMessage, name: string) =>
      name === 'authorization' ? right.valuesOf(request, name) : right.valuesOf(request, name).slice(0, 1)
    expect(await brokenGroups(api({ ...right, valuesOf }))).toEqual(['what the resource server is told'])
  })

  it('finds fields in one case only', async () => {
    const valuesOf = ({ rawHeaders }: IncomingMessage, name: string) =>
      rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1] === (name === 'dpop' ? 'DPoP' : 'Authorization'))
    expect(await brokenGroups(api({ ...right, valuesOf }))).toEqual([
      'the scheme in any case',
      'the field twice',
      'what the resource server is told',
    ])
  })

  it('tells of another method or path', async () => {
    const methodOf = ({ method }: IncomingMessage) => (method === 'HEAD' ? 'GET' : String(method))
    expect(await brokenGroups(api({ ...right, methodOf }))).toEqual(['what the resource server is told'])
    const pathOf = ({ url }: IncomingMessage) => String(url).replace('/mounted', '')
    expect(await brokenGroups(api({ ...right, pathOf }))).toEqual(['what the resource server is told'])
  })

  it('asks twice', async () => {
    const { start } = api(right)
    const twice = (server: ResourceServer): ResourceServer => ({
      ...server,
      authenticate: async (request, options) => {
        const decision = await server.authenticate(request, options)
        return decision.granted ? server.authenticate(request, options) : decision
      },
    })
    const startTwice = ({ servers, ...others }: ContractParts) =>
      start({ servers: { ...servers, orders: twice(servers.orders) }, ...others })
    expect(await brokenGroups({ start: startTwice, lacks })).toEqual(['what the resource server is told'])
  })

  it('lets a method pass', async () => {
    const isExempt = ({ method }: IncomingMessage) => method === 'OPTIONS'
    expect(await brokenGroups(api({ ...right, isExempt }))).toEqual([
      'no method is exempt',
      'what the resource server is told',
    ])
  })

  it('answers HEAD with other fields', async () => {
    let at = 0
    const fieldsOf = (decision: RefusedDecision) => ({ ...right.fieldsOf(decision), 'X-At': String((at += 1)) })
    expect(await brokenGroups(api({ ...right, fieldsOf }))).toContain('HEAD')
  })

  it('gives one request the token of another', async () => {
    let last: string | undefined
    const subjectOf = (subject: string | undefined) => {
      const before = last
      last = subject
      return before?.startsWith('user-') === true && subject !== 'user-1' ? before : subject
    }
    expect(await brokenGroups(api({ ...right, subjectOf }))).toContain('at once')
  })

  it('follows a URL in a token', async () => {
    const valuesOf = (request: IncomingMessage, name: string) => {
      const { jku } = headerOf(request)
      if (jku?.startsWith('http://127.0.0.1:')) void fetch(jku)
      return right.valuesOf(request, name)
    }
    expect(await brokenGroups(api({ ...right, valuesOf }))).toEqual(['after all of them'])
  })

  it('tells clients what operators are told', async () => {
    const bodyOf = ({ error, body }: RefusedDecision) => body && { ...body, error_description: error.message }
    expect(await brokenGroups(api({ ...right, bodyOf }))).toContain('changed after it was signed')
  })

  it('has a route of which it says that it has none', async () => {
    const { start } = api(right)
    expect(await brokenGroups({ start, lacks: [...lacks, 'mounted'] })).toEqual([
      'mounted below a path',
      'what the resource server is told',
    ])
  })

  it('declares a transport that carries less, or more', async () => {
    const { start } = api(right)
    const broken = (transport: AdapterContractOptions['transport']) => brokenGroups({ start, lacks, transport })
    expect(await broken({ controlCharacters: 'carried' })).toEqual(['control characters'])
    expect(await broken({ largeFields: 'refused' })).toEqual(['size'])
    expect(await broken({ repeatedFields: 'last' })).toEqual(['the field twice', 'what the resource server is told'])
    expect(await broken({ challengeLines: 'joined' })).toEqual(['two challenges'])
  })
})

describe('adapterContract', () => {
  it('refuses options, all problems at once', async () => {
    const wrong = {
      begin: true,
      start: 'now',
      transport: { controlCharacters: 'dropped', speed: 'slow' },
      nested: 'outermost',
      lacks: ['orders'],
    }
    // A cast because wrong options are the point.
    await expect(adapterContract(wrong as unknown as AdapterContractOptions)).rejects.toThrow(
      new TypeError(
        'adapterContract: there is no option begin; start must be a function; ' +
          'transport.controlCharacters must be one of refused, carried; transport.speed is unknown; ' +
          'nested must be every or innermost; lacks: orders is not optional',
      ),
    )
  })

  it.each(['https://127.0.0.1:1', 'http://api.example', 'http://192.0.2.1', 'nowhere'])(
    'sends nothing to %s, and closes what was started',
    async (baseUrl) => {
      let closed = 0
      const start = (): ContractApp => ({ baseUrl, close: () => void (closed += 1) })
      await expect(adapterContract({ start })).rejects.toThrow(/baseUrl must be http:\/\/ at 127\.0\.0\.1/u)
      expect(closed).toBe(1)
    },
  )

  it('throws what start throws', async () => {
    const start = () => Promise.reject(new Error('the port is taken'))
    await expect(adapterContract({ start })).rejects.toThrow('the port is taken')
  })

  it('names each request once, and each group', async () => {
    const { requests, close } = await adapterContract(api(right))
    const names = requests.map(({ group, name }) => `${group}: ${name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(requests.filter(({ group, name }) => group === '' || name === '')).toEqual([])
    await close()
  })

  it('runs in turn what was started at once, so that every refusal is told of the right request', async () => {
    const { requests, close } = await adapterContract(api(right))
    const some = requests.filter(({ group }) => group === 'the field twice' || group === 'the claim aud')
    expect((await Promise.all(some.map(({ run }) => run()))).flat()).toEqual([])
    await close()
  })

  it('takes no answer for a problem, not for an exception', async () => {
    const { requests, close } = await adapterContract({ start: () => serve((request) => request.socket.destroy()) })
    const [first] = requests
    expect(await first?.run()).toEqual([expect.stringContaining('without a response')])
    await close()
  })
})
