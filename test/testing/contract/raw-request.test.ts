import { expect, it } from 'vitest'

import { listen } from '../../support/listen.ts'
import { fieldValues, rawRequest } from '../../../packages/testing/src/contract/raw-request.ts'

it('sends field lines as they are and keeps duplicates both ways', async () => {
  let seen: string[] = []
  await using server = await listen((request, response) => {
    seen = request.rawHeaders
    response.setHeader('WWW-Authenticate', ['Bearer realm="a"', 'DPoP algs="ES256"'])
    response.writeHead(401).end('{"a":1}')
  })

  const response = await rawRequest({
    port: server.port,
    path: '/orders?x',
    headers: [
      ['Authorization', 'Bearer \u00e9'],
      ['authorization', Uint8Array.of(0x42, 0xff)],
    ],
  })

  expect(seen.slice(-4)).toEqual(['Authorization', 'Bearer \u00e9', 'authorization', 'B\u00ff'])
  expect(response.status).toBe(401)
  expect(fieldValues(response, 'www-authenticate')).toEqual(['Bearer realm="a"', 'DPoP algs="ES256"'])
  expect(response.body).toBe('{"a":1}')
})

it('sends a method and a body, and joins the chunks of the answer', async () => {
  await using server = await listen((request, response) => {
    response.write(String(request.method))
    request.on('data', (chunk: Buffer) => response.write(chunk))
    request.on('end', () => response.end('!'))
  })

  const response = await rawRequest({ port: server.port, method: 'POST', body: 'gr\u00fc\u00df' })

  expect(response.body).toBe('POSTgr\u00fc\u00df!')
})

it('shows that HEAD has no body', async () => {
  await using server = await listen((_request, response) => {
    response.end('never sent')
  })

  expect(await rawRequest({ port: server.port, method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

it('sends header sections which a server refuses, or takes when it is told to', async () => {
  await using small = await listen((_request, response) => response.end())
  await using large = await listen((_request, response) => response.end(), { maxHeaderSize: 1 << 20 })
  const headers = [['Authorization', `Bearer ${'a'.repeat(200 * 1024)}`]] as const

  expect((await rawRequest({ port: small.port, headers })).status).toBe(431)
  expect((await rawRequest({ port: large.port, headers })).status).toBe(200)
})

it('fails when there is no response', async () => {
  await using server = await listen((request) => request.socket.destroy())

  await expect(rawRequest({ port: server.port })).rejects.toThrow('without a response')
})
