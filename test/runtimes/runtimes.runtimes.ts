import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { run } from '../packaging/command.ts'
import { issuerServer } from './issuer-server.ts'
import { cases } from './suite/cases.js'
import { guardedCases } from './suite/guarded-cases.js'
import { workerCases } from './suite/worker-cases.js'

interface Report {
  readonly runtime: string
  /** Who checks signatures: see suite/active-path.js. */
  readonly path: string
  readonly results: readonly { readonly name: string; readonly failure: string | null }[]
}

const here = fileURLToPath(new URL('.', import.meta.url))
const installed = (...path: readonly string[]): string => join(here, 'node_modules', ...path)
const program = join(here, 'suite', 'program.js')
const node = (version: number): readonly string[] => [installed(`node-${version}`, 'bin', 'node'), program]
const titles = (list: readonly (readonly unknown[])[]): string[] => list.map(([title]) => String(title))
const withNode = titles([...cases, ...guardedCases])

const runtimes: readonly (readonly [name: string, command: readonly string[], expected: readonly string[]])[] = [
  ['Node v20', node(20), withNode],
  ['Node v22', node(22), withNode],
  ['Node v24', node(24), withNode],
  ['Node v26', node(26), withNode],
  ['Bun', [installed('@oven', 'bun-linux-x64', 'bin', 'bun'), program], withNode],
  ['Deno', [installed('@deno', 'linux-x64-glibc', 'deno'), 'run', '--no-remote', '-A', program], withNode],
  [
    'workerd',
    [process.execPath, join(here, 'workerd.js'), installed('worker.mjs')],
    titles([...cases, ...workerCases]),
  ],
]

process.env['DENO_NO_UPDATE_CHECK'] = '1'

describe.each(runtimes)('%s', (name, [binary = '', ...args], expected) => {
  let report: Report

  beforeAll(async () => {
    if (!existsSync(binary)) throw new Error(`${binary} is not installed`)
    await using server = await issuerServer()
    const printed = await run(binary, [...args, server.origin], here)
    const line = printed.split('\n').find((text) => text.startsWith('{"runtime":')) ?? '{}'
    report = JSON.parse(line) as Report // what program.js and workerd.js print
  })

  test('is what ran', () => {
    expect(report.runtime).toMatch(new RegExp(`^${name}\\b`))
    expect(report.results).toHaveLength(expected.length)
  })

  test('is given the right path to cryptography', () => {
    expect(report.path).toBe(name.startsWith('Node') ? 'node' : 'web')
  })

  test.each(expected)('%s', (title) => {
    const result = report.results.find((one) => one.name === title)
    expect(result, 'the result').toBeDefined()
    expect(result?.failure ?? null).toBeNull()
  })
})
