import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { SECTIONS } from './sections.js'

export function readResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** Sections that were not measured this time stay as they were. */
export function writeResults(file, results) {
  const all = { ...readResults(file), ...results }
  const ordered = Object.fromEntries(SECTIONS.filter(({ name }) => name in all).map(({ name }) => [name, all[name]]))
  writeFileSync(file, `${JSON.stringify(ordered, rounded, 2)}\n`)
}

/** Four digits say all that was measured. */
function rounded(_, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
}
