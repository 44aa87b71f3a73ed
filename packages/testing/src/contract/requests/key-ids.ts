import type { ContractRequest } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { granted, group, invalidToken, MARK, token } from './contract-request.ts'

const keyUnknown = invalidToken('KEY_UNKNOWN')

/** A kid looks a key up, and does nothing else (RFC 7515 section 4.1.4, RFC 8725 section 3.10). */
export async function keyIdRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return [...(await unknownIds(world)), ...(await noStrings(world)), ...(await codePoints(world))]
}

async function unknownIds({ withHeader, keys, issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { kid } = keys.main
  const names = [...hostileIds, `${kid} `, ` ${kid}`, `${kid}\u0000`, kid.toUpperCase()]
  return group('a kid that names no key', [
    ...(await Promise.all(
      names.map(async (name) => token(JSON.stringify(name).slice(0, 40), await withHeader({ kid: name }), keyUnknown)),
    )),
    ...(await Promise.all(
      Object.entries(keys.unusable).map(async ([name, key]) =>
        token(`a key ${name}`, await issuer.mint({}, { key }), keyUnknown),
      ),
    )),
    token(
      'a key that is not on its curve',
      await issuer.mint({}, { key: keys.es256, header: { kid: 'off-curve' } }),
      keyUnknown,
    ),
    token(
      'a key to agree on keys',
      await issuer.mint({}, { key: keys.ed25519, header: { kid: 'agreement' } }),
      keyUnknown,
    ),
  ])
}

const hostileIds = [
  '',
  MARK,
  '../../../../etc/passwd',
  '/dev/null',
  `https://${MARK}.example/jwks`,
  "' OR '1'='1",
  "x' UNION SELECT 'secret' --",
  '$(id)',
  '{{7*7}}',
  '%s%s%n',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  '*',
  '.*',
  '0',
  MARK.padEnd(10_000, 'k'),
]

async function noStrings({ withHeader, keys }: ContractWorld): Promise<readonly ContractRequest[]> {
  const { kid } = keys.main
  const values: readonly unknown[] = [1, 0, null, true, [kid], { kid }]
  return group(
    'a kid that is no string',
    await Promise.all(
      values.map(async (value) =>
        token(JSON.stringify(value), await withHeader({ kid: value }), invalidToken('TOKEN_MALFORMED')),
      ),
    ),
  )
}

async function codePoints({ withHeader, keys }: ContractWorld): Promise<readonly ContractRequest[]> {
  return group('kid compares by code points', [
    token('outside of the basic plane', await withHeader({ alg: 'ES256', kid: '\u{1d11e}' }, keys.clef), granted),
    token(
      'outside of the basic plane, escaped',
      await withHeader(String.raw`{"alg":"ES256","typ":"at+jwt","kid":"\ud834\udd1e"}`, keys.clef),
      granted,
    ),
    token('half of it', await withHeader({ alg: 'ES256', kid: '\ud834' }, keys.clef), keyUnknown),
    token('escaped', await withHeader(`{"alg":"RS256","typ":"at+jwt","kid":"${escapeAll(keys.main.kid)}"}`), granted),
  ])
}

function escapeAll(text: string): string {
  return Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}
