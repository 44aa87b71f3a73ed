import { manualClock, testAlgorithms, testIssuer } from '@tokenward/testing'
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { expect, it } from 'vitest'

it.each(testAlgorithms)('signs with %s so that jose accepts it', async (algorithm) => {
  const issuer = await testIssuer({ algorithm })

  const { payload, protectedHeader } = await jwtVerify(await issuer.mint(), createLocalJWKSet(issuer.jwks()), {
    issuer: issuer.issuer,
    audience: 'https://api.example',
    typ: 'at+jwt',
  })

  expect(protectedHeader).toEqual({ alg: algorithm, typ: 'at+jwt', kid: issuer.kid })
  expect(payload.sub).toBe('user-1')
})

it('refuses an unknown algorithm', async () => {
  // @ts-expect-error HS256 is no algorithm of an issuer with public keys.
  await expect(testIssuer({ algorithm: 'HS256' })).rejects.toThrow(TypeError)
})

it('mints every claim that RFC 9068 requires, counted from the clock', async () => {
  const clock = manualClock(5_000)
  const issuer = await testIssuer({ clock })
  await clock.advance(60)

  expect(decodeJwt(await issuer.mint())).toEqual({
    iss: 'https://issuer.example',
    aud: 'https://api.example',
    sub: 'user-1',
    client_id: 'client-1',
    iat: 5_060,
    exp: 5_360,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/u),
    scope: 'orders:read',
  })
})

it('gives every token a jti of its own', async () => {
  const issuer = await testIssuer()

  expect(decodeJwt(await issuer.mint()).jti).not.toBe(decodeJwt(await issuer.mint()).jti)
})

it('adds, replaces and omits claims and header parameters', async () => {
  const issuer = await testIssuer()

  const token = await issuer.mint(
    { aud: ['a', 1], exp: 'soon', extra: { deep: null } },
    { omit: ['sub'], header: { typ: undefined, crit: ['x'], alg: 'none' } },
  )

  expect(decodeJwt<Record<string, unknown>>(token)).toMatchObject({
    aud: ['a', 1],
    exp: 'soon',
    extra: { deep: null },
  })
  expect(decodeJwt(token)).not.toHaveProperty('sub')
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'none', kid: issuer.kid, crit: ['x'] })
})

it('mints ID tokens that look like ID tokens', async () => {
  const issuer = await testIssuer()

  const token = await issuer.idToken({ aud: 'https://api.example' })

  expect(decodeProtectedHeader(token).typ).toBe('JWT')
  expect(decodeJwt(token)).toMatchObject({
    aud: 'https://api.example',
    nonce: expect.any(String),
    at_hash: expect.stringMatching(/^[\w-]{22}$/u),
  })
  await expect(jwtVerify(token, createLocalJWKSet(issuer.jwks()))).resolves.toBeDefined()
})

it('signs exactly the texts it is given', async () => {
  const issuer = await testIssuer()
  const header = '{"alg":"RS256","alg":"RS256" }'
  const payload = '\uFEFF{"exp":1e400}'

  const token = await issuer.signRaw(header, payload)

  const [headerPart, payloadPart] = token.split('.')
  expect(Buffer.from(String(headerPart), 'base64url').toString()).toBe(header)
  expect(Buffer.from(String(payloadPart), 'base64url').toString()).toBe(payload)
  await expect(compactVerify(token, await importJWK(issuer.publicKey))).resolves.toBeDefined()
})

it('signs octets that are not UTF-8', async () => {
  const issuer = await testIssuer()

  const token = await issuer.signRaw('{"alg":"RS256"}', Uint8Array.of(0xff, 0xfe))

  expect(token.split('.')[1]).toBe('__4')
})

