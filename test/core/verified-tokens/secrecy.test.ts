import { inspect } from 'node:util'
import { getHeapSnapshot } from 'node:v8'
import type { TokenwardEvent } from '@tokenward/core'
import { createResourceServer, createVerifier } from '@tokenward/core'
import { describe, expect } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, requestWith, scene } from '../scene.ts'

const all = { showHidden: true, depth: Infinity, getters: true }

describe('a verifier that remembers tokens', () => {
  verifies('RFC6749-10.3-a')('shows none to whoever inspects it, lists it or hears of it', async () => {
    const { issuer, system } = await scene()
    const events: TokenwardEvent[] = []
    const verifier = createVerifier({
      issuer: issuer.issuer,
      audience: AUDIENCE,
      system,
      onEvent: (event) => void events.push(event),
    })
    const server = createResourceServer({ verifier })
    const token = await issuer.mint({ sub: 'somebody-known', exp: system.nowSeconds() + 60 })
    for (let request = 0; request < 4; request += 1) await server.authenticate(requestWith(`Bearer ${token}`))
    await system.advance(100)
    const refused = await server.authenticate(requestWith(`Bearer ${token}`))
    expect(refused).toMatchObject({ granted: false, error: { code: 'TOKEN_EXPIRED' } })

    const exported = [verifier.status(), verifier.exportKeys()]
    const seen = [verifier, server, exported].flatMap((thing) => [inspect(thing, all), JSON.stringify(thing)]).join()
    expect(seen).toContain('verify')
    expect(seen).not.toContain('somebody-known')
    const told = [refused, events].flatMap((thing) => [inspect(thing, all), JSON.stringify(thing)]).join()
    for (const part of token.split('.')) expect(`${seen}${told}`).not.toContain(part.slice(0, 20))
  })
})

/** How many of these texts are in the memory of this process. They come as octets, since a text would find itself. */
async function inMemory(texts: readonly Buffer[]): Promise<number> {
  const found = new Set<Buffer>()
  let before = Buffer.alloc(0)
  for await (const chunk of getHeapSnapshot()) {
    const piece = Buffer.concat([before, Buffer.from(chunk)])
    for (const text of texts) if (piece.includes(text)) found.add(text)
    before = piece.subarray(-1_000)
  }
  return found.size
}

/** A server, and clients of which nobody here holds the tokens as texts. */
async function clients() {
  const { issuer, serving, system } = await scene()
  const server = serving()
  const send = async (octets: Buffer, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      expect((await server.authenticate(requestWith(`Bearer ${octets.toString()}`))).granted).toBe(true)
    }
  }
  return {
    system,
    server,
    send,
    /** A new token that was sent so often, and the end of it. */
    sent: async (name: string, times: number): Promise<{ readonly octets: Buffer; readonly end: Buffer }> => {
      // a header of its own, since headers are remembered
      const octets = Buffer.from(await issuer.mint({}, { header: { name } }))
      await send(octets, times)
      expect('another text').toMatch(/text/) // engines keep the last text that a regular expression matched
      return { octets, end: octets.subarray(-60) }
    },
  }
}

/** Where a hash is not there at once, a token that came again is remembered as it is. */
const isHashed = process.env['TOKENWARD_CRYPTOGRAPHY'] !== 'web'

describe('the memory of a process on Node', () => {
  verifies('RFC6749-10.3-a')('holds a token while requests with it come, and none ten seconds later', async () => {
    const { system, send, sent } = await clients()
    const idle: Buffer[] = []
    for (const times of [1, 2, 4]) {
      for (let index = 0; index < 10; index += 1) idle.push((await sent(`${index}, sent ${times} times`, times)).end)
    }
    const busy = await sent('in use', 4)
    expect(await inMemory(idle.slice(0, 20))).toBe(isHashed ? 0 : 10) // those that never came a third time

    await system.advance(5)
    await send(busy.octets, 1)
    await system.advance(5)
    expect(await inMemory(idle)).toBe(isHashed ? 0 : 20)
    expect(await inMemory([busy.end])).toBe(1)
    await system.advance(10)
    expect(await inMemory([busy.end])).toBe(isHashed ? 0 : 1)
  })

  verifies('RFC6749-10.3-a')('holds none once the server is closed, whatever comes then', async () => {
    const { server, send, sent } = await clients()
    const { octets, end } = await sent('in use', 4)
    expect(await inMemory([end])).toBe(1)

    await server.close()
    expect(await inMemory([end])).toBe(isHashed ? 0 : 1)
    await send(octets, 4)
    expect(await inMemory([end])).toBe(isHashed ? 0 : 1)
  })
})
