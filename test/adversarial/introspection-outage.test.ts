import type { ResourceServer, TokenwardEvent } from '@tokenward/core'
import { clientSecretBasic, createResourceServer, introspectedIssuer } from '@tokenward/core'
import { createServer } from 'node:https'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../core/node/certificate.ts'
import { AUDIENCE, requestWith } from '../core/scene.ts'
import { verifies } from '../requirements/verifies.ts'
import type { Answer } from '../support/answers.ts'
import { cut, garbage, hang, hugeBody, json, redirect, reply, stalledBody, tricklingBody } from '../support/answers.ts'
import { listen } from '../support/listen.ts'
import type { ScriptedServer } from '../support/scripted-server.ts'
import { scriptedServer } from '../support/scripted-server.ts'

const PATH = '/introspect'
const good = { active: true, aud: AUDIENCE, sub: 'user-1', scope: 'orders:read' }
const html = { 'content-type': 'text/html' }
const asJson = { 'content-type': 'application/json' }

interface Asking {
  readonly api: ResourceServer
  readonly events: readonly TokenwardEvent[]
}

/** An API that asks a real socket with the fetch of the host; deadlines are a hundred times shorter. */
function asking(issuer: string, allowLoopbackHttp = true): Asking {
  const events: TokenwardEvent[] = []
  const api = createResourceServer({
    issuer: introspectedIssuer({
      issuer,
      endpoint: `${issuer}${PATH}`,
      clientAuthentication: clientSecretBasic('api', 'a-secret-of-the-api'),
      allowLoopbackHttp,
    }),
    audience: AUDIENCE,
    anonymous: 'refuse',
    onEvent: (event) => void events.push(event),
    system: {
      schedule: (delayMs, run) => {
        const timer = setTimeout(run, Math.max(100, delayMs / 20))
        return () => clearTimeout(timer)
      },
    },
  })
  onTestFinished(() => api.close())
  return { api, events }
}

async function expectUnavailable({ api, events }: Asking, reason: string): Promise<void> {
  const decision = await api.authenticate(requestWith('Bearer opaque-token'))
  if (decision.granted) throw new Error('granted')
  const names = new Map(decision.headers.map(([name, value]) => [name.toLowerCase(), value]))

  expect([decision.status, decision.error.code]).toEqual([503, 'INTROSPECTION_UNAVAILABLE'])
  expect(names.get('retry-after')).toMatch(/^[1-9]\d*$/)
  expect(names.has('www-authenticate')).toBe(false)
  expect(decision.body).toMatchObject({ error: 'temporarily_unavailable' })
  expect(events.find(({ type }) => type === 'introspection-failed')).toMatchObject({ reason })
  expect(JSON.stringify([decision, events])).not.toMatch(/opaque-token|a-secret-of-the-api/)
}

async function running(answer: Answer): Promise<ScriptedServer> {
  const server = await scriptedServer()
  onTestFinished(() => server[Symbol.asyncDispose]())
  server.answer(PATH, answer)
  return server
}

it('the server of these tests is believed when it answers well', async () => {
  const server = await running(json(good))
  const { api } = asking(server.issuer)

  expect(await api.authenticate(requestWith('Bearer opaque-token'))).toMatchObject({ granted: true })
  expect(server.count(PATH)).toBe(1)
})

