import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import process from 'node:process'
import { quantile } from '../statistics.js'

const AT_ONCE = 64

/**
 * How tokens arrive. As requests do, each is begun by a callback of its own, after which promises that are settled go on:
 * one per turn of the event loop, or 64 in one turn, and the next 64 when all of them are answered.
 */
const ARRIVALS = {
  sequential: async (verify, prepared, note) => {
    for (const item of prepared) {
      const begin = note && performance.now()
      const pending = verify(item)
      if (pending?.then) await pending
      note?.(begin)
      await nextTurn()
    }
  },
  concurrent: async (verify, prepared, note) => {
    for (let at = 0; at < prepared.length; at += AT_ONCE) {
      await allOf(prepared, at, Math.min(at + AT_ONCE, prepared.length), verify, note)
    }
  },
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

function allOf(prepared, from, to, verify, note) {
  return new Promise((resolve, reject) => {
    const begin = note && performance.now()
    let left = to - from
    const done = () => {
      note?.(begin)
      left -= 1
      if (left === 0) resolve()
    }
    const start = (item) => {
      const pending = verify(item)
      if (pending?.then) pending.then(done, reject)
      else done()
    }
    for (let at = from; at < to; at += 1) setImmediate(start, prepared[at])
  })
}

/**
 * Tokens per second, CPU of all threads per token, and how long the event loop was kept waiting. What the arrivals
 * themselves cost is measured just before, and taken off.
 */
export async function throughput({ current: { verify } }, prepared, mode) {
  const idle = await timed(mode, () => undefined, prepared)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const run = await timed(mode, verify, prepared)
  delay.disable()
  return {
    perSecond: prepared.length / (run.seconds - idle.seconds),
    cpuMicroseconds: (run.cpu - idle.cpu) / prepared.length,
    loopDelayMs: delay.percentile(99) / 1e6,
  }
}

async function timed(mode, verify, prepared) {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await ARRIVALS[mode](verify, prepared)
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpu: user + system }
}

/** Microseconds that single tokens took; of many at once, each from the moment when all of them were there. */
export async function latency({ current: { verify } }, prepared, mode) {
  const microseconds = []
  await ARRIVALS[mode](verify, prepared, (begin) => microseconds.push((performance.now() - begin) * 1000))
  return { p50: quantile(microseconds, 0.5), p99: quantile(microseconds, 0.99) }
}
