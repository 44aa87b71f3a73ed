import type { KeysRefreshFailedEvent } from '@tokenward/core'
import { createVerifier, jwtIssuer, tenantIssuers } from '@tokenward/core'
import { guardedFetch } from '@tokenward/core/node'
import { testIssuer } from '@tokenward/testing'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, outcome } from '../scene.ts'

/** A server that answers every connection with these octets and hangs up. */
async function rawServer(answer: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {}) // the client may hang up first
    socket.once('data', () => socket.end(Buffer.from(answer, 'latin1')))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    issuer: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
      }),
  }
}

const withBody = (start: string): string => `${start}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`

describe('an answer that bends HTTP is an outage of that tenant and of nobody else', () => {
  // a status outside 200 to 599 is legal on the wire and impossible in a web Response
  it.each([
    ['status 600', withBody('HTTP/1.1 600 Out Of Range')],
    ['status 999', withBody('HTTP/1.1 999 Out Of Range')],
    ['status 099', withBody('HTTP/1.1 099 Out Of Range')],
    ['status 000', withBody('HTTP/1.1 000 Out Of Range')],
    ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['early hints and nothing more', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'],
    ['status 204 with a body', withBody('HTTP/1.1 204 No Content')],
    ['status 205 with a body', withBody('HTTP/1.1 205 Reset Content')],
    ['status 304 with a body', withBody('HTTP/1.1 304 Not Modified')],
    ['octets above ASCII in a field', withBody('HTTP/1.1 500 X\r\nX-Y: \xe9\xff')],
    ['a control character in a field', withBody('HTTP/1.1 500 X\r\nX-Y: a\x01b')],
    ['a field named __proto__', withBody('HTTP/1.1 500 X\r\n__proto__: 1\r\nconstructor: 2')],
    ['a field folded over two lines', withBody('HTTP/1.1 500 X\r\nX-Y: a\r\n b')],
    ['two lengths', withBody('HTTP/1.1 200 OK\r\nContent-Length: 7')],
    ['a length and chunks', withBody('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked')],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n{}'],
    [
      'a body shorter than its length',
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}',
    ],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['fields without end', `HTTP/1.1 200 OK\r\n${`X-Y: ${'a'.repeat(1000)}\r\n`.repeat(200)}\r\n`],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an empty line', '\r\n'],
    ['nothing', ''],
  ])('%s', async (_, answer) => {
    await using server = await rawServer(answer)
    const tokens = await testIssuer({ issuer: server.issuer, algorithm: 'ES256' })
    const failures: KeysRefreshFailedEvent[] = []
    const verifier = createVerifier({
      issuer: tenantIssuers({
        allow: () => true,
        network: guardedFetch({ allowLoopback: true }),
        resolve: (issuer) => jwtIssuer({ issuer, allowLoopbackHttp: true }),
      }),
      audience: AUDIENCE,
      onEvent: (event) => {
        if (event.type === 'keys-refresh-failed') failures.push(event)
      },
    })
    const startedAtMs = performance.now()

    expect(await outcome(verifier.verify(await tokens.mint()))).toBe('KEYS_UNAVAILABLE')
    expect(failures.map(({ issuer }) => issuer)).toEqual([server.issuer])
    // told by the answer itself, not by the time that ran out because nobody heard the answer
    expect(failures.map(({ reason }) => reason)).not.toContain('timeout')
    expect(performance.now() - startedAtMs).toBeLessThan(4000)
    await verifier.close()
  })
})
