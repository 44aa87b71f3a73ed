import { kilobytes, millis, range, times } from './format.js'

export function startupTables({ rows }) {
  return [
    {
      title: 'Start-up: import in a new process, and minified bundle',
      columns: ['', 'import ms', 'ratio', 'quartiles', 'bundle kB', 'gzip kB', 'brotli kB'],
      rows: rows.map(({ title, ratio, importMs, bundle }) => [
        title,
        millis(importMs.median),
        times(ratio.median),
        range(ratio, times),
        kilobytes(bundle.minified),
        kilobytes(bundle.gzip),
        kilobytes(bundle.brotli),
      ]),
    },
  ]
}
