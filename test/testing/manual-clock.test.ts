import { manualClock } from '@tokenward/testing'
import { expect, it } from 'vitest'

it('stands still at its start', () => {
  const clock = manualClock(1_000)

  expect(clock.now()).toBe(1_000_000)
  expect(clock.nowSeconds()).toBe(1_000)
  expect(manualClock().nowSeconds()).toBe(1_800_000_000)
})

it('moves by the seconds it is told and rounds NumericDates down', async () => {
  const clock = manualClock(1_000)

  await clock.advance(1.5)

  expect(clock.now()).toBe(1_001_500)
  expect(clock.nowSeconds()).toBe(1_001)
})

it('runs callbacks in order of their due time, with the clock at that time', async () => {
  const clock = manualClock(0)
  const seen: string[] = []
  clock.schedule(3_000, () => seen.push(`late ${clock.now()}`))
  clock.schedule(1_000, () => seen.push(`early ${clock.now()}`))
  clock.schedule(1_000, () => seen.push(`early too ${clock.now()}`))
  clock.schedule(3_001, () => seen.push('never'))

  await clock.advance(3)

  expect(seen).toEqual(['early 1000', 'early too 1000', 'late 3000'])
  expect(clock.now()).toBe(3_000)
})

it('runs what a callback schedules when that falls due within the same advance', async () => {
  const clock = manualClock(0)
  const seen: number[] = []
  const again = (): void => {
    seen.push(clock.now())
    clock.schedule(1_000, again)
  }
  clock.schedule(1_000, again)

  await clock.advance(3)

  expect(seen).toEqual([1_000, 2_000, 3_000])
})

it('does not run a cancelled callback', async () => {
  const clock = manualClock(0)
  let ran = false
  const cancel = clock.schedule(1_000, () => {
    ran = true
  })

  cancel()
  await clock.advance(2)

  expect(ran).toBe(false)
})

it('lets work settle that a callback started', async () => {
  const clock = manualClock(0)
  let settled = false
  clock.schedule(1_000, () => {
    void new Response('{}').json().then(() => {
      settled = true
    })
  })

  await clock.advance(1)

  expect(settled).toBe(true)
})

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to advance by %s', async (seconds) => {
  await expect(manualClock().advance(seconds)).rejects.toThrow(RangeError)
})
