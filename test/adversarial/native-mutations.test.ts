import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Subject } from '../core/native/differential.ts'
import { bothOf, signature, signingInput, subjects } from '../core/native/differential.ts'
import { outcome, scene } from '../core/scene.ts'

// Whatever is changed about a token, jose and the Node path say the same of it, and it is no.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** One of each algorithm and size; core's own tests ask about the rest. */
const sample = subjects.filter(({ title }) =>
  ['RS256, 2048 bits, e = 3', 'RS512, 4096', 'PS256, 2048', 'PS384, 3072 bits, e = 65537', 'first key'].some((part) =>
    title.includes(part),
  ),
)

/** So many places of a length, its first and its last among them. */
function places(length: number, count = 256): readonly number[] {
  const step = Math.max(1, Math.floor(length / count))
  return Array.from({ length }, (_, at) => at).filter((at) => at % step === 0 || at < 8 || at >= length - 8)
}

function signed({ algorithm, ...subject }: Subject): { text: string; good: Uint8Array } {
  const text = signingInput(algorithm, { iss: 'https://issuer.example', sub: 'user-1', scope: 'orders:read' })
  return { text, good: signature({ algorithm, ...subject }, text) }
}

describe.each(sample)('$title', (subject) => {
  const { text, good } = signed(subject)

  test('a bit of the signature', async () => {
    const both = await bothOf(subject)
    for (const bit of places(good.length * 8)) {
      const changed = good.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet))
      expect(await both(text, changed), `bit ${bit}`).toBe(false)
    }
  })

  test('an octet of the signature', async () => {
    const both = await bothOf(subject)
    for (const place of places(good.length, 64)) {
      for (const other of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = good.map((octet, at) => (at === place ? other : octet))
        expect(await both(text, changed), `octet ${place}`).toBe(good[place] === other)
      }
    }
  })

  test('a letter of header or payload', async () => {
    const both = await bothOf(subject)
    for (const place of places(text.length)) {
      const letter = ALPHABET[(ALPHABET.indexOf(text[place] ?? '') + 1) % 64] ?? ''
      const changed = text.slice(0, place) + letter + text.slice(place + 1)
      expect(await both(changed, good), changed).toBe(false)
    }
  })

  test('random octets for a signature', async () => {
    const both = await bothOf(subject)
    const length = fc.oneof(fc.constant(good.length), fc.nat(good.length * 2))
    const octets = length.chain((size) => fc.uint8Array({ minLength: size, maxLength: size }))
    await fc.assert(
      fc.asyncProperty(octets, async (random) => {
        expect(await both(text, random)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('pieces of the signature that are overwritten, moved, repeated or left out', async () => {
    const both = await bothOf(subject)
    const at = fc.nat(good.length)
    const mutation = fc.oneof(
      fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([start, piece]) => {
        const changed = Uint8Array.from(good)
        changed.set(piece.subarray(0, good.length - start), start)
        return changed
      }),
      fc.tuple(at, at).map(([start, end]) => Uint8Array.from([...good.slice(0, start), ...good.slice(end)])),
      fc.tuple(at, at).map(([start, end]) => {
        const piece = good.slice(Math.min(start, end), Math.max(start, end))
        return Uint8Array.from([...piece, ...good.slice(0, good.length - piece.length)])
      }),
    )
    await fc.assert(
      fc.asyncProperty(mutation, async (changed) => {
        const same = Buffer.compare(changed, good) === 0
        const answer = await both(text, changed) // fails where they differ
        expect(answer && !same && !isShortened(changed)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  /** OpenSSL takes a PSS signature that lost the zeros it began with. */
  function isShortened(changed: Uint8Array): boolean {
    const lost = good.length - changed.length
    return lost > 0 && Buffer.compare(Uint8Array.from([...new Uint8Array(lost), ...changed]), good) === 0
  }
})

describe.each(['RS256', 'PS256', 'ES256', 'ES384', 'Ed25519', 'EdDSA'] as const)('a verifier and %s', (algorithm) => {
  test('no token that was changed anywhere passes, and none makes it throw anything else', async () => {
    const { issuer, verifier } = await scene({ algorithm })
    const token = await issuer.mint()
    expect(await outcome(verifier.verify(token))).toBe('accepted')
    const letter = fc.oneof(
      fc.constantFrom(...ALPHABET.split('')),
      fc.constantFrom('.', '=', '+', '/', ' ', '\0', 'Ł', 'é', '\ud800'),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    )
    const changed = fc
      .tuple(fc.nat(token.length), fc.nat(2), fc.string({ unit: letter, maxLength: 3 }))
      .map(([at, removed, added]) => token.slice(0, at) + added + token.slice(at + removed))
      .filter((other) => other !== token)
    await fc.assert(
      fc.asyncProperty(changed, async (other) => {
        expect(await outcome(verifier.verify(other))).not.toBe('accepted')
      }),
      { numRuns: 500 },
    )
    expect(await outcome(verifier.verify(token))).toBe('accepted')
  })
})
