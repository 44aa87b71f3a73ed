/** A table for a terminal: the first column to the left, numbers to the right. */
export function printTable({ title, columns, rows, note }) {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at].length)))
  const line = (cells) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  ')
  console.log(`\n${title}`)
  console.log(line(columns))
  for (const row of rows) console.log(line(row))
  if (note !== undefined) console.log(note)
}
