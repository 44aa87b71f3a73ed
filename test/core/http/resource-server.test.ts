import type { TokenwardEvent } from '@tokenward/core'
import { createResourceServer, scopes } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { scene } from '../scene.ts'

const { issuer, verifier } = await scene()
const token = await verifier.verify(await issuer.mint({ scope: 'orders:read' }))

/** A listener that remembers, and the options that install it. */
function heard() {
  const events: TokenwardEvent[] = []
  return { events, options: { onEvent: (event: TokenwardEvent) => void events.push(event) } }
}

describe('a resource server', () => {
  it('answers a request that was never authenticated with a fixed 500, and reports it', () => {
    const { events: own, options } = heard()
    const decision = createResourceServer({ verifier, ...options }).refuseUnauthenticated()

    expect(decision).toMatchObject({ granted: false, status: 500, body: { error: 'server_error' } })
    expect(own).toEqual([
      expect.objectContaining({
        type: 'refused',
        code: 'NOT_AUTHENTICATED',
        message: expect.stringContaining('register authenticate before it'),
      }),
    ])
  })

  it('names whom a policy refused', () => {
    const { events: own, options } = heard()
    createResourceServer({ verifier, ...options }).authorize(token, scopes('orders:write'))

    expect(own).toEqual([
      expect.objectContaining({
        type: 'refused',
        code: 'SCOPE_INSUFFICIENT',
        issuer: issuer.issuer,
        subject: 'user-1',
        clientId: 'client-1',
      }),
    ])
  })

  it('gives policies the time of its clock, in seconds', () => {
    const seen: number[] = []
    const server = createResourceServer({ verifier, system: { now: () => 1_234_567_890_500 } })
    server.authorize(token, (_token, nowSeconds) => {
      seen.push(nowSeconds)
      return { [Symbol.for('tokenward.granted')]: true } as never // the mark that another copy of the package makes
    })

    expect(seen).toEqual([1_234_567_890.5])
  })

  it('refuses where its clock fails, and does not throw', () => {
    const now = (): number => {
      throw new Error('no clock')
    }
    const server = createResourceServer({ verifier, system: { now } })

    expect(server.authorize(token, scopes('orders:read'))).toMatchObject({ granted: false })
  })

  it('closes its verifier', async () => {
    let closed = 0
    const server = createResourceServer({ verifier: { ...verifier, close: async () => void (closed += 1) } })
    await server.close()

    expect(closed).toBe(1)
    expect(server.verifier.status().issuers[0]?.issuer).toBe(issuer.issuer)
  })
})
