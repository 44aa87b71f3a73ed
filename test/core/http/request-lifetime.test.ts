import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fromNodeRequest } from '@tokenward/core'
import { expect, test } from 'vitest'

// Engines keep the shape of every object literal that has a getter until the next full collection, and with it all that
// the getter sees. One per request made a collection of the young cost ten times as much.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void // as that flag says
const FIELD = Buffer.alloc(1000, 'x')
const ROUNDS = 9
const REQUESTS = 2000

/** How many octets of a request are still there: the median, since now and then V8 collects everything on its own. */
function heldAfter(read: (headers: { readonly authorization: string }) => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => heldAfterOne(read))
  return rounds.toSorted((one, other) => one - other)[(ROUNDS - 1) / 2] ?? NaN
}

function heldAfterOne(read: (headers: { readonly authorization: string }) => unknown): number {
  collect()
  const before = process.memoryUsage().heapUsed
  for (let request = 0; request < REQUESTS; request += 1) {
    read({ authorization: `Bearer ${FIELD.toString('latin1')}` })
    if (request % 500 === 0) collect({ type: 'minor' })
  }
  collect({ type: 'minor' })
  return (process.memoryUsage().heapUsed - before) / REQUESTS
}

test('a request that was answered is gone with the next collection of the young', () => {
  const held = heldAfter((headers) => fromNodeRequest({ method: 'GET', headers }).headerValues('authorization'))
  expect(held).toBeLessThan(FIELD.length / 4)
})

test('one that its shape holds is found', () => {
  const held = heldAfter((headers) => ({
    get url() {
      return headers.authorization
    },
    headerValues: () => [headers.authorization],
  }))
  expect(held).toBeGreaterThan(FIELD.length / 2)
})
