import { constants, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'

export const ISSUER = 'https://login.example.com'
export const AUDIENCE = 'https://orders.example.com'

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
const asReceived = (signature) => signature
// `EdDSA` is the one name of Ed25519 that every library knows.
const KINDS = {
  RS256: { type: 'rsa', options: { modulusLength: 2048 }, hash: 'sha256' },
  PS256: { type: 'rsa', options: { modulusLength: 2048 }, hash: 'sha256', signing: PSS, checking: PSS },
  ES256: {
    type: 'ec',
    options: { namedCurve: 'P-256' },
    hash: 'sha256',
    signing: { dsaEncoding: 'ieee-p1363' },
    signatureOf: toDer,
  },
  Ed25519: { type: 'ed25519', options: {}, hash: null, alg: 'EdDSA' },
}
const signInPool = promisify(sign)

export const ALGORITHMS = Object.keys(KINDS)

/**
 * An issuer of access tokens of RFC 9068, with one key. Its keys are on a loopback address for peers that fetch by
 * themselves, and behind `fetch` for those that take one.
 */
export async function openIssuer(algorithm, name = ISSUER) {
  const { type, options, hash, signing, checking, signatureOf = asReceived, alg = algorithm } = KINDS[algorithm]
  const { publicKey, privateKey } = generateKeyPairSync(type, options)
  const stranger = generateKeyPairSync(type, options).privateKey
  const kid = randomUUID()
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }] }
  const server = await serveJson(jwks)

  async function mint(claims = {}, signingKey = privateKey) {
    const header = encode({ alg, typ: 'at+jwt', kid })
    const signed = `${header}.${encode({ ...goodClaims(name), ...claims })}`
    const signature = await signInPool(hash, Buffer.from(signed), { key: signingKey, ...signing })
    return `${signed}.${signature.toString('base64url')}`
  }

  const facts = {
    issuer: name,
    audience: AUDIENCE,
    algorithm,
    alg,
    pem: publicKey.export({ format: 'pem', type: 'spki' }),
    jwks,
    jwksUrl: `${server.origin}/jwks`,
  }
  return {
    ...withFetch(facts),
    /** What another process needs to know. */
    facts,
    publicKey,
    /** What `crypto.verify` takes, in its fastest form: a key as it is, and the signature as it likes it. */
    nodeCheck: { hash, key: checking === undefined ? publicKey : { key: publicKey, ...checking }, signatureOf },
    mint,
    mintMany: (count) => Promise.all(Array.from({ length: count }, () => mint())),
    /** One bad token for each check that a verifier must make. */
    mintBad: async () => ({
      signature: await mint({}, stranger),
      issuer: await mint({ iss: 'https://other.example.com' }),
      audience: await mint({ aud: 'https://other.example.com' }),
      expiry: await mint({ exp: nowSeconds() - 3600 }),
    }),
    close: server.close,
  }
}

/** The metadata and keys of the issuer without a network. */
export function withFetch(facts) {
  const metadata = { issuer: facts.issuer, jwks_uri: `${facts.issuer}/jwks` }
  const answer = (url) => (url === metadata.jwks_uri ? facts.jwks : metadata)
  return { ...facts, fetch: (url) => Promise.resolve(Response.json(answer(String(url)))) }
}

/** As large as access tokens are: about 800 octets with an RSA signature. */
function goodClaims(issuer) {
  return {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'auth|5f7c8ec7c33c6c004bbafe82',
    client_id: 's6BhdRkqt3s6BhdRkqt3',
    iat: nowSeconds() - 5,
    exp: nowSeconds() + 7200,
    jti: randomUUID(),
    scope: 'openid profile orders:read orders:write',
    roles: ['customer', 'support'],
    tenant: 'acme',
  }
}

/** RFC 7518 section 3.4 to RFC 3279 section 2.2.3. */
function toDer(signature) {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((octets) => {
    const first = octets.findIndex((octet) => octet !== 0)
    const digits = octets.subarray(first)
    const padded = digits[0] > 127 ? [0, ...digits] : [...digits]
    return [2, padded.length, ...padded]
  })
  const content = integers.flat()
  return Buffer.from([0x30, content.length, ...content])
}

const nowSeconds = () => Math.floor(Date.now() / 1000)
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function serveJson(value) {
  const body = JSON.stringify(value)
  const server = createServer((request, response) => response.setHeader('content-type', 'application/json').end(body))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  server.unref()
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
