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

describe('the memory of a process on Node', () => {
  verifies('RFC6749-10.3-a')('holds no token that was verified, once or often, and dropped', async () => {
    const { issuer, serving } = await scene()
    const server = serving()
    /** Sends a new token so often, as a client does, and returns the end of it. */
    const send = async (name: string, times: number, keep: (token: string) => void = () => {}): Promise<Buffer> => {
      const token = await issuer.mint({}, { header: { name } }) // a header of its own, since headers are remembered
      for (let time = 0; time < times; time += 1) {
        expect((await server.authenticate(requestWith(`Bearer ${token}`))).granted).toBe(true)
      }
      keep(token)
      return Buffer.from(token.slice(-60))
    }
    const sent: Buffer[] = []
    for (const times of [1, 2, 4]) {
      for (let index = 0; index < 10; index += 1) sent.push(await send(`token ${index} sent ${times} times`, times))
    }
    const beginnings: string[] = []
    const control = await send('another', 4, (token) => beginnings.push(token.slice(0, 40)))

    expect(await inMemory([control])).toBe(1) // a piece of a text keeps all of it
    // where a hash is not there at once, a token that came again is remembered as it is
    const isHashed = process.env['TOKENWARD_CRYPTOGRAPHY'] !== 'web'
    expect(await inMemory(sent)).toBe(isHashed ? 0 : 20)
    expect(beginnings).toHaveLength(1)
  })
})
