import { createVerifier, jwtIssuer, tenantIssuers } from '@tokenward/core'
import { guardedFetch } from '@tokenward/core/node'
import { same } from './expect.js'
import { AUDIENCE, mint, signingKey } from './tokens.js'

/** What came of a fetch: the status, or why it was refused. */
async function told(options, url) {
  try {
    return (await guardedFetch(options)(url, {})).status
  } catch (error) {
    return error.code
  }
}

/** The loopback server under a name that only the injected resolver knows. */
const named = (origin) => `http://name.example:${new URL(origin).port}/issuers`
const lookup =
  (...addresses) =>
  async () =>
    addresses.map((address) => ({ address, family: 4 }))

/** Where Node's own modules are. A runtime that ignores `lookup` would connect to what was never judged. */
export const guardedCases = [
  [
    'guardedFetch connects to what was judged and to nothing else',
    async ({ origin }) => {
      const url = named(origin)
      same(await told({ lookup: lookup('127.0.0.1'), allowLoopback: true }, url), 404)
      same(await told({ lookup: lookup('127.0.0.1') }, url), 'ADDRESS_REFUSED')
      same(await told({ lookup: lookup('8.8.8.8', '10.0.0.1') }, url), 'ADDRESS_REFUSED')
      same(await told({ lookup: lookup() }, url), 'ADDRESS_REFUSED')
    },
  ],
  [
    'guardedFetch judges the names that the host itself resolves',
    async ({ origin }) => {
      same(await told({}, `http://localhost:${new URL(origin).port}/issuers`), 'ADDRESS_REFUSED')
    },
  ],
  [
    'guardedFetch judges what https connects to as well',
    async ({ origin }) => {
      const { port } = new URL(origin)
      same(await told({ lookup: lookup('10.0.0.1') }, `https://localhost:${port}/issuers`), 'ADDRESS_REFUSED')
      same(await told({}, `https://localhost:${port}/issuers`), 'ADDRESS_REFUSED')
      same(await told({}, `https://127.0.0.1:${port}/issuers`), 'ADDRESS_REFUSED')
    },
  ],
  [
    'guardedFetch judges addresses in whatever spelling',
    async () => {
      for (const host of [
        '127.0.0.1',
        '127.1',
        '0x7f.1',
        '2130706433',
        '[::1]',
        '[::ffff:7f00:1]',
        '169.254.169.254',
        '0',
      ])
        same(await told({}, `http://${host}:9/`), 'ADDRESS_REFUSED', host)
    },
  ],
  [
    'guardedFetch judges anew what a name leads to',
    async ({ origin }) => {
      const answers = ['127.0.0.1', '10.0.0.1']
      const options = { allowLoopback: true, lookup: async () => [{ address: answers.shift(), family: 4 }] }
      const fetch = guardedFetch(options)
      same((await fetch(named(origin), {})).status, 404)
      same(
        await fetch(named(origin), {}).then(
          ({ status }) => status,
          (error) => error.code,
        ),
        'ADDRESS_REFUSED',
      )
    },
  ],
  [
    'a verifier of tenants fetches keys through guardedFetch',
    async ({ origin }) => {
      const key = await signingKey()
      const asking = await fetch(`${origin}/issuers`, { method: 'POST', body: JSON.stringify({ keys: [key.jwk] }) })
      const { issuer } = await asking.json()
      const tenants = tenantIssuers({
        allow: () => true,
        network: guardedFetch({ allowLoopback: true }),
        resolve: (name) => jwtIssuer({ issuer: name, allowLoopbackHttp: true }),
      })
      const verifier = createVerifier({ issuer: tenants, audience: AUDIENCE })
      same((await verifier.verify(await mint(key, issuer))).subject, 'user-1')
    },
  ],
]
