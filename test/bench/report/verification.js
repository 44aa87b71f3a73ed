import { count, micros, millis, range, times } from './format.js'

const MODES = { sequential: 'one by one', concurrent: '64 at once' }
const TOKENS = { distinct: 'new tokens', repeating: '1,000 tokens repeating' }

/** One table per algorithm, kind of tokens and mode. */
export function verificationTables({ cases }) {
  return cases.map(({ algorithm, tokens, mode, rows }) => ({
    title: `${algorithm}, ${TOKENS[tokens]}, ${MODES[mode]}`,
    columns: ['', 'of raw', 'quartiles', 'tokens/s', 'CPU µs', 'p50 µs', 'p99 µs', 'loop p99 ms'],
    rows: rows.map((row) => [
      row.title,
      times(row.ratio.median),
      range(row.ratio, times),
      count(row.perSecond),
      micros(row.cpuMicroseconds),
      micros(row.p50Microseconds),
      micros(row.p99Microseconds),
      row.loopDelayMs === 0 ? '-' : millis(row.loopDelayMs),
    ]),
  }))
}
