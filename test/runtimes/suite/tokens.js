/** Tokens and keys with nothing but WebCrypto, so that every runtime makes its own. */

export const AUDIENCE = 'https://api.example'

const ES256 = { name: 'ECDSA', hash: 'SHA-256' }

/** What WebCrypto calls the algorithms: to make a key, and to sign with it. */
export const ALGORITHMS = {
  RS256: [rsa('RSASSA-PKCS1-v1_5', 'SHA-256'), { name: 'RSASSA-PKCS1-v1_5' }],
  PS256: [rsa('RSA-PSS', 'SHA-256'), { name: 'RSA-PSS', saltLength: 32 }],
  ES256: [{ name: 'ECDSA', namedCurve: 'P-256' }, ES256],
  ES384: [
    { name: 'ECDSA', namedCurve: 'P-384' },
    { name: 'ECDSA', hash: 'SHA-384' },
  ],
  ES512: [
    { name: 'ECDSA', namedCurve: 'P-521' },
    { name: 'ECDSA', hash: 'SHA-512' },
  ],
  Ed25519: [{ name: 'Ed25519' }, { name: 'Ed25519' }],
}

function rsa(name, hash) {
  return { name, hash, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
}

/** A key pair: the public JWK, and a function that signs tokens. */
export async function signingKey(algorithm = 'ES256', kid = 'key-1') {
  const [making, signing] = ALGORITHMS[algorithm]
  const { privateKey, publicKey } = await crypto.subtle.generateKey(making, true, ['sign', 'verify'])
  const exported = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk = { kty: exported.kty, use: 'sig', alg: algorithm, kid }
  for (const name of ['crv', 'x', 'y', 'n', 'e']) if (exported[name] !== undefined) jwk[name] = exported[name]
  const signAs = async (recipe, input) =>
    new Uint8Array(await crypto.subtle.sign(recipe, privateKey, new TextEncoder().encode(input)))
  const sign = async (header, claims) => {
    const input = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`
    return `${input}.${encoded(await signAs(signing, input))}`
  }
  return { algorithm, kid, jwk, sign, signAs }
}

/** A full RFC 9068 token, but for the changes. A claim given as undefined is left out. */
export async function mint(key, issuer, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'user-1',
    client_id: 'client-1',
    iat: now,
    exp: now + 300,
    jti: crypto.randomUUID(),
    scope: 'orders:read',
    ...claims,
  }
  return key.sign({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid, ...header }, all)
}

export function encoded(content) {
  const octets = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return btoa(String.fromCharCode(...octets))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

export function request(token, { method = 'GET' } = {}) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return new Request(`${AUDIENCE}/orders`, { method, headers })
}
