import type { AdapterInput, ServerInput } from '@tokenward/core'
import { createResourceServer, readAdapterInput, readServerInput } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { requestWith, scene } from '../scene.ts'

const { issuer, system } = await scene()
const options = { issuer: issuer.issuer, audience: 'https://api.example', system }
const server = createResourceServer({ ...options, anonymous: 'pass' })

/** What an adapter named `adapter` says to this input, given as from JavaScript. */
function complaint(input: unknown, beside?: unknown): string {
  try {
    readAdapterInput('adapter', input as AdapterInput, beside as undefined) // casts: the types forbid most of it
    return 'nothing'
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
}

describe('what an adapter is given', () => {
  it('may be the options of a resource server, with its own among them', async () => {
    const read = readAdapterInput('adapter', { ...options, realm: 'orders', refusals: 'forward' })
    const decision = await read.server.authenticate(requestWith())

    expect(read.refusals).toBe('forward')
    expect(decision.granted || decision.headers[0]).toEqual(['WWW-Authenticate', 'Bearer realm="orders"'])
    expect(readAdapterInput('adapter', options).refusals).toBe('write')
  })

  it('may be a verifier among the options', () => {
    expect(readAdapterInput('adapter', { verifier: server.verifier, refusals: 'forward' }).refusals).toBe('forward')
  })

  it('may be a resource server, with its own options beside it', () => {
    expect(readAdapterInput('adapter', server)).toEqual({ server, refusals: 'write' })
    expect(readAdapterInput('adapter', server, { refusals: 'forward' })).toEqual({ server, refusals: 'forward' })
  })

  it('is refused with all that is wrong, under the name of the adapter', () => {
    const message = complaint({ issuer: 'x', realm: '\n', anonymous: 1, refusals: 'throw', refusal: 'write' })

    expect(message).toMatch(/^adapter: /)
    for (const name of ['issuer must', 'audience is required', 'realm', 'anonymous', 'refusals must', '"refusal"']) {
      expect(message).toContain(name)
    }
  })

  it('is refused where it is nothing of the kind', () => {
    for (const input of [undefined, null, 'x', 7, [], [options]]) {
      expect(complaint(input)).toContain('adapter: ')
    }
    expect(complaint(server, { refusals: 'throw' })).toContain('refusals must be "write" or "forward"')
    expect(complaint(server, { realm: 'x' })).toContain('unknown option "realm"')
    expect(complaint(server, null)).toContain('options must be an object')
    expect(complaint(options, { refusals: 'forward' })).toContain('a second argument only goes with a resource server')
    expect(complaint({ verifier: server.verifier, issuer: 'x' })).toContain('unknown option "issuer"')
    expect(complaint(options)).toBe('nothing')
  })

  it('is refused with what the adapter found wrong before', () => {
    const found = ['own must be a text']
    expect(() => readAdapterInput('adapter', server, {}, found)).toThrow(new TypeError('adapter: own must be a text'))
    expect(() => readAdapterInput('adapter', { ...options, audience: '', realm: '\n' }, {}, found)).toThrow(
      /^adapter: own must be a text; (?=.*audience)(?=.*realm)/u,
    )
  })
})

describe('what an adapter is given in one argument', () => {
  const complaintOf = (input: unknown, found?: readonly string[]) => {
    try {
      readServerInput('adapter', input as ServerInput, found) // a cast: given as from JavaScript
      return 'nothing'
    } catch (error) {
      return String(error)
    }
  }

  it('may be a resource server, or the options of one', async () => {
    expect(readServerInput('adapter', { resourceServer: server })).toBe(server)
    const made = readServerInput('adapter', { ...options, resourceServer: undefined, realm: 'orders' })
    const decision = await made.authenticate(requestWith())

    expect(decision.granted || decision.headers[0]).toEqual(['WWW-Authenticate', 'Bearer realm="orders"'])
  })

  it('is refused with all that is wrong, the options of the adapter included', () => {
    expect(complaintOf({ issuer: 'x', realm: '\n' }, ['own must be a text'])).toMatch(
      /^TypeError: adapter: own must be a text; (?=.*issuer must)(?=.*audience is required)(?=.*realm must)/,
    )
    expect(complaintOf({ resourceServer: server, realm: 'x' }, ['own must be a text'])).toBe(
      'TypeError: adapter: own must be a text; realm cannot stand beside resourceServer',
    )
  })

  it('is refused where it is nothing of the kind', () => {
    for (const input of [undefined, null, 'x', 7, [], { resourceServer: {} }, { resourceServer: 'x' }]) {
      expect(complaintOf(input)).toContain('TypeError: adapter: ')
    }
  })
})
