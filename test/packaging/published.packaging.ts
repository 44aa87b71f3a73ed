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
    '@tokenward/aws-lambda',
    '@tokenward/core',
    '@tokenward/express',
    '@tokenward/fastify',
    '@tokenward/nestjs',
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

  test('has one file per entry, and per answer to #cryptography', async () => {
    const { exports, imports = {} } = await manifest(folder)
    const entries = Object.values(exports).filter((entry) => typeof entry === 'object')
    const built = [...entries.map((entry) => entry.default), ...Object.values(imports).flatMap(builtFiles)]
    const modules = (await readdir(join(folder, 'dist'), { recursive: true })).filter((file) => file.endsWith('.js'))
    expect(modules.toSorted()).toEqual([...new Set(built)].map((file) => file.replace('./dist/', '')).toSorted())
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

test.each([
  ['@tokenward/core', ['node.js', join('node', 'cryptography.js')]],
  ['@tokenward/testing', ['contract.js']],
])('%s knows nothing of Node but in what is for Node: %j', async (packageName, forNode) => {
  const { folder } = packed.find(({ name }) => name === packageName) ?? { folder: 'not packed' }
  const files = await readdir(join(folder, 'dist'), { recursive: true })
  const modules = files.filter((file) => file.endsWith('.js') && !forNode.includes(file))
  const texts = await Promise.all(modules.map(async (file) => readFile(join(folder, 'dist', file), 'utf8')))
  const specifiers = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import|import\(|require\()\s*["']([^"']+)["']/g)].map((match) => match[1] ?? ''),
  )
  expect(specifiers).not.toEqual([])
  expect(specifiers.filter((specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier))).toEqual(
    [],
  )
  expect(texts.filter((text) => text.includes('getBuiltinModule'))).toEqual([])
})

/** By condition: a file, or for those who compile the sources, files by condition again. */
type ConditionalFiles = Readonly<Record<string, string | Readonly<Record<string, string>>>>

function builtFiles(conditions: ConditionalFiles): readonly string[] {
  return Object.values(conditions).filter((file) => typeof file === 'string')
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly imports?: Readonly<Record<string, ConditionalFiles>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

async function manifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest // our own file, as pnpm wrote it
}
