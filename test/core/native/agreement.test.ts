import { describe, expect, test } from 'vitest'
import { bothOf, encoded, signature, signingInput, subjects } from './differential.ts'

// jose and the Node path, asked about the same octets with the same key, answer alike.

describe.each(subjects)('$title', (subject) => {
  const { algorithm } = subject
  const signed = signingInput(algorithm)
  const good = withoutLeadingZero(() => signature(subject, signed))

  test('a good signature, of short and of long texts', async () => {
    const both = await bothOf(subject)
    for (const payload of ['', { sub: 'user-1' }, { pad: 'x'.repeat(16_000) }]) {
      const text = signingInput(algorithm, payload)
      expect(await both(text, signature(subject, text))).toBe(true)
    }
  })

  test('a signature that is cut, extended, empty, zero or turned round', async () => {
    const both = await bothOf(subject)
    const zero = (length: number): Uint8Array => new Uint8Array(length)
    const lengths = [0, 1, 31, 32, 63, 64, 65, 70, 71, 72, 96, 128, 132, 256, 384, 512, 513]
    for (const changed of [
      ...lengths.map(zero),
      ...lengths.map((length) => zero(length).fill(0xff)),
      ...lengths.map((length) => good.slice(0, Math.min(length, good.length - 1))),
      good.slice(1),
      new Uint8Array([...good, 0]),
      new Uint8Array([0, ...good]),
      new Uint8Array([...good, ...good]),
      new Uint8Array([...good.slice(good.length / 2), ...good.slice(0, good.length / 2)]),
      good.toReversed(),
    ])
      expect(await both(signed, changed)).toBe(false)
    expect(await both(signed, good)).toBe(true)
  })

  test('a good signature of something else', async () => {
    const both = await bothOf(subject)
    for (const text of [signingInput(algorithm, { sub: 'user-2' }), `${signed} `, signed.slice(0, -1), '.', ''])
      expect(await both(signed, signature(subject, text))).toBe(false)
    const [header = '', payload = ''] = signed.split('.')
    for (const other of [`${header}.`, `${header}.${encoded({ sub: 'admin' })}`, `${payload}.${payload}`])
      expect(await both(other, good)).toBe(false)
  })

  test('a signature of another key', async () => {
    const both = await bothOf(subject)
    for (const other of subjects.filter((one) => one.algorithm === algorithm && one.privateKey !== subject.privateKey))
      expect(await both(signed, signature(other, signed)), other.title).toBe(false)
  })
})

/** OpenSSL takes a PSS signature that lost the zero it began with for good; rsa.test.ts asks about that. */
function withoutLeadingZero(sign: () => Uint8Array): Uint8Array {
  let made = sign()
  for (let round = 0; made[0] === 0 && round < 100; round += 1) made = sign()
  return made
}
