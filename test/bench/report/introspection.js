import { count, times } from './format.js'

export function introspectionTables({ clients, endpointMs, rows }) {
  return [
    {
      title: `Introspection, ${clients} clients, endpoint of ${endpointMs} ms`,
      columns: ['', 'ratio', 'quartiles', 'requests/s'],
      rows: rows.map(({ title, ratio, perSecond }) => [
        title,
        times(ratio.median),
        `${times(ratio.q1)} to ${times(ratio.q3)}`,
        count(perSecond.median),
      ]),
    },
  ]
}
