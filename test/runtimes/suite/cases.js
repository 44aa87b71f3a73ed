import { createResourceServer, createVerifier, jwtIssuer, protect, scopes, tenantIssuers } from '@tokenward/core'
import { same, seen, within } from './expect.js'
import { signatureCases } from './signature-cases.js'
import { ALGORITHMS, AUDIENCE, encoded, mint, request, signingKey } from './tokens.js'

const ISSUER = 'https://issuer.example'

/** An issuer behind a fetch of its own, and a handler that trusts it. */
async function stubbed(algorithm) {
  const key = await signingKey(algorithm)
  const asked = []
  const published = [key.jwk]
  let isDown = false
  const fetch = async (url) => {
    asked.push(url)
    if (isDown) throw new TypeError('fetch failed')
    if (url === `${ISSUER}/.well-known/openid-configuration`) {
      return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` })
    }
    return url === `${ISSUER}/jwks` ? Response.json({ keys: published }) : new Response(null, { status: 404 })
  }
  const options = { issuer: ISSUER, audience: AUDIENCE, system: { fetch } }
  const handler = protect(createResourceServer(options), (_, token) => new Response(token.subject), {
    policy: scopes('orders:read'),
  })
  const ask = async (token) => handler(request(token))
  return { key, asked, published, options, ask, cut: (down) => (isDown = down), good: async () => mint(key, ISSUER) }
}

/** The loopback server's side of one issuer; see issuer-server.ts. */
async function onLoopback(origin, key, behaviour = {}) {
  const asking = await fetch(`${origin}/issuers`, {
    method: 'POST',
    body: JSON.stringify({ keys: [key.jwk], ...behaviour }),
  })
  const { issuer } = await asking.json()
  const control = async (change) =>
    (await fetch(`${issuer}/control`, { method: 'POST', body: JSON.stringify(change) })).json()
  return { issuer, control }
}

function loopbackHandler(issuer) {
  const server = createResourceServer({ issuer: jwtIssuer({ issuer, allowLoopbackHttp: true }), audience: AUDIENCE })
  return protect(server, (_, token) => new Response(token.subject))
}

const accepted = [200, 'user-1']

/** Every case: a name, and what must not throw. `origin` is a server on loopback. */
export const cases = [
  ...signatureCases,
  [
    'a good token reaches the handler',
    async () => {
      const { ask, good } = await stubbed()
      same(await seen(await ask(await good())), accepted)
    },
  ],
  [
    'no token is asked for, and nothing is said about it',
    async () => {
      const { ask, asked } = await stubbed()
      const response = await ask(undefined)
      same(response.headers.get('www-authenticate'), 'Bearer realm="api"', 'the challenge')
      same(await seen(response), [401, ''])
      same(asked, [], 'what was fetched')
    },
  ],
  ...Object.entries(wrongTokens()).map(([name, make]) => [
    `${name} is refused with 401`,
    async () => {
      const { ask, key } = await stubbed()
      const response = await ask(await make(key))
      same(response.headers.get('www-authenticate').startsWith('Bearer realm="api", error="invalid_token", '), true)
      same(await seen(response), [401, 'invalid_token'])
    },
  ]),
  [
    'two credentials are refused with 400',
    async () => {
      const { ask, good } = await stubbed()
      same(await seen(await ask(`${await good()}, Bearer ${await good()}`)), [400, 'invalid_request'])
    },
  ],
  [
    'a missing scope is refused with 403',
    async () => {
      const { ask, key } = await stubbed()
      const response = await ask(await mint(key, ISSUER, { scope: 'orders:write' }))
      same(/scope="orders:read"/.test(response.headers.get('www-authenticate')), true)
      same(await seen(response), [403, 'insufficient_scope'])
    },
  ],
  [
    'an issuer that is down is answered with 503 and Retry-After',
    async () => {
      const { ask, good, cut } = await stubbed()
      cut(true)
      const response = await ask(await good())
      same(/^[1-9]\d*$/.test(response.headers.get('retry-after')), true)
      same(await seen(response), [503, 'temporarily_unavailable'])
    },
  ],
  ...Object.keys(ALGORITHMS).map((algorithm) => [
    `${algorithm} verifies, and refuses another key's signature`,
    async () => {
      const { ask, good } = await stubbed(algorithm)
      same(await seen(await ask(await good())), accepted)
      const other = await signingKey(algorithm)
      same(await seen(await ask(await mint(other, ISSUER))), [401, 'invalid_token'])
    },
  ]),
  [
    '50 requests at once share one fetch',
    async () => {
      const { ask, good, asked } = await stubbed()
      const token = await good()
      const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await ask(token)).status))
      same(
        statuses.filter((status) => status !== 200),
        [],
      )
      same(asked.length, 2, 'the number of fetches')
    },
  ],
  [
    'a rotated key is found, and the old one is gone',
    async () => {
      const { ask, good, published } = await stubbed()
      const old = await good()
      same((await ask(old)).status, 200)
      const next = await signingKey('ES256', 'key-2')
      published.splice(0, 1, next.jwk)
      same(await seen(await ask(await mint(next, ISSUER))), accepted)
      same(await seen(await ask(old)), [401, 'invalid_token'])
    },
  ],
  [
    'keys that were exported serve a cold start without a fetch',
    async () => {
      const { options, asked, good } = await stubbed()
      const first = createVerifier(options)
      await first.warmUp()
      const seedKeys = JSON.parse(JSON.stringify(first.exportKeys()))
      const second = createVerifier({ ...options, seedKeys })
      same((await second.verify(await good())).subject, 'user-1')
      same(asked.length, 2, 'the number of fetches')
    },
  ],
  [
    'claims cannot be changed by a handler',
    async () => {
      const { options, good } = await stubbed()
      const { claims } = await createVerifier(options).verify(await good())
      same([Object.isFrozen(claims), Reflect.set(claims, 'scope', 'admin')], [true, false])
    },
  ],
  [
    'close() ends a verifier that goes on verifying',
    async () => {
      const { options, good } = await stubbed()
      const verifier = createVerifier(options)
      await verifier.close()
      same((await verifier.verify(await good())).subject, 'user-1')
    },
  ],
  [
    'keys come from a server on loopback',
    async ({ origin }) => {
      const key = await signingKey()
      const { issuer } = await onLoopback(origin, key)
      const ask = loopbackHandler(issuer)
      same(await seen(await ask(request(await mint(key, issuer)))), accepted)
      const other = await signingKey()
      same(await seen(await ask(request(await mint(other, issuer)))), [401, 'invalid_token'])
    },
  ],
  [
    'a key that the server rotates is found',
    async ({ origin }) => {
      const [key, next] = [await signingKey(), await signingKey('ES256', 'key-2')]
      const { issuer, control } = await onLoopback(origin, key)
      const ask = loopbackHandler(issuer)
      same((await ask(request(await mint(key, issuer)))).status, 200)
      await control({ keys: [next.jwk] })
      same(await seen(await ask(request(await mint(next, issuer)))), accepted)
    },
  ],
  [
    'a redirect is not followed',
    async ({ origin }) => {
      const key = await signingKey()
      const { issuer, control } = await onLoopback(origin, key, { redirects: true })
      same(await seen(await loopbackHandler(issuer)(request(await mint(key, issuer)))), [
        503,
        'temporarily_unavailable',
      ])
      same((await control({})).followed, 0, 'the number of redirects followed')
    },
  ],
  [
    'a key set without end is not read to its end',
    async ({ origin }) => {
      const key = await signingKey()
      const { issuer } = await onLoopback(origin, key, { isEndless: true })
      const answer = loopbackHandler(issuer)(request(await mint(key, issuer)))
      same(await seen(await within(4000, answer)), [503, 'temporarily_unavailable'])
    },
  ],
  [
    'a server that nobody runs is answered with 503',
    async () => {
      const key = await signingKey()
      const issuer = 'http://127.0.0.1:9'
      same(await seen(await loopbackHandler(issuer)(request(await mint(key, issuer)))), [
        503,
        'temporarily_unavailable',
      ])
    },
  ],
  [
    'tenants keep to their hosts',
    async ({ origin }) => {
      const key = await signingKey()
      const { issuer } = await onLoopback(origin, key)
      const resolve = (name) => jwtIssuer({ issuer: name, allowLoopbackHttp: true })
      const code = async (network) => {
        const tenants = tenantIssuers({ allow: () => true, network, resolve })
        const verifier = createVerifier({ issuer: tenants, audience: AUDIENCE })
        const told = verifier.verify(await mint(key, issuer))
        return told.then(
          ({ subject }) => subject,
          (error) => error.code,
        )
      }
      same(await code([new URL(issuer).host]), 'user-1')
      same(await code(['elsewhere.example']), 'KEYS_UNAVAILABLE')
    },
  ],
]

