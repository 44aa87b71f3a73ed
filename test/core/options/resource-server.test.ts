import { createResourceServer, createVerifier } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { requestWith, scene } from '../scene.ts'
import { GOOD, thrownBy } from './complaints.ts'

describe('createResourceServer', () => {
  const verifier = createVerifier(GOOD)
  const serverComplaint = (options: unknown): string | undefined =>
    thrownBy(() => createResourceServer(options as never)) // a cast: options come as unknown here

  it('takes the options of a verifier, or a verifier', () => {
    expect(serverComplaint({ ...GOOD, realm: 'orders', anonymous: 'pass' })).toBeUndefined()
    expect(serverComplaint({ verifier, realm: 'orders', anonymous: 'refuse', onEvent: () => {} })).toBeUndefined()
    expect(serverComplaint({ verifier, system: { now: () => 0 } })).toBeUndefined()
  })

  it('names all that is wrong, those of the verifier included', () => {
    const message = serverComplaint({ realm: '\n', anonymous: true, audiance: 'x' })

    for (const name of [
      'realm must be printable ASCII',
      'anonymous must be "refuse" or "pass"',
      'issuer is required',
      'audience is required',
      'unknown option "audiance"',
    ]) {
      expect(message).toContain(name)
    }
  })

  it('takes no options of a verifier beside a verifier', () => {
    for (const name of ['issuer', 'audience', 'algorithms', 'claims', 'clockToleranceSeconds', 'x']) {
      expect(serverComplaint({ verifier, [name]: 'x' })).toContain(`unknown option "${name}"`)
    }
    expect(serverComplaint({ verifier, onEvent: 7, system: { now: 7 } })).toMatch(/onEvent.*system\.now/)
    expect(serverComplaint({ verifier, system: {} })).toContain('system.now')
    expect(serverComplaint({ verifier, system: null })).toContain('system.now')
  })

  it.each([[undefined], [null], [{}], [{ verify() {} }], ['verifier'], [() => {}]])(
    'takes no %s for a verifier',
    (value) => {
      expect(serverComplaint({ verifier: value })).toContain('verifier must come from createVerifier')
    },
  )

  it.each([[undefined], [null], ['x'], [[]]])('refuses %j for options', (options) => {
    expect(serverComplaint(options)).toContain('createResourceServer: options must be an object')
  })

  it.each([[7], [null], [true], [['api']]])('refuses %j for a realm', (realm) => {
    expect(serverComplaint({ ...GOOD, realm })).toContain('realm must be printable ASCII')
  })

  it('makes a server that can be used at once', async () => {
    const { issuer, system } = await scene()
    const server = createResourceServer({ ...GOOD, system })

    expect((await server.authenticate(requestWith(`Bearer ${await issuer.mint()}`))).granted).toBe(true)
    await server.close()
  })
})
