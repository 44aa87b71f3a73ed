import type { AuthError } from '@tokenward/core'

import { createVerifier, isAuthError, jwtIssuer } from '@tokenward/core'
import { tokenward } from '@tokenward/express'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { Answer } from '../support/answers.ts'
import type { ScriptedServer } from '../support/scripted-server.ts'

import { cut, garbage, hang, hugeBody, json, redirect, reply, stalledBody, tricklingBody } from '../support/answers.ts'
import { listen } from '../support/listen.ts'
import { fieldValues, rawRequest } from '../support/raw-request.ts'
import { scriptedServer, serverPaths } from '../support/scripted-server.ts'

const audience = 'https://api.example'
const { openid, oauth, jwks } = serverPaths

/** A verifier on the real clock and the real network. */
function trusting(server: ScriptedServer) {
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer: server.issuer, allowLoopbackHttp: true }),
    audience,
  })
  onTestFinished(() => verifier.close())
  return verifier
}

async function refusalBy(server: ScriptedServer): Promise<AuthError> {
  const token = await server.tokens.mint()
  const reason: unknown = await trusting(server)
    .verify(token)
    .catch((error: unknown) => error)
  if (isAuthError(reason)) return reason
  throw new Error('expected a refusal')
}

describe('an issuer on a real socket', () => {
  it('is asked once by 200 requests at once', async () => {
    await using server = await scriptedServer()
    const verifier = trusting(server)
    const tokens = await Promise.all(Array.from({ length: 200 }, () => server.tokens.mint()))
    const verified = await Promise.all(tokens.map((token) => verifier.verify(token)))
    expect(verified).toHaveLength(200)
    expect([server.count(openid), server.count(oauth), server.count(jwks)]).toEqual([1, 0, 1])
  })

  it.each<[string, string, Answer, RegExp]>([
    ['keys: status 500', jwks, reply({ status: 500 }), /answered 500/u],
    ['keys: 5 MB', jwks, hugeBody(), /more than 262144 bytes/u],
    ['keys: garbage', jwks, garbage(), /UTF-8|JSON/u],
    ['keys: HTML', jwks, reply({ headers: { 'content-type': 'text/html' }, body: '<html></html>' }), /JSON/u],
    ['keys: too many requests', jwks, reply({ status: 429, headers: { 'retry-after': '7' } }), /429/u],
    ['keys: cut off before the answer', jwks, cut(), /could not be reached/u],
    ['keys: cut off within the answer', jwks, cut('within'), /broke off/u],
    ['keys: empty', jwks, json({ keys: [] }), /empty/u],
    ['metadata: status 500', openid, reply({ status: 500 }), /answered 500/u],
    ['metadata: cut off', openid, cut(), /could not be reached/u],
    ['metadata: 5 MB', openid, hugeBody(), /more than 262144 bytes/u],
    ['metadata: of another issuer', openid, json({ issuer: 'https://other.example' }), /other\.example/u],
  ])('%s: 503, and the operator reads why', async (_name, path, answer, why) => {
    await using server = await scriptedServer()
    server.answer(path, answer)
    const error = await refusalBy(server)
    expect(error).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
    expect(error.message).toMatch(why)
    expect(error.message).toContain(server.issuer)
    expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(1)
  })

  it.each([301, 302, 303, 307, 308])('is not followed when it redirects with %i', async (code) => {
    await using elsewhere = await scriptedServer()
    await using server = await scriptedServer()
    server.answer(jwks, redirect(`${elsewhere.issuer}/jwks`, code))
    expect((await refusalBy(server)).code).toBe('KEYS_UNAVAILABLE')
    server.answer(jwks)
    server.answer(openid, redirect(`${elsewhere.issuer}${openid}`, code))
    expect((await refusalBy(server)).code).toBe('KEYS_UNAVAILABLE')
    expect(elsewhere.requests).toEqual([])
  })

  it('that is gone is a 503', async () => {
    const server = await scriptedServer()
    const token = await server.tokens.mint()
    const verifier = trusting(server)
    await server[Symbol.asyncDispose]()
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
  })

  it('is told nothing but what it has to know', async () => {
    await using server = await scriptedServer()
    const token = await server.tokens.mint()
    await trusting(server).verify(token)
    for (const { method, headers, body } of server.requests) {
      expect(method).toBe('GET')
      expect(body).toBe('')
      for (const name of ['authorization', 'cookie', 'referer', 'origin']) expect(headers[name]).toBeUndefined()
      expect(JSON.stringify(headers)).not.toContain(token.slice(-20))
    }
  })

  it('that hangs, trickles or stalls is a 503 for the API within seconds, for everybody who waits', async () => {
    const faults = [
      [jwks, hang()],
      [jwks, tricklingBody()],
      [openid, stalledBody('{"issuer":')],
    ] as const
    const answers = await Promise.all(faults.map(([path, answer]) => answersWhile(path, answer)))
    for (const { responses, seconds } of answers) {
      expect(seconds).toBeLessThan(6)
      for (const response of responses) {
        expect(response.status).toBe(503)
        expect(fieldValues(response, 'Retry-After').join()).toMatch(/^[1-9]\d*$/u)
        expect(fieldValues(response, 'WWW-Authenticate')).toEqual([])
        expect(JSON.parse(response.body)).toMatchObject({ error: 'temporarily_unavailable' })
      }
    }
  }, 15_000)
})

/** What three clients of an API get while its issuer answers so, and how long it takes. */
async function answersWhile(path: string, answer: Answer) {
  await using server = await scriptedServer()
  server.answer(path, answer)
  const api = tokenward({ issuer: jwtIssuer({ issuer: server.issuer, allowLoopbackHttp: true }), audience })
  const app = express()
  app.get('/', api.authenticate)
  await using listening = await listen(app)
  const headers = [['Authorization', `Bearer ${await server.tokens.mint()}`]] as const
  const start = performance.now()
  const responses = await Promise.all(Array.from({ length: 3 }, () => rawRequest({ port: listening.port, headers })))
  const seconds = (performance.now() - start) / 1000
  await api.close()
  return { responses, seconds }
}
