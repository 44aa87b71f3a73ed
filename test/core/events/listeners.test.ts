import { createResourceServer, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { outcome, requestWith, scene } from '../scene.ts'

describe('a listener', () => {
  const failures: readonly (readonly [string, () => void])[] = [
    [
      'throws',
      () => {
        throw new Error('listener')
      },
    ],
    [
      'throws what is no error',
      () => {
        throw undefined
      },
    ],
    ['rejects', async () => Promise.reject(new Error('listener'))],
    ['never settles', () => new Promise(() => {})],
    [
      'answers something that throws when it is looked at',
      () => new Proxy({}, { has: () => Reflect.get(Object(undefined), 'x').y }),
    ],
  ]

  it.each(failures)('that %s changes no decision', async (_how, onEvent) => {
    const unhandled: unknown[] = []
    const remember = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', remember)
    const { issuer, trusting } = await scene()
    const verifier = trusting({ onEvent })
    const server = createResourceServer({ verifier, onEvent })
    const token = await verifier.verify(await issuer.mint())

    expect(await outcome(verifier.verify('x'))).toBe('TOKEN_MALFORMED')
    expect((await server.authenticate(requestWith())).granted).toBe(false)
    expect(server.authorize(token, scopes('orders:write'))).toMatchObject({ status: 403 })
    expect(server.authorize(token, scopes('orders:read')).granted).toBe(true)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    process.off('unhandledRejection', remember)
    expect(unhandled).toEqual([])
  })
})
