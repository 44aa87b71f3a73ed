// What a cold start costs: the time of the first import, each in a process of its own, and the size of a bundle.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { startupTables } from './report/startup.js'
import { alternate, ratio } from './rounds.js'
import { isProgram, runSection } from './section.js'
import { bundleSize } from './startup/bundle.js'
import { startupEntries } from './startup/entries.js'
import { spread } from './statistics.js'

const runFile = promisify(execFile)

export const plan = { full: { rounds: 21 }, quick: { rounds: 3 } }

export async function measure({ rounds }) {
  const entries = startupEntries()
  await alternate(entries, 1, importTime)
  const measured = await alternate(entries, rounds, importTime)
  const needed = measured.get(entries[0])
  const rows = []
  for (const entry of entries) {
    const runs = measured.get(entry)
    rows.push({
      name: entry.name,
      title: entry.title,
      isOurs: entry.isOurs ?? false,
      ratio: ratio(runs, needed, 'ms'),
      importMs: spread(runs.map((run) => run.ms)),
      bundle: await bundleSize(entry, import.meta.dirname),
    })
  }
  return { rows }
}

export const tables = startupTables

async function importTime({ specifiers }) {
  const program = join(import.meta.dirname, 'startup', 'import.js')
  const { stdout } = await runFile(process.execPath, [program, ...specifiers], {
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return { ms: Number(stdout) }
}

if (isProgram(import.meta)) await runSection({ plan, measure, tables })
