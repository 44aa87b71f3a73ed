import { realpathSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { install } from './install.js'
import { printTable } from './report/text.js'

/** Whether the file was started, rather than imported. */
export function isProgram({ url }) {
  const [, started] = process.argv
  return started !== undefined && realpathSync(started) === fileURLToPath(url)
}

/**
 * Runs one section as a program: reads the command line, measures, prints the tables, and writes the numbers where
 * `--json` says.
 */
export async function runSection({ options = {}, plan, measure, tables }) {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' }])),
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      installed: { type: 'boolean', default: false },
    },
  })
  if (!values.installed) install()
  const budget = { ...(values.quick ? plan.quick : plan.full), ...(values.rounds && { rounds: Number(values.rounds) }) }
  const chosen = Object.entries(options).map(([name, option]) => [name, choice(name, option, values[name])])
  const result = await measure({ ...budget, ...Object.fromEntries(chosen) })
  for (const table of tables(result)) printTable(table)
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(result, undefined, 2))
}

/** The named values in the order of the list; without the option all of them, or undefined where the section decides. */
function choice(name, { values, isOptional = false }, given) {
  if (given === undefined) return isOptional ? undefined : values
  const named = given.split(',')
  const unknown = named.filter((value) => !values.includes(value))
  if (unknown.length > 0) throw new Error(`--${name}: ${unknown.join(', ')} is not among ${values.join(', ')}`)
  return values.filter((value) => named.includes(value))
}
