import { count } from './format.js'

export function memoryTables({ algorithm, tokenCharacters, flood, rows }) {
  const sizes = rows[0].sizes.map(({ tokens }) => tokens)
  return [
    {
      title: `Memory: octets per remembered token (${algorithm}, ${tokenCharacters} characters)`,
      columns: ['', ...sizes.map((tokens) => `${count(tokens)} tokens`)],
      rows: rows.map(({ title, sizes: measured }) => [title, ...measured.map(({ octets }) => count(octets))]),
    },
    {
      title: `Memory: a flood of ${count(flood.tokens)} tokens on a cache of ${count(flood.maxTokens)}`,
      columns: ['', 'full, kB', 'after the flood, kB'],
      rows: rows.map(({ title, flood: { full, flooded } }) => [title, count(full / 1000), count(flooded / 1000)]),
    },
  ]
}
