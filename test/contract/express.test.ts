import { expect } from 'vitest'

import type { ProblemsOfGroups } from './keeps-the-contract.ts'

import { contractApp } from '../express/contract-app.ts'
import { expressVersions } from '../express/versions.ts'
import { verifies } from '../requirements/verifies.ts'
import { keepsTheContract, keepsTheContractFor } from './keeps-the-contract.ts'

for (const [version, express] of expressVersions) {
  await keepsTheContract(version, { start: contractApp(express) }, requirements)
  await keepsTheContractFor('control characters', `${version}, with a lenient parser`, {
    start: contractApp(express, { controlCharacters: 'carried' }),
    transport: { controlCharacters: 'carried' },
  })
  await keepsTheContractFor('size', `${version}, with the limit of Node`, {
    start: contractApp(express, { largeFields: 'refused' }),
    transport: { largeFields: 'refused' },
  })
}

/** What the RFCs demand of these requests, whatever the framework. */
function requirements(problemsOf: ProblemsOfGroups): void {
  verifies(
    'RFC9110-11.1-a',
    'OAUTH21-5.1.1-a',
    'RFC6750-2.1-a',
  )('takes the scheme in any case', async () => {
    expect(await problemsOf('the scheme in any case')).toEqual([])
  })

  verifies('RFC6750-2.1-b')('takes spaces between scheme and token, and no other white space', async () => {
    expect(await problemsOf('spaces around and inside')).toEqual([])
  })

  verifies(
    'RFC6749-A.12-a',
    'RFC6750-3.1-c',
    'RFC9110-11.2-a',
  )('answers 400 to what is no b64token', async () => {
    expect(await problemsOf('nothing to verify', 'octets that no b64token has', 'control characters')).toEqual([])
  })

  verifies('RFC6750-3.1-j')('says nothing of an error where another scheme came', async () => {
    expect(await problemsOf('another scheme is no credential')).toEqual([])
  })

  verifies('RFC9110-5.3-a')('answers 400 to two Authorization lines', async () => {
    expect(await problemsOf('the field twice')).toEqual([])
  })

  verifies(
    'RFC6750-2.3-a',
    'RFC6750-5.3-a',
    'OAUTH21-5.1-a',
    'OAUTH21-7.1-a',
    'RFC9700-4.3.2-a',
    'MCP-TOK-d',
  )('finds a token only in the Authorization field', async () => {
    expect(await problemsOf('a token anywhere else is not seen', 'the Authorization field decides alone')).toEqual([])
  })

  verifies('RFC9110-9.3.2-a')('answers HEAD with the fields of GET and without content', async () => {
    expect(await problemsOf('HEAD')).toEqual([])
  })

  verifies(
    'RFC7515-5.2-a',
    'RFC7515-7.2-a',
    'RFC7516-9-a',
    '8725bis-3.3-b',
    '8725bis-3.14-a',
  )('reads three segments of strict base64url', async () => {
    expect(
      await problemsOf(
        'three segments, or no JWT',
        'JSON serialization',
        'base64url as strict as it is written',
        'octets that no b64token has',
      ),
    ).toEqual([])
  })

  verifies(
    '8725bis-3.15-a',
    '8725bis-3.13-a',
    'NONE-RSA15-a',
  )('decrypts and decompresses nothing', async () => {
    expect(await problemsOf('three segments, or no JWT', 'algorithms that nobody allowed')).toEqual([])
  })

  verifies(
    'RFC7515-5.2-b',
    'RFC7515-10.12-a',
    'RFC7519-7.2-a',
    'RFC8725-3.7-a',
  )('reads JSON objects in UTF-8 and nothing else', async () => {
    expect(await problemsOf('JSON objects in UTF-8 and nothing else', 'depth')).toEqual([])
  })

  verifies('RFC7515-4-a', 'RFC7519-4-a')('refuses a member name that stands twice', async () => {
    expect(await problemsOf('member names stand once')).toEqual([])
  })

  verifies(
    'RFC7518-3.6-a',
    'RFC9068-2.1-a',
    'RFC9068-4-f',
    'RFC8725-3.2-b',
  )('never accepts alg none', async () => {
    expect(await problemsOf('alg none')).toEqual([])
  })

  verifies('RFC7515-4.1.1-a', 'RFC7515-4.1.1-b')('knows algorithms by their exact names', async () => {
    expect(await problemsOf('algorithms that nobody allowed')).toEqual([])
  })

  verifies('RFC8725-3.1-b')('has no use for HMAC, whatever the secret', async () => {
    expect(await problemsOf('HMAC with the public key')).toEqual([])
  })

  verifies(
    'RFC9068-4-j',
    'RFC7517-5-b',
    'RFC7517-4.5-a',
  )('verifies with every usable key of a mixed set', async () => {
    expect(await problemsOf('every usable key of the set')).toEqual([])
  })

  verifies(
    'RFC7515-4.1.2-a',
    'RFC7515-4.1.3-a',
    'RFC7515-4.1.5-a',
    'RFC7515-4.1.6-a',
    'RFC8725-3.10-b',
  )('takes no key from a token and follows no URL in it', async () => {
    expect(await problemsOf('a key from the token itself')).toEqual([])
    expect(await problemsOf('after all of them')).toEqual([])
  })

  verifies(
    'RFC7515-6-a',
    'RFC8725-3.10-a',
    'RFC7518-3.3-a',
    'RFC7517-4.2-a',
    'RFC7517-4.3-a',
    'RFC8725-3.4-a',
  )('looks a kid up and does nothing else with it', async () => {
    expect(await problemsOf('a kid that names no key', 'hostile texts')).toEqual([])
  })

  verifies('RFC7515-4.1.4-a', 'RFC7515-10.13-a')('compares kid as a string, by code points', async () => {
    expect(await problemsOf('a kid that is no string', 'kid compares by code points')).toEqual([])
  })

  verifies(
    'RFC7515-4.1.11-a',
    'RFC7515-4.1.11-b',
    'RFC7797-6-a',
    'RFC7797-7-a',
    'RFC7515-4-b',
  )('refuses crit and b64, and ignores what it does not know', async () => {
    expect(await problemsOf('crit and b64')).toEqual([])
  })

  verifies('RFC6750-5.2-a', 'RFC7515-5.2-c')('notices every change', async () => {
    expect(await problemsOf('changed after it was signed')).toEqual([])
  })

  verifies(
    'RFC7518-3.4-a',
    'RFC7518-3.5-a',
    'RFC7515-10.6-a',
  )('refuses signatures that are nearly good', async () => {
    expect(await problemsOf('ECDSA and EdDSA signatures', 'RSA signatures')).toEqual([])
  })

  verifies(
    'RFC7517-4.4-a',
    'RFC7518-3.4-b',
    'RFC8037-4-a',
  )('uses a key only for what it is for', async () => {
    expect(await problemsOf('a key that does not fit', 'RSA signatures')).toEqual([])
  })

  verifies(
    'RFC7515-4.1.9-a',
    'RFC9068-4-a',
    'RFC8725-3.11-a',
  )('knows an access token by its typ', async () => {
    expect(await problemsOf('typ of an access token', 'typ of anything else')).toEqual([])
  })

  verifies(
    'RFC8725-3.12-a',
    'RFC9068-5-a',
    'RFC9701-8.1-a',
  )('takes no other token of the issuer', async () => {
    expect(await problemsOf('other tokens of the same issuer')).toEqual([])
  })

  verifies('RFC9068-4-c', 'RFC7515-5.3-a')('compares the issuer exactly', async () => {
    expect(await problemsOf('the claim iss')).toEqual([])
  })

  verifies(
    'RFC7519-4.1.3-a',
    'RFC7519-4.1.3-b',
    'RFC9068-4-d',
    'RFC8725-3.9-a',
    'MCP-TOK-b',
  )('wants to be named in aud', async () => {
    expect(await problemsOf('the claim aud')).toEqual([])
  })

  verifies(
    'RFC7519-4.1.4-a',
    'RFC7519-4.1.4-b',
    'RFC7519-4.1.5-a',
    'RFC9068-4-g',
  )('reads dates strictly', async () => {
    expect(await problemsOf('the claim exp', 'the claim nbf', 'the claim iat')).toEqual([])
  })

  verifies('RFC7519-4.1.1-a', 'RFC9068-2.2-a')('wants the claims of the profile, as strings', async () => {
    expect(await problemsOf('who the token is for')).toEqual([])
  })

  verifies(
    'RFC8705-3-c',
    'RFC9449-7.2-a',
    'RFC7800-3.1-a',
  )('never takes a bound token for a bearer token', async () => {
    expect(await problemsOf('the claim cnf')).toEqual([])
  })

  verifies(
    'RFC6749-3.3-a',
    'RFC6749-3.3-b',
    'RFC8693-4.2-a',
    'RFC6750-3.1-g',
  )('compares scopes whole', async () => {
    expect(await problemsOf('the claim scope', 'a scope is lacking')).toEqual([])
  })
}