it('answers both metadata locations and the JWK Set, and nothing else', async () => {
  const issuer = await testIssuer({ issuer: 'https://login.example/tenant/' })

  const openid = await issuer.fetch('https://login.example/tenant/.well-known/openid-configuration')
  const oauth = await issuer.fetch(new URL('https://login.example/.well-known/oauth-authorization-server/tenant'))
  const keys = await issuer.fetch(new Request('https://login.example/tenant/jwks'))
  const other = await issuer.fetch('https://login.example/jwks')

  expect(openid.headers.get('content-type')).toBe('application/json')
  expect(await openid.json()).toMatchObject({
    issuer: 'https://login.example/tenant/',
    jwks_uri: 'https://login.example/tenant/jwks',
  })
  expect(await oauth.json()).toEqual(issuer.metadata())
  expect(await keys.json()).toEqual(issuer.jwks())
  expect(other.status).toBe(404)
  expect(issuer.requests).toEqual([
    'https://login.example/tenant/.well-known/openid-configuration',
    'https://login.example/.well-known/oauth-authorization-server/tenant',
    'https://login.example/tenant/jwks',
    'https://login.example/jwks',
  ])
})

it('lets a test answer in its place, fail, or stay out of the way', async () => {
  let fault: 'status' | 'network' | 'none' = 'status'
  const issuer = await testIssuer({
    respond: () => {
      if (fault === 'none') return undefined
      return fault === 'status' ? new Response('', { status: 500 }) : Promise.reject(new Error('down'))
    },
  })
  const url = 'https://issuer.example/jwks'

  expect((await issuer.fetch(url)).status).toBe(500)
  fault = 'network'
  await expect(issuer.fetch(url)).rejects.toThrow('down')
  fault = 'none'
  expect((await issuer.fetch(url)).status).toBe(200)
})

it('rejects with the reason of the signal while an answer never comes', async () => {
  const issuer = await testIssuer({ respond: () => new Promise(() => {}) })
  const controller = new AbortController()

  const pending = issuer.fetch('https://issuer.example/jwks', { signal: controller.signal })
  controller.abort(new Error('too late'))

  await expect(pending).rejects.toThrow('too late')
  await expect(issuer.fetch('https://issuer.example/jwks', { signal: controller.signal })).rejects.toThrow('too late')
  expect(issuer.requests).toHaveLength(1)
})

it('replaces the signing key when it rotates', async () => {
  const issuer = await testIssuer()
  const before = issuer.key
  const extra = await issuer.addKey('ES256')

  const after = await issuer.rotate()

  expect(issuer.key).toBe(after)
  expect(issuer.jwks().keys.map((key) => key.kid)).toEqual([extra.kid, after.kid])
  expect(after.publicKey.n).not.toBe(before.publicKey.n)
  expect(decodeProtectedHeader(await issuer.mint()).kid).toBe(after.kid)
  expect(decodeProtectedHeader(await issuer.mint({}, { key: before })).kid).toBe(before.kid)
})

it('publishes keys as told and withdraws them by kid', async () => {
  const issuer = await testIssuer()
  const odd = await issuer.addKey('ES256', { kid: 'odd', members: { use: 'enc', alg: undefined, x: 1 } })
  issuer.publish({ kty: 'AKP', kid: 'future' })

  expect(JSON.parse(JSON.stringify(issuer.jwks().keys))).toMatchObject([
    { kid: issuer.kid },
    { kid: 'odd', use: 'enc', x: 1 },
    { kty: 'AKP', kid: 'future' },
  ])
  expect(odd.publicKey.alg).toBeUndefined()
  expect(odd.publicKey).not.toHaveProperty('d')
  expect(odd.privateKey).toHaveProperty('d')

  issuer.withdraw('odd')
  expect(issuer.jwks().keys.map((key) => key.kid)).toEqual([issuer.kid, 'future'])
})

it('makes keys of another size on request', async () => {
  const issuer = await testIssuer()
  const small = await issuer.addKey('RS256', { modulusLength: 1024 })

  expect(Buffer.from(String(small.publicKey.n), 'base64url')).toHaveLength(128)
})

it('has the same keys for one issuer and series, and others otherwise', async () => {
  const modulus = async (options: Parameters<typeof testIssuer>[0]): Promise<unknown> =>
    (await testIssuer(options)).publicKey.n

  const usual = await modulus({})
  expect(await modulus({})).toBe(usual)
  expect(await modulus({ keySeries: 'impostor' })).not.toBe(usual)
  expect(await modulus({ issuer: 'https://other.example' })).not.toBe(usual)
})
