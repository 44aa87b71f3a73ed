import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { native as webPath } from '../../../packages/core/src/cryptography.ts'
import { sha256 } from '../../../packages/core/src/internal/sha256.ts'
import type { Algorithm } from '../../../packages/core/src/issuers/algorithms.ts'
import { ALGORITHMS } from '../../../packages/core/src/issuers/algorithms.ts'
import type { KeySet } from '../../../packages/core/src/issuers/keys/key-set.ts'
import { readKeySet } from '../../../packages/core/src/issuers/keys/key-set.ts'
import { scene } from '../scene.ts'

// The whole suite runs twice, once on each path, and this is where it says which one: see vitest.config.ts.
const isNodePath = process.env['TOKENWARD_CRYPTOGRAPHY'] !== 'web'
/** What the Node path checks; the rest stays with jose on either. */
const CHECKED: ReadonlySet<Algorithm> = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'Ed25519',
  'EdDSA',
])

async function keySetOf(algorithm: Algorithm): Promise<KeySet> {
  const { issuer } = await scene({ algorithm })
  const set = await readKeySet(issuer.jwks(), undefined)
  if (typeof set === 'string') throw new Error(set)
  return set
}

describe(`the ${isNodePath ? 'Node' : 'web'} path is active`, () => {
  test('a hash is there at once, or is waited for', () => {
    expect(typeof sha256('abc') === 'string').toBe(isNodePath)
  })

  test.each(ALGORITHMS)('%s is checked by the host, or by jose', async (algorithm) => {
    const [key] = (await keySetOf(algorithm)).keys
    await key?.material(algorithm) // where it was imported for the other name of its algorithm
    expect(key?.nativeCheck(algorithm) !== undefined).toBe(isNodePath && CHECKED.has(algorithm))
  })

  test('the web path has nothing of its own', () => {
    expect(webPath).toBeUndefined()
  })
})