describe('an endpoint that gives no answer is a 503, never a 401 and never a yes', () => {
  const outages: Readonly<Record<string, readonly [Answer, string]>> = {
    '500': [reply({ status: 500 }), 'status'],
    '500 with an answer': [json(good, { status: 500 }), 'status'],
    '503 with Retry-After': [reply({ status: 503, headers: { 'retry-after': '30' } }), 'status'],
    '429': [reply({ status: 429 }), 'status'],
    '400': [json({ error: 'invalid_request' }, { status: 400 }), 'status'],
    '404': [reply({ status: 404 }), 'status'],
    '201 with an answer': [json(good, { status: 201 }), 'status'],
    '204': [reply({ status: 204 }), 'status'],
    'a login page': [reply({ headers: html, body: '<html>{"active":true}</html>' }), 'not-json'],
    'an answer that calls itself HTML': [reply({ headers: html, body: JSON.stringify(good) }), 'not-json'],
    'no content type': [reply({ body: JSON.stringify(good) }), 'not-json'],
    'an empty body': [reply({ headers: asJson }), 'not-json'],
    'half an object': [reply({ headers: asJson, body: '{"active":true' }), 'not-json'],
    'two objects': [reply({ headers: asJson, body: '{"active":true}{"active":true}' }), 'not-json'],
    'active twice': [reply({ headers: asJson, body: '{"active":false,"active":true}' }), 'not-json'],
    'active twice, once escaped': [
      reply({ headers: asJson, body: '{"active":false,"\\u0061ctive":true}' }),
      'not-json',
    ],
    'a deep object': [
      reply({ headers: asJson, body: `{"active":true,"x":${'['.repeat(1000)}${']'.repeat(1000)}}` }),
      'not-json',
    ],
    'a list': [json([good]), 'not-json'],
    'a string': [json('active'), 'not-json'],
    'random octets': [garbage(), 'not-json'],
    'five megabytes': [hugeBody(), 'too-large'],
    'a connection that is cut': [cut(), 'network'],
    'a body that is cut': [cut('within'), 'network'],
    silence: [hang(), 'timeout'],
    'a body that stalls': [stalledBody('{"active":true'), 'timeout'],
    'a body that trickles': [tricklingBody(), 'timeout'],
  }
  for (const [what, [answer, reason]] of Object.entries(outages)) {
    verifies('RFC7662-2.2-e', 'RFC7662-DoS')(what, async () => {
      const server = await running(answer)
      await expectUnavailable(asking(server.issuer), reason)
      expect(server.count(PATH)).toBe(1)
    })
  }

  verifies('RFC7662-2.2-e')('a redirect, which nobody follows', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await running(redirect('/elsewhere', status))
      server.answer('/elsewhere', json(good))
      await expectUnavailable(asking(server.issuer), 'redirect')
      expect(server.count('/elsewhere')).toBe(0)
    }
  })

  verifies('RFC7662-2.3-a')('401 and 403, which are about the credentials of the API', async () => {
    for (const status of [401, 403]) {
      const answer = json({ error: 'invalid_client' }, { status, headers: { 'www-authenticate': 'Basic realm="as"' } })
      const server = await running(answer)
      const scene = asking(server.issuer)
      await expectUnavailable(scene, 'credentials-refused')
      const told = scene.events.find(({ type }) => type === 'introspection-failed')
      expect(told).toMatchObject({ message: expect.stringMatching(/does not accept the credentials of this API/) })
    }
  })

  verifies('RFC7662-DoS')('nobody listening', async () => {
    const gone = await listen(() => {})
    await gone[Symbol.asyncDispose]()
    await expectUnavailable(asking(gone.origin), 'network')
  })

  it('and it is believed again as soon as it answers', async () => {
    const server = await running(reply({ status: 500 }))
    const scene = asking(server.issuer)
    await expectUnavailable(scene, 'status')
    server.answer(PATH, json(good))

    expect(await scene.api.authenticate(requestWith('Bearer opaque-token'))).toMatchObject({ granted: true })
  })
})

verifies('RFC7662-4-a')('a server whose certificate nobody vouches for is told nothing', async () => {
  const asked: string[] = []
  const server = createServer(selfSigned(), (request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(good))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  const scene = asking(`https://127.0.0.1:${address.port}`, false)
  await expectUnavailable(scene, 'network')

  expect(asked).toEqual([])
  expect(JSON.stringify(scene.events)).toMatch(/self.signed/i)
})

describe('answers of servers that do things their own way are understood', () => {
  const answers: Readonly<Record<string, Answer>> = {
    'a charset': json(good, { headers: { 'content-type': 'application/json;charset=UTF-8' } }),
    'a type in capitals': json(good, { headers: { 'content-type': 'Application/JSON' } }),
    'another JSON type': json(good, { headers: { 'content-type': 'application/introspection+json' } }),
    'line breaks around it': reply({ headers: asJson, body: `\r\n${JSON.stringify(good, null, 2)}\n` }),
    'members that are null': json({ ...good, username: null, realm_access: null }),
    'a body without a length': (response) => {
      response.writeHead(200, asJson).write('{"active":true,')
      response.end(`"aud":${JSON.stringify(AUDIENCE)}}`)
    },
  }
  it.each(Object.entries(answers))('%s', async (_, answer) => {
    const server = await running(answer)
    const { api } = asking(server.issuer)
    expect(await api.authenticate(requestWith('Bearer opaque-token'))).toMatchObject({ granted: true })
  })
})

verifies('RFC9449-6.2-b')('nothing but the token is passed on: no proof, no cookie', async () => {
  const server = await running(json({ ...good, cnf: { jkt: 'x' }, token_type: 'DPoP' }))
  const { api } = asking(server.issuer)
  const decision = await api.authenticate({
    ...requestWith('Bearer opaque-token'),
    headerValues: (name) => (name === 'authorization' ? ['Bearer opaque-token'] : [`${name} of the client`]),
  })

  expect(decision).toMatchObject({ granted: false, status: 401, error: { code: 'CONFIRMATION_UNSUPPORTED' } })
  const sent = server.requests.filter(({ url }) => url === PATH)
  expect(sent).toHaveLength(1)
  expect(Object.keys(sent[0]?.headers ?? {})).not.toContain('dpop')
  expect(JSON.stringify(sent)).not.toContain('of the client')
})