function wrongTokens() {
  return {
    'a token with a changed claim': async (key) => {
      const [header, , signature] = (await mint(key, ISSUER)).split('.')
      const [, claims] = (await mint(key, ISSUER, { sub: 'admin' })).split('.')
      return [header, claims, signature].join('.')
    },
    'an unsigned token': async (key) => {
      const [, claims] = (await mint(key, ISSUER)).split('.')
      return `${encoded(JSON.stringify({ alg: 'none', typ: 'at+jwt' }))}.${claims}.`
    },
    'a token that expired': async (key) => mint(key, ISSUER, { exp: 1_000_000_000 }),
    'a token for another API': async (key) => mint(key, ISSUER, { aud: 'https://other.example' }),
    'a token of another issuer': async (key) => mint(key, 'https://other.example'),
    'an ID token': async (key) => mint(key, ISSUER, { nonce: 'n', client_id: undefined }, { typ: 'JWT' }),
    'a token with a critical extension': async (key) => mint(key, ISSUER, {}, { crit: ['x'], x: 1 }),
    'a token bound to a key': async (key) => mint(key, ISSUER, { cnf: { jkt: 'x' } }),
    'a token that names a key of its own': async (key) => {
      const own = await signingKey()
      return mint(own, ISSUER, {}, { jwk: own.jwk, kid: key.kid })
    },
    'something else': async () => 'opaque',
  }
}
