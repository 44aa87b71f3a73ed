import { createHook } from 'node:async_hooks'
import { beforeEach, describe, expect, test } from 'vitest'
import { native } from '../../../packages/core/src/node/cryptography.ts'
import type { Subject } from './differential.ts'
import { ecSubjects, edSubjects, imported, publicJwk, rsaSubjects, signature, signingInput } from './differential.ts'

// An RS256 check is sooner done than handed over. One of a curve is dear, and one of PS256 is not much cheaper handed over
// than done, so where many come in one turn of the event loop the pool does them on the other cores. What came back from the pool is told by async_hooks, so that nothing here is a matter of time.

/** How many signature checks came back from the thread pool during `work`. */
async function fromPool(work: () => Promise<void>): Promise<number> {
  const checks = new Set<number>()
  let returned = 0
  const hook = createHook({
    init: (id, type) => {
      if (type === 'SIGNREQUEST') checks.add(id)
    },
    before: (id) => {
      if (checks.has(id)) returned += 1
    },
  }).enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return returned
}

async function atOnce(subject: Subject, count: number): Promise<number> {
  const { algorithm, privateKey } = subject
  const check = native?.signatureCheck(await imported(publicJwk(privateKey), algorithm), algorithm)
  const signed = signingInput(algorithm)
  const good = signature(subject, signed)
  return fromPool(async () => {
    const answers = Array.from({ length: count }, async (_, index) =>
      check?.(signed, index % 2 === 0 ? good : bad(good)),
    )
    expect(await Promise.all(answers)).toEqual(Array.from({ length: count }, (_, index) => index % 2 === 0))
  })
}

function bad(good: Uint8Array): Uint8Array {
  return good.map((octet, at) => (at === 40 ? octet ^ 1 : octet))
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const rsaSubject = rsaSubjects.find(({ algorithm }) => algorithm === 'RS256')
const pssSubject = rsaSubjects.find(({ algorithm }) => algorithm === 'PS256')
const shared = [pssSubject, ecSubjects[0], edSubjects[0]].filter((subject) => subject !== undefined)

beforeEach(turn)

describe.each(shared)('$title', (subject) => {
  test('64 at once are checked by the pool', async () => {
    expect(await atOnce(subject, 64)).toBeGreaterThanOrEqual(60)
  })

  test.each([1, 2])('%i at a time is not worth the way', async (count) => {
    expect(await atOnce(subject, count)).toBe(0)
  })

  test('one a turn is not, after a crowd either', async () => {
    await atOnce(subject, 64)
    for (let round = 0; round < 40; round += 1) {
      await turn()
      expect(await atOnce(subject, 1)).toBe(0)
    }
  })

  test('many in one turn are, also where each is answered before the next one comes', async () => {
    const callback = (): Promise<number> =>
      new Promise((resolve, reject) => {
        setImmediate(() => void atOnce(subject, 1).then(resolve, reject))
      })
    const pooled = await Promise.all(Array.from({ length: 20 }, callback))
    expect(pooled.some((count) => count > 0)).toBe(true)
  })

  test('the pool says what is said at once, of good signatures and of bad ones', async () => {
    const { algorithm, privateKey } = subject
    const key = await imported(publicJwk(privateKey), algorithm)
    const ask = native?.signatureCheck(key, algorithm)
    // not async, since a microtask between two of them would part them
    const check = (octets: Uint8Array): Promise<unknown> => Promise.resolve(ask?.(signed, octets))
    const signed = signingInput(algorithm)
    const good = signature(subject, signed)
    const changed = Array.from({ length: good.length }, (_, at) =>
      good.map((octet, index) => octet ^ Number(index === at)),
    )
    const lengths = [0, 1, good.length - 1, good.length + 1, 5_000].map((length) => {
      const octets = new Uint8Array(length)
      octets.set(good.subarray(0, length))
      return octets
    })
    for (const octets of [good, ...changed, ...lengths, good.map(() => 0), good.map(() => 255)]) {
      await turn()
      const alone = await check(octets)
      const together = await Promise.all(Array.from({ length: 4 }, () => check(octets)))
      expect(new Set([alone, ...together])).toEqual(new Set([octets === good]))
    }
  })

  test('one after the other is not, however many', async () => {
    for (let round = 0; round < 20; round += 1) expect(await atOnce(subject, 1)).toBe(0)
  })
})

describe.each([ecSubjects[0], edSubjects[0]].filter((subject) => subject !== undefined))('$title', (subject) => {
  test('what has the wrong length is counted by nobody', async () => {
    const { algorithm, privateKey } = subject
    const check = native?.signatureCheck(await imported(publicJwk(privateKey), algorithm), algorithm)
    const refused = async (): Promise<void> => {
      const answers = Array.from({ length: 64 }, async () => check?.(signingInput(algorithm), new Uint8Array(63)))
      expect(new Set(await Promise.all(answers))).toEqual(new Set([false]))
    }
    expect(await fromPool(refused)).toBe(0)
    expect(await atOnce(subject, 1)).toBe(0)
  })
})

test('RS256 never is', async () => {
  if (rsaSubject === undefined) throw new Error('there is no key')
  expect(await atOnce(rsaSubject, 64)).toBe(0)
})
