import { createRemoteJWKSet, jwtVerify } from 'jose'
import { expect, it } from 'vitest'

import {
  cut,
  garbage,
  gate,
  hang,
  held,
  hugeBody,
  json,
  redirect,
  reply,
  stalledBody,
  tricklingBody,
} from './answers.ts'
import { scriptedServer, serverPaths } from './scripted-server.ts'

it('is an authorization server unless told otherwise', async () => {
  await using server = await scriptedServer()

  const metadata = await fetch(server.issuer + serverPaths.openid)
  const keys = createRemoteJWKSet(new URL(server.issuer + serverPaths.jwks))

  expect(await metadata.json()).toMatchObject({ issuer: server.issuer, jwks_uri: `${server.issuer}/jwks` })
  await expect(jwtVerify(await server.tokens.mint(), keys)).resolves.toBeDefined()
  expect((await fetch(`${server.issuer}/other`)).status).toBe(404)
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /.well-known/openid-configuration',
    'GET /jwks',
    'GET /other',
  ])
})

it('answers in the order of the script, the last answer for good, and can be reset', async () => {
  await using server = await scriptedServer()
  const ask = async (): Promise<number> => (await fetch(`${server.issuer}/jwks?x`)).status

  server.answer('/jwks', reply({ status: 500 }), json({}, { status: 201 }))
  expect([await ask(), await ask(), await ask()]).toEqual([500, 201, 201])

  server.answer('/jwks')
  expect(await ask()).toBe(200)
  expect(server.count('/jwks')).toBe(4)
})

it('records fields and body', async () => {
  await using server = await scriptedServer()

  await fetch(`${server.issuer}/x`, { method: 'POST', headers: { accept: 'a/b' }, body: 'hello' })

  expect(server.requests[0]).toMatchObject({ method: 'POST', body: 'hello', headers: { accept: ['a/b'] } })
})

it('holds an answer until the gate opens', async () => {
  await using server = await scriptedServer()
  const closed = gate()
  server.answer('/jwks', held(closed, reply({ body: 'done' })))
  let answered = false

  const pending = fetch(`${server.issuer}/jwks`).then((response) => {
    answered = true
    return response.text()
  })
  await server.asked('/jwks')
  expect(answered).toBe(false)
  closed.open()

  expect(await pending).toBe('done')
})

it.each([
  ['hang', hang()],
  ['stalled body', stalledBody()],
  ['trickling body', tricklingBody()],
])('never finishes: %s', async (_name, answer) => {
  await using server = await scriptedServer()
  server.answer('/jwks', answer)
  const controller = new AbortController()
  let finished = false

  const pending = fetch(`${server.issuer}/jwks`, { signal: controller.signal }).then(async (response) => {
    await response.text()
    finished = true
  })
  await server.asked('/jwks')
  // A whole other exchange fits in the meantime.
  await fetch(`${server.issuer}/other`)
  expect(finished).toBe(false)
  controller.abort(new Error('enough'))

  await expect(pending).rejects.toThrow('enough')
})

it.each([
  ['before', cut(), 'fetch failed'],
  ['within', cut('within'), 'terminated'],
] as const)('cuts the connection %s the response', async (_name, answer, message) => {
  await using server = await scriptedServer()
  server.answer('/jwks', answer)

  await expect(fetch(`${server.issuer}/jwks`).then((response) => response.text())).rejects.toThrow(message)
})

it('redirects, floods and talks nonsense', async () => {
  await using server = await scriptedServer()
  server.answer('/jwks', redirect('https://elsewhere.example/'), hugeBody(), garbage())
  const ask = (): Promise<Response> => fetch(`${server.issuer}/jwks`, { redirect: 'manual' })

  expect((await ask()).headers.get('location')).toBe('https://elsewhere.example/')
  expect((await (await ask()).arrayBuffer()).byteLength).toBeGreaterThan(5 * 1024 * 1024)
  const nonsense = new Uint8Array(await (await ask()).arrayBuffer())
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(nonsense)).toThrow(TypeError)
})

it('stops with connections still open', async () => {
  const server = await scriptedServer()
  server.answer('/jwks', hang())
  const outcome = fetch(`${server.issuer}/jwks`).then(
    () => 'answered',
    (error: unknown) => String(error),
  )
  await server.asked('/jwks')

  await server[Symbol.asyncDispose]()

  expect(await outcome).toBe('TypeError: fetch failed')
})
