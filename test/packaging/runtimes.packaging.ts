import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './command.ts'
import type { Consumer } from './consumer.ts'
import { consumer } from './consumer.ts'

// The floors of `engines`, and the newest of each line.
const versions = ['20.19.0', '20', '22.12.0', '22', '24', '26']
const platform = `${process.platform}-${process.arch}`
const binaries = Object.fromEntries(versions.map((version) => [`node-${version}`, `npm:node-${platform}@${version}`]))
const others = { '@oven/bun-linux-x64': '1.4.5', '@deno/linux-x64-glibc': '2.9.6' }
const frameworks = {
  express: '^5',
  express4: 'npm:express@^4',
  fastify: '^5',
  '@nestjs/common': '^12.0.0',
  '@nestjs/core': '^12.0.0',
  '@nestjs/platform-express': '^12.0.0',
  'reflect-metadata': '^0.2.2',
  rxjs: '^7.8.2',
}
const programs = ['program.mjs', 'program.cjs']

const runtimes: readonly (readonly [name: string, binary: readonly string[], args: readonly string[]])[] = [
  ...versions.map((version) => [`Node v${version}`, [`node-${version}`, 'bin', 'node'], ['--no-warnings']] as const),
  ['Bun', ['@oven/bun-linux-x64', 'bin', 'bun'], []],
  ['Deno', ['@deno/linux-x64-glibc', 'deno'], ['run', '--no-remote', '-A']],
]

let installed: Consumer

beforeAll(async () => {
  process.env['DENO_NO_UPDATE_CHECK'] = '1'
  installed = await consumer({ ...frameworks, ...binaries, ...others })
  for (const name of [...programs, 'main.cjs']) {
    await installed.write(name, readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), 'utf8'))
  }
})

afterAll(async () => installed.remove())

describe.each(runtimes)('%s', (name, binary, args) => {
  const program = async (given: readonly string[]) => run(installed.installed(join(...binary)), given, installed.folder)

  test('is what runs here', async () => {
    const version = name.replace(/^\w+ ?/u, '').replaceAll('.', '\\.')
    expect(await program(['--version'])).toMatch(new RegExp(`${version || '\\d'}\\b`))
  })

  test.each(programs)('%s protects a route of every framework', async (file) => {
    const protectedRoute = { anonymous: [401, 'Bearer'], holder: [200, 'user-1'], unscoped: 403 }
    expect(JSON.parse(lastLine(await program([...args, file])))).toEqual({
      verified: 'user-1',
      express: protectedRoute,
      express4: protectedRoute,
      fastify: protectedRoute,
      nestjs: protectedRoute,
      lambda: protectedRoute,
      web: protectedRoute,
    })
  })
})

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
