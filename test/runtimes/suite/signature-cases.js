import { createVerifier, jwtIssuer, staticKeys } from '@tokenward/core'
import { same } from './expect.js'
import { ALGORITHMS, AUDIENCE, encoded, mint, signingKey } from './tokens.js'

const ISSUER = 'https://issuer.example'
const refused = 'SIGNATURE_INVALID'

/** A key, and the code that a token is refused with, or `accepted`. */
async function trusting(algorithm) {
  const key = await signingKey(algorithm)
  const issuer = jwtIssuer({ issuer: ISSUER, keys: staticKeys({ keys: [key.jwk] }) })
  const verifier = createVerifier({ issuer, audience: AUDIENCE, cache: false })
  const said = async (token) =>
    verifier.verify(token).then(
      () => 'accepted',
      (error) => error.code ?? String(error),
    )
  // the first token has its key imported; the Node path comes after that
  same(await said(await mint(key, ISSUER)), 'accepted')
  return { key, said }
}

const octetsOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

/** A token's text that is signed, and its signature. */
function apart(token) {
  const end = token.lastIndexOf('.')
  return [token.slice(0, end), octetsOf(token.slice(end + 1))]
}

/** The sequence of two integers that other systems write an ECDSA signature as (RFC 3279 section 2.2.3). */
function der(signature) {
  const integer = (octets) => {
    const digits = [...octets.subarray(octets.findIndex((octet) => octet !== 0))]
    const whole = digits[0] >= 0x80 ? [0, ...digits] : digits
    return [2, whole.length, ...whole]
  }
  const integers = [...integer(signature.subarray(0, 32)), ...integer(signature.subarray(32))]
  return Uint8Array.from([0x30, integers.length, ...integers])
}

/** What every path has to say the same of, whoever checks the signatures. */
export const signatureCases = [
  ...Object.keys(ALGORITHMS).flatMap((algorithm) => [
    [
      `${algorithm}: a signature that was changed, cut or extended is refused`,
      async () => {
        const { key, said } = await trusting(algorithm)
        const [text, good] = apart(await mint(key, ISSUER))
        same(await said(`${text}.${encoded(good)}`), 'accepted')
        const flipped = [0, 7, 8, 200, good.length * 8 - 1].map((bit) =>
          good.map((octet, at) => (at === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet)),
        )
        for (const changed of [
          ...flipped,
          new Uint8Array(),
          new Uint8Array(64),
          new Uint8Array(good.length),
          new Uint8Array(good.length).fill(0xff),
          good.slice(0, -1),
          Uint8Array.from([...good, 0]),
          Uint8Array.from([0, ...good]),
        ])
          same(await said(`${text}.${encoded(changed)}`), refused, `the answer to ${encoded(changed)}`)
      },
    ],
    [
      `${algorithm}: a letter that only looks like one to a decoder is refused`,
      async () => {
        const { key, said } = await trusting(algorithm)
        const token = await mint(key, ISSUER)
        const [header, payload, signature] = token.split('.')
        const lifted = (text, at, lift) =>
          text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) | lift) + text.slice(at + 1)
        for (const lift of [0x0100, 0xff00, 0xd800]) {
          for (const at of [0, 5, 17]) {
            same(await said([lifted(header, at, lift), payload, signature].join('.')), 'TOKEN_MALFORMED')
            same(await said([header, lifted(payload, at, lift), signature].join('.')), 'TOKEN_MALFORMED')
            same(await said([header, payload, lifted(signature, at, lift)].join('.')), 'TOKEN_MALFORMED')
          }
        }
        same(await said(token), 'accepted')
      },
    ],
    [
      `${algorithm}: of 64 at once each has its own answer`,
      async () => {
        const { key, said } = await trusting(algorithm)
        const tokens = await Promise.all(Array.from({ length: 64 }, async () => mint(key, ISSUER)))
        const sent = tokens.map((token, index) => {
          const [, other] = apart(tokens[(index + 1) % 64])
          return index % 3 === 0 ? `${apart(token)[0]}.${encoded(other)}` : token
        })
        const answers = await Promise.all(sent.map(async (token) => said(token)))
        same(
          answers,
          answers.map((_, index) => (index % 3 === 0 ? refused : 'accepted')),
        )
      },
    ],
  ]),
  [
    'ES256: DER in place of r and s is refused',
    async () => {
      const { key, said } = await trusting('ES256')
      for (let round = 0; round < 8; round += 1) {
        const [text, good] = apart(await mint(key, ISSUER))
        same(await said(`${text}.${encoded(der(good))}`), refused)
      }
    },
  ],
  [
    'PS256: a salt of another length is refused',
    async () => {
      const { key, said } = await trusting('PS256')
      const [text] = apart(await mint(key, ISSUER))
      for (const saltLength of [0, 20, 31, 33, 64]) {
        const signature = await key.signAs({ name: 'RSA-PSS', saltLength }, text)
        same(await said(`${text}.${encoded(signature)}`), refused, `the answer to ${saltLength} octets of salt`)
      }
    },
  ],
]
