import { createResourceServer } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, refusalOf, requestWith, scene } from '../scene.ts'

const { issuer, trusting } = await scene()
const verifier = trusting()

describe('aud', () => {
  verifies(
    'RFC7519-4.1.3-a',
    'RFC9068-4-d',
    'RFC8725-3.9-a',
    'RFC9700-2.3-a',
    'MCP-TOK-b',
  )('must name this API', async () => {
    expect(await outcome(verifier.verify(await issuer.mint({ aud: AUDIENCE })))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({ aud: ['x', AUDIENCE] })))).toBe('accepted')
    expect(await outcome(verifier.verify(await issuer.mint({ aud: 'https://other.example' })))).toBe(
      'AUDIENCE_MISMATCH',
    )
    expect(await outcome(verifier.verify(await issuer.mint({}, { omit: ['aud'] })))).toBe('CLAIM_MISSING')
  })

  it.each([
    ['a prefix', AUDIENCE.slice(0, -1)],
    ['longer', `${AUDIENCE}.attacker.example`],
    ['a path below', `${AUDIENCE}/orders`],
    ['with a slash', `${AUDIENCE}/`],
    ['another case', 'https://API.example'],
    ['with a port', `${AUDIENCE}:443`],
    ['white space', ` ${AUDIENCE}`],
    ['a list in a text', `${AUDIENCE} https://other.example`],
    ['a wildcard', '*'],
    ['others only', ['https://one.example', `${AUDIENCE}/`]],
    ['an empty list', []],
  ])('is compared exactly: %s', async (_what, aud) => {
    expect(await outcome(verifier.verify(await issuer.mint({ aud })))).toBe('AUDIENCE_MISMATCH')
  })

  verifies('RFC7519-4.1.3-b')('is a string or a list of strings', async () => {
    for (const aud of [
      {},
      { [AUDIENCE]: true },
      7,
      null,
      true,
      '',
      [''],
      [AUDIENCE, ''],
      [AUDIENCE, 1],
      [[AUDIENCE]],
    ]) {
      const refusal = await refusalOf(verifier.verify(await issuer.mint({ aud })))
      expect([aud, refusal.code]).toEqual([aud, 'CLAIM_INVALID'])
    }
    expect(await outcome(verifier.verify(await issuer.mint({ aud: [] })))).toBe('AUDIENCE_MISMATCH')
  })

  it('is on the token as a list, as it was signed', async () => {
    expect((await verifier.verify(await issuer.mint({ aud: AUDIENCE }))).audience).toEqual([AUDIENCE])
    expect((await verifier.verify(await issuer.mint({ aud: ['y', AUDIENCE, 'x'] }))).audience).toEqual([
      'y',
      AUDIENCE,
      'x',
    ])
  })

  verifies('RFC8707-2-b')('may be one of several names of this API', async () => {
    const several = trusting({ audience: [AUDIENCE, 'urn:example:api'] })

    expect(await outcome(several.verify(await issuer.mint({ aud: 'urn:example:api' })))).toBe('accepted')
    expect(await outcome(several.verify(await issuer.mint({ aud: AUDIENCE })))).toBe('accepted')
    expect(await outcome(several.verify(await issuer.mint({ aud: 'urn:example:api2' })))).toBe('AUDIENCE_MISMATCH')
    expect(await outcome(several.verify(await issuer.mint({ aud: 'urn:example' })))).toBe('AUDIENCE_MISMATCH')
  })

  verifies('RFC8707-3-a')('can tell the tenants of one API apart', async () => {
    const [one, two] = ['t1', 't2'].map((tenant) =>
      createResourceServer({ verifier: trusting({ audience: `${AUDIENCE}/${tenant}` }) }),
    )
    const request = requestWith(`Bearer ${await issuer.mint({ aud: `${AUDIENCE}/t1` })}`)

    expect((await one?.authenticate(request))?.granted).toBe(true)
    expect(await two?.authenticate(request)).toMatchObject({
      granted: false,
      status: 401,
      body: { error: 'invalid_token' },
    })
  })

  it('and what was expected are told to the operator', async () => {
    const several = trusting({ audience: [AUDIENCE, 'urn:example:api'] })
    const { message } = await refusalOf(several.verify(await issuer.mint({ aud: ['x\n'] })))

    expect(message).toBe(String.raw`the token is for "x\n"; this API is "https://api.example" or "urn:example:api"`)
    expect((await refusalOf(verifier.verify(await issuer.mint({ aud: ['a', 'b'] })))).message).toBe(
      'the token is for "a", "b"; this API is "https://api.example"',
    )
    expect((await refusalOf(verifier.verify(await issuer.mint({ aud: [] })))).message).toBe(
      'the token is for nobody; this API is "https://api.example"',
    )
  })
})
