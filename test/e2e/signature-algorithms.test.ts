import { createVerifier, jwtIssuer } from '@tokenward/core'
import { decodeProtectedHeader } from 'jose'
import { expect, test } from 'vitest'

import { createSigningKey } from '../../docs/examples/demo/src/signing-keys.ts'
import { readerToken, readOrders, runningApi, runningServer, serverSigning } from './running.ts'

test.each(['RS256', 'ES256', 'Ed25519'] as const)('a server that signs with nothing but %s', async (algorithm) => {
  const server = await serverSigning(algorithm)
  const api = await runningApi(server.issuer)
  const token = await readerToken(server)
  expect(decodeProtectedHeader(token).alg).toBe(algorithm)
  expect(await api.orders(token)).toMatchObject({ status: 200, codes: [] })
})

test('a server that publishes keys of several kinds', async () => {
  const keys = await Promise.all([
    createSigningKey('ES256', 'ec'),
    createSigningKey('RS256', 'rsa'),
    createSigningKey('Ed25519', 'ed'),
  ])
  const server = await runningServer(keys)
  const api = await runningApi(server.issuer)
  expect((await api.orders(await readerToken(server))).status).toBe(200)
})

test('an algorithm that the API does not allow is refused, although the server uses it', async () => {
  const server = await serverSigning('ES256')
  const verifier = createVerifier({
    issuer: jwtIssuer({ issuer: server.issuer, allowLoopbackHttp: true, algorithms: ['RS256'] }),
    audience: readOrders.resource,
  })
  await expect(verifier.verify(await readerToken(server))).rejects.toMatchObject({ code: 'ALGORITHM_REJECTED' })
})
