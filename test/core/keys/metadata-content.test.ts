import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { outcome, refusalOf } from '../scene.ts'
import { answering, asking, OPENID, refusalWith } from './asking.ts'

describe('the issuer in the metadata', () => {
  verifies('RFC8414-3.3-a', 'OIDCD-4.3-a')(
    'is byte for byte the configured one, or a 503 that shows both',
    async () => {
      for (const found of [
        'https://issuer.example/',
        'https://ISSUER.example',
        'https://issuer.example:443',
        'http://issuer.example',
        'https://{tenantid}.example',
        '',
        null,
        7,
        ['https://issuer.example'],
        undefined,
      ]) {
        const refusal = await refusalWith('https://issuer.example', answering({ issuer: found }))
        expect(refusal).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 })
        expect(refusal.message).toContain('"https://issuer.example"')
        if (typeof found === 'string') expect(refusal.message).toContain(JSON.stringify(found))
      }
    },
  )

  verifies('RFC8414-4-a')('is not normalised', async () => {
    const configured = 'https://h.example/K'
    const alike = 'https://h.example/\u212a' // the sign for kelvin, of which every normal form is the letter
    expect(alike.normalize('NFC')).toBe(configured)
    expect(await refusalWith(configured, answering({ issuer: alike }, configured))).toMatchObject({
      code: 'KEYS_UNAVAILABLE',
      message: expect.stringContaining('\\u212a'),
    })

    const { verifier, issuer } = await asking(configured)
    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })

  it('and where it was found are in the event', async () => {
    const { verifier, events } = await asking('https://issuer.example', answering({ issuer: 'https://other.example' }))
    await outcome(verifier.warmUp())

    expect(events).toEqual([
      expect.objectContaining({
        type: 'keys-refresh-failed',
        issuer: 'https://issuer.example',
        reason: 'issuer-mismatch',
        message: expect.stringContaining(OPENID),
      }),
    ])
  })
})

describe('jwks_uri', () => {
  verifies('RFC8414-2-b', 'OAUTH21-1.5-a')('is https', async () => {
    for (const [uri, problem] of [
      ['http://issuer.example/jwks', 'https'],
      ['http://localhost/jwks', 'https'],
      ['ftp://issuer.example/jwks', 'https'],
      ['file:///etc/passwd', 'https'],
      ['data:application/json,{}', 'https'],
      ['/jwks', 'absolute'],
      ['', 'absolute'],
      [undefined, 'absolute'],
      [null, 'absolute'],
      [7, 'absolute'],
      [['https://issuer.example/jwks'], 'absolute'],
      ['https://user:password@issuer.example/jwks', 'credentials'],
    ] as const) {
      const { verifier, issuer, events } = await asking('https://issuer.example', answering({ jwks_uri: uri }))
      const refusal = await refusalOf(verifier.verify(await issuer.mint()))
      expect([uri, refusal.code]).toEqual([uri, 'KEYS_UNAVAILABLE'])
      expect(refusal.message).toContain(problem)
      expect(refusal.message).not.toContain('password')
      expect(events[0]).toMatchObject({ reason: 'metadata-invalid' })
      expect(issuer.requests).toEqual([`https://issuer.example${OPENID}`])
    }
  })

  it('may be http on a loopback host where that was asked for', async () => {
    const name = 'http://127.0.0.1:9876'
    const { verifier, issuer } = await asking(name, undefined, { allowLoopbackHttp: true })
    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')

    const away = answering({ jwks_uri: 'http://issuer.example/jwks' }, name)
    const { verifier: other } = await asking(name, away, { allowLoopbackHttp: true })
    expect(await outcome(other.warmUp())).toBe('KEYS_UNAVAILABLE')
  })

  it('may lead to another host', async () => {
    const { issuer: keys } = await asking('https://issuer.example')
    const { verifier, issuer } = await asking('https://issuer.example', (url) => {
      if (url === 'https://keys.example/all') return Response.json(keys.jwks())
      return url.endsWith(OPENID)
        ? Response.json({ issuer: 'https://issuer.example', jwks_uri: 'https://keys.example/all' })
        : undefined
    })

    expect(await outcome(verifier.verify(await issuer.mint()))).toBe('accepted')
  })
})
