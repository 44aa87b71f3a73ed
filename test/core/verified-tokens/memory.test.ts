import { clientSecretBasic, createVerifier, introspectedIssuer, jwtIssuer, staticKeys } from '@tokenward/core'
import { testIssuer } from '@tokenward/testing'
import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { AUDIENCE, outcome, scene } from '../scene.ts'
import { counting, making, pair } from './pair.ts'

describe('a token is remembered', () => {
  it('when it passes for the second time', async () => {
    const { issuer, verdict, whole } = await pair()
    const token = await issuer.mint()
    const counts: number[] = []
    for (let request = 0; request < 4; request += 1) {
      await verdict(token)
      counts.push(whole())
    }

    expect(counts).toEqual([1, 2, 2, 2])
  })

  it('by the whole of it: one that shares all but its beginning, or all but its end, is judged on its own', async () => {
    const { issuer, remember, verdict } = await pair()
    const token = await issuer.mint()
    await remember(token)
    const [header, claims, signature = ''] = token.split('.')
    const others = [
      `${header}.${Buffer.from('{"iss":"https://issuer.example","sub":"admin"}').toString('base64url')}.${signature}`,
      `${Buffer.from('{"alg":"ES256","typ":"at+jwt"}').toString('base64url')}.${claims}.${signature}`,
      `${header}.${claims}.${'A'.repeat(signature.length - 8)}${signature.slice(-8)}`,
      `${header}.${claims}.${signature.slice(0, -2)}`,
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      token.slice(1),
      token.toUpperCase(),
    ]
    for (const other of others) {
      for (let request = 0; request < 3; request += 1) expect(await verdict(other)).not.toBe('accepted')
    }

    expect(await verdict(token)).toBe('accepted')
  })

  it('and reported as verified each time, with whose it is', async () => {
    const { issuer, remember, verdict, events } = await pair()
    const token = await issuer.mint({ sub: 'user-7', client_id: 'client-7' })
    await remember(token)
    await verdict(token)
    const verified = events.filter(({ type }) => type === 'verified')

    expect(verified).toEqual(
      Array.from({ length: 4 }, () => ({
        type: 'verified',
        issuer: issuer.issuer,
        subject: 'user-7',
        clientId: 'client-7',
      })),
    )
  })

  it('and says whose it was when it is refused later', async () => {
    const { clock, issuer, remember, verdict, events } = await pair()
    const token = await issuer.mint({ sub: 'user-7' })
    await remember(token)
    await clock.advance(331)
    await verdict(token)

    expect(events.at(-1)).toMatchObject({ code: 'TOKEN_EXPIRED', issuer: issuer.issuer, subject: 'user-7' })
  })

  it('not where `cache` is false', async () => {
    const { issuer, trusting } = await scene()
    const { schema, asked } = counting(making((claims) => claims))
    const verifier = trusting({ cache: false, claims: schema })
    const token = await issuer.mint()
    for (let request = 0; request < 4; request += 1) await verifier.verify(token)

    expect(asked()).toBe(4)
  })

  it('and yet verified anew with `fresh`', async () => {
    const { issuer, remember, verdict, whole } = await pair()
    const token = await issuer.mint()
    await remember(token)
    const before = whole()
    expect(await verdict(token, { fresh: true })).toBe('accepted')
    expect(whole()).toBe(before + 1)

    expect(await verdict(token)).toBe('accepted')
    expect(whole()).toBe(before + 1)
  })

  it('and still so after the verifier was closed', async () => {
    const { issuer, remember, verdict, remembering, forgetting } = await pair()
    const token = await issuer.mint()
    await remember(token)
    await Promise.all([remembering.close(), forgetting.close()])

    expect(await verdict(token)).toBe('accepted')
  })
})

describe('a memory', () => {
  verifies('RFC9068-4-d')('belongs to one verifier: another with another audience refuses the token', async () => {
    const { issuer, trusting } = await scene()
    const one = trusting()
    const other = trusting({ audience: 'https://other.example' })
    const token = await issuer.mint()
    for (let request = 0; request < 3; request += 1) {
      expect(await outcome(one.verify(token))).toBe('accepted')
      expect(await outcome(other.verify(token))).toBe('AUDIENCE_MISMATCH')
    }
  })

  verifies('RFC8725-3.8-a')('keeps the issuers of one verifier apart, whose keys may have one name', async () => {
    const { issuer: a, system } = await scene()
    const b = await testIssuer({ issuer: 'https://b.example', algorithm: 'ES256', clock: system })
    const verifier = createVerifier({
      issuer: [
        jwtIssuer({ issuer: a.issuer, audience: 'https://a-api.example', keys: staticKeys(a.jwks()) }),
        jwtIssuer({ issuer: b.issuer, audience: 'https://b-api.example', keys: staticKeys(b.jwks()) }),
      ],
      audience: AUDIENCE,
      system,
    })
    expect(a.kid).toBe(b.kid)
    const good = [await a.mint({ aud: 'https://a-api.example' }), await b.mint({ aud: 'https://b-api.example' })]
    const crossed = [
      await a.mint({ aud: 'https://b-api.example' }),
      await b.mint({ aud: 'https://b-api.example', iss: a.issuer }),
      await a.mint({ aud: 'https://b-api.example', iss: b.issuer }),
    ]
    for (let request = 0; request < 4; request += 1) {
      for (const token of good) expect(await outcome(verifier.verify(token))).toBe('accepted')
      for (const token of crossed) expect(await outcome(verifier.verify(token))).not.toBe('accepted')
    }
  })
})

describe('nothing is remembered here of', () => {
  it.each(['opaque tokens', 'JWTs that are asked about too'])('%s', async (kind) => {
    const { clock, issuer } = await scene()
    let questions = 0
    let isActive = true
    const members = { iss: issuer.issuer, aud: AUDIENCE, sub: 'user-1', client_id: 'client-1', token_type: 'Bearer' }
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      if (url !== 'https://issuer.example/introspect') return issuer.fetch(url, init)
      questions += 1
      return Response.json(isActive ? { ...members, active: true, exp: clock.nowSeconds() + 300 } : { active: false })
    }
    const asked = introspectedIssuer({
      issuer: issuer.issuer,
      endpoint: 'https://issuer.example/introspect',
      clientAuthentication: clientSecretBasic('orders-api', 'secret'),
      cache: false,
    })
    const isOpaque = kind === 'opaque tokens'
    const verifier = createVerifier({
      issuer: isOpaque ? asked : jwtIssuer({ issuer: issuer.issuer, introspection: asked }),
      audience: AUDIENCE,
      system: { ...clock, fetch },
    })
    const token = isOpaque ? 'an-opaque-token' : await issuer.mint()
    for (let request = 1; request <= 4; request += 1) {
      expect(await outcome(verifier.verify(token))).toBe('accepted')
      expect(questions).toBe(request)
    }
    isActive = false
    expect(await outcome(verifier.verify(token))).toBe('TOKEN_INACTIVE')
  })
})
