import { memoryRevocations } from '@tokenward/core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Scene } from '../core/scene.ts'
import { outcome, scene } from '../core/scene.ts'

// A token has one spelling. One that a lenient decoder reads as the same token would have another hash, and with it
// come back after it was revoked.

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'Ed25519'] as const
/** What is added to a letter, so that its low octet stays: a decoder that looks at low octets reads the letter. */
const lifts = [0x0100, 0x2100, 0xff00, 0xd800, 0xdc00]
const parts = ['header', 'payload', 'signature'] as const

function respelled(token: string, part: number, place: number, lift: number): string {
  const segments = token.split('.')
  const text = segments[part] ?? ''
  const letter = String.fromCharCode(text.charCodeAt(place) | lift)
  segments[part] = text.slice(0, place) + letter + text.slice(place + 1)
  return segments.join('.')
}

describe.each(algorithms)('%s', (algorithm) => {
  let signing: Scene

  beforeAll(async () => {
    signing = await scene({ algorithm })
    await signing.verifier.verify(await signing.issuer.mint()) // from now on the key is imported
  })

  test.each(parts)('letters that look alike in their low octet are none: %s', async (part) => {
    const token = await signing.issuer.mint()
    const index = parts.indexOf(part)
    const length = token.split('.')[index]?.length ?? 0
    for (const place of [0, 1, Math.floor(length / 2), length - 1]) {
      for (const lift of lifts) {
        const spelling = respelled(token, index, place, lift)
        expect(await outcome(signing.verifier.verify(spelling)), JSON.stringify(spelling)).toBe('TOKEN_MALFORMED')
      }
    }
    expect(await outcome(signing.verifier.verify(token))).toBe('accepted')
  })

  test('a revoked token does not come back in another spelling', async () => {
    const revocations = memoryRevocations({ system: signing.clock })
    const verifier = signing.trusting({ revocations })
    const token = await signing.issuer.mint()
    expect(await outcome(verifier.verify(token))).toBe('accepted')
    await revocations.revoke({ token, keepSeconds: 600 })
    expect(await outcome(verifier.verify(token))).toBe('TOKEN_REVOKED')
    const length = token.split('.')[1]?.length ?? 0
    for (let place = 0; place < length; place += 1) {
      expect(await outcome(verifier.verify(respelled(token, 1, place, 0x0100)))).toBe('TOKEN_MALFORMED')
    }
  })

  test('nor does padding, space or another alphabet spell it', async () => {
    const token = await signing.issuer.mint()
    const [header = '', payload = '', signature = ''] = token.split('.')
    for (const padded of ['=', '==', '\n', ' ', '\0', '\u00a0', '%3D']) {
      for (const spelling of [
        `${header}${padded}.${payload}.${signature}`,
        `${header}.${payload}${padded}.${signature}`,
        `${header}.${payload}.${signature}${padded}`,
        `${padded}${header}.${payload}.${signature}`,
        `${header}.${padded}${payload}.${signature}`,
        `${header}.${payload}.${padded}${signature}`,
      ])
        expect(await outcome(signing.verifier.verify(spelling)), JSON.stringify(spelling)).toBe('TOKEN_MALFORMED')
    }
  })
})
