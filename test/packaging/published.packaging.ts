import { readdir, readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, test } from 'vitest'
import { run } from './command.ts'

const packed = inject('packed')
const tool = (name: string) => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url))

test('every package of the workspace is here', () => {
  expect(packed.map(({ name }) => name).toSorted()).toEqual([
    '@tokenward/core',
    '@tokenward/express',
    '@tokenward/redis',
    '@tokenward/testing',
  ])
})

describe.each(packed)('$name', ({ name, tarball, folder }) => {
  test('publint finds nothing', async () => {
    expect(await run(tool('publint'), ['run', tarball, '--strict'], folder)).toContain('All good!')
  })

  test('its types resolve wherever ES modules do', async () => {
    const said = await run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'], folder)
    expect(said).toContain(name)
  })

  test('has one file per entry', async () => {
    const { exports } = await manifest(folder)
    const entries = Object.values(exports).filter((entry) => typeof entry === 'object')
    const modules = (await readdir(join(folder, 'dist'), { recursive: true })).filter((file) => file.endsWith('.js'))
    expect(modules.filter((file) => !file.startsWith('shared-')).toSorted()).toEqual(
      entries.map((entry) => entry.default.replace('./dist/', '')).toSorted(),
    )
  })

  test('its exports name built files only', async () => {
    const { exports } = await manifest(folder)
    expect(JSON.stringify(exports)).not.toContain('src')
  })

  test('its dependencies are versions, not places in this repository', async () => {
    const { dependencies, peerDependencies } = await manifest(folder)
    for (const range of Object.values({ ...dependencies, ...peerDependencies })) expect(range).toMatch(/^[\^~]?\d/)
  })

  test('brings its licence and a page about itself', async () => {
    expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toContain('MIT License')
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(`# ${name}\n`)
  })

  test('no tests, no configuration, no build state', async () => {
    const top = await readdir(folder)
    expect(top.toSorted()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src'])
    const files = await readdir(join(folder, 'dist'), { recursive: true })
    expect(files.filter((file) => !/\.(js|js\.map|d\.ts|d\.ts\.map)$/.test(file) && file.includes('.'))).toEqual([])
  })
})

test('core imports nothing of Node but in the entry that is for Node', async () => {
  const { folder } = packed.find(({ name }) => name === '@tokenward/core') ?? { folder: 'not packed' }
  const modules = (await readdir(join(folder, 'dist'))).filter((file) => file.endsWith('.js') && file !== 'node.js')
  const texts = await Promise.all(modules.map(async (file) => readFile(join(folder, 'dist', file), 'utf8')))
  const specifiers = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import|import\(|require\()\s*["']([^"']+)["']/g)].map((match) => match[1] ?? ''),
  )
  expect(specifiers).not.toEqual([])
  expect(specifiers.filter((specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier))).toEqual(
    [],
  )
})

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

async function manifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest // our own file, as pnpm wrote it
}
