import { count, micros, range, times } from './format.js'

export function growthTables({ cases }) {
  return cases.map(({ name, unit, rows }) => ({
    title: `Growth: cost of a request by ${name}`,
    columns: [unit, 'µs', 'ratio', 'quartiles'],
    rows: rows.map(({ size, microseconds, ratio }) => [
      count(size),
      micros(microseconds.median),
      times(ratio.median),
      range(ratio, times),
    ]),
  }))
}
