import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './command.ts'
import type { Consumer } from './consumer.ts'
import { consumer } from './consumer.ts'

// The floors of `engines`, and the newest of each line.
const versions = ['20.19.0', '20', '22.12.0', '22', '24']
const node = (version: string) => `node-${version}`
const binaries = Object.fromEntries(
  versions.map((version) => [node(version), `npm:node-${process.platform}-${process.arch}@${version}`]),
)
const programs = ['program.mjs', 'program.cjs']

let installed: Consumer

beforeAll(async () => {
  installed = await consumer({ express: '^5', express4: 'npm:express@^4', ...binaries })
  for (const name of [...programs, 'main.cjs']) {
    await installed.write(name, readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), 'utf8'))
  }
})

afterAll(async () => installed.remove())

describe.each(versions)('Node %s', (version) => {
  const program = async (args: readonly string[]) =>
    run(join(installed.installed(node(version)), 'bin', 'node'), args, installed.folder)

  test('is what runs here', async () => {
    expect(await program(['--version'])).toMatch(new RegExp(`^v${version.replaceAll('.', '\\.')}\\b`))
  })

  test.each(programs)('%s protects a route of Express 4 and 5', async (name) => {
    expect(JSON.parse(lastLine(await program(['--no-warnings', name])))).toEqual({
      verified: 'user-1',
      express: { anonymous: [401, 'Bearer'], holder: [200, 'user-1'], unscoped: 403 },
      express4: { anonymous: [401, 'Bearer'], holder: [200, 'user-1'], unscoped: 403 },
    })
  })
})

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
