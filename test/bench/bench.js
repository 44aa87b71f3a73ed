// pnpm bench [section ...] [--quick] [--docs]: measures, prints the tables, keeps the numbers, and with --docs draws them
// into docs/reference/performance.md.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { install } from './install.js'
import { environment } from './report/environment.js'
import { updatePage } from './report/page.js'
import { requireNumbers } from './report/numbers.js'
import { readResults, writeResults } from './report/results.js'
import { SECTIONS } from './report/sections.js'

const root = join(import.meta.dirname, '..', '..')
const kept = join(root, 'node_modules', '.cache', 'bench', 'results.json')
const published = join(root, 'docs', 'reference', 'performance.json')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, docs: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !SECTIONS.some((section) => section.name === name))
if (unknown.length > 0) {
  throw new Error(`no section ${unknown.join(', ')}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`)
}
if (values.quick && values.docs) throw new Error('--quick measures too little for --docs')

install()
const measuredBy = environment()
const folder = mkdtempSync(join(tmpdir(), 'tokenward-bench-'))
try {
  const results = {}
  for (const section of SECTIONS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const result = section.merge(section.parts.map((args) => measureApart(section.name, args)))
    requireNumbers(section.name, result)
    results[section.name] = { environment: measuredBy, result }
  }
  mkdirSync(join(kept, '..'), { recursive: true })
  writeResults(kept, results)
  console.log(`\n${measuredBy.machine}\n${measuredBy.software}\nnumbers: ${kept}`)
  if (values.docs) {
    writeResults(published, results)
    updatePage(root, readResults(published))
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** In a process of its own, so that no section finds code warmed up, or a heap filled, by another. */
function measureApart(name, args) {
  const file = join(folder, `${name}.json`)
  const how = ['--installed', '--json', file, ...(values.quick ? ['--quick'] : [])]
  const program = join(import.meta.dirname, `${name}.js`)
  const begin = performance.now()
  const { status, signal } = spawnSync(process.execPath, [program, ...args, ...how], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 600_000,
  })
  if (status !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${status ?? signal}`)
  console.log(`\n(${name} ${args.join(' ')}: ${Math.round((performance.now() - begin) / 1000)} s)`)
  return JSON.parse(readFileSync(file, 'utf8'))
}
