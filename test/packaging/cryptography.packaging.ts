import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { rolldown } from 'rolldown'
import { describe, expect, inject, test } from 'vitest'
import { run } from './command.ts'

// `#cryptography` of core is one of two files, by the conditions that a host or a bundler stands for.

const { folder } = inject('packed').find(({ name }) => name === '@tokenward/core') ?? { folder: 'not packed' }
const NODE_PATH = './dist/node/cryptography.js'
const WEB_PATH = './dist/cryptography.js'

/** What each host resolves with, as it or its bundler documents it. */
const bundlers: readonly (readonly [host: string, conditions: readonly string[], isNode: boolean])[] = [
  ['a browser', ['browser', 'module', 'import', 'default'], false],
  ['a web worker', ['worker', 'browser', 'import', 'default'], false],
  ['workerd', ['workerd', 'worker', 'browser', 'import', 'default'], false],
  ['workerd with a bundle that is made for Node too', ['workerd', 'node', 'import', 'default'], false],
  ['an edge runtime', ['edge-light', 'worker', 'import', 'default'], false],
  ['Bun', ['bun', 'node', 'import', 'default'], false],
  ['Deno', ['deno', 'node', 'import', 'default'], false],
  ['a host that nobody has heard of', ['import', 'default'], false],
  ['Node', ['node', 'import', 'default'], true],
  ['Node, bundled as a server', ['node', 'module', 'import', 'production', 'default'], true],
]

describe('the conditions', () => {
  test('stand in an order in which Node comes after all who imitate it', async () => {
    const { imports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest // our own file
    const { 'tokenward-source': _, ...built } = imports['#cryptography']
    expect(Object.entries(built)).toEqual([
      ['bun', WEB_PATH],
      ['deno', WEB_PATH],
      ['workerd', WEB_PATH],
      ['edge-light', WEB_PATH],
      ['browser', WEB_PATH],
      ['node', NODE_PATH],
      ['default', WEB_PATH],
    ])
  })

  test('of the sources say the same as those of what is built', async () => {
    const { imports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
    const { 'tokenward-source': sources, ...built } = imports['#cryptography']
    const { types, ...files } = sources
    const asBuilt = Object.entries(files).map(([condition, file]) => [
      condition,
      file.replace('./src/', './dist/').replace(/\.ts$/, '.js'),
    ])
    expect(asBuilt).toEqual(Object.entries(built))
    expect(types).toBe('./src/cryptography.ts')
  })

  test('are needed by no declaration', async () => {
    const declarations = (await readdir(join(folder, 'dist'), { recursive: true })).filter((file) =>
      file.endsWith('.d.ts'),
    )
    const texts = await Promise.all(declarations.map(async (file) => readFile(join(folder, 'dist', file), 'utf8')))
    expect(texts.filter((text) => /['"]#cryptography['"]/.test(text))).toEqual([])
  })
})

describe('Node itself', () => {
  const probe = "const { native } = await import('#cryptography'); console.log(native === undefined ? 'web' : 'node')"

  test.each([
    ['no condition of its own', [], 'node'],
    ['the condition bun', ['bun'], 'web'],
    ['the condition deno', ['deno'], 'web'],
    ['the condition workerd', ['workerd'], 'web'],
    ['the condition edge-light', ['edge-light'], 'web'],
    ['the condition browser', ['browser'], 'web'],
    ['conditions that mean nothing here', ['worker', 'production', 'react-server'], 'node'],
  ])('is given the right path with %s', async (_, conditions, path) => {
    const flags = conditions.map((condition) => `--conditions=${condition}`)
    expect((await run(process.execPath, [...flags, '--input-type=module', '--eval', probe], folder)).trim()).toBe(path)
  })
})

describe.each(bundlers)('a bundle for %s', (_, conditionNames, isNode) => {
  test('brings one path, and imports nothing of Node', async () => {
    const bundle = await rolldown({
      cwd: folder,
      input: join(folder, 'dist', 'index.js'),
      platform: 'neutral',
      external: /^(node:|jose\b|lru-cache$|oauth4webapi$)/,
      resolve: { conditionNames: [...conditionNames] },
    })
    const { output } = await bundle.generate({ format: 'es' })
    await bundle.close()
    const chunks = output.filter((part) => part.type === 'chunk')
    const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
    expect(imported.filter((specifier) => specifier.startsWith('node:') || specifier.startsWith('#'))).toEqual([])
    const code = chunks.map((chunk) => chunk.code).join('\n')
    expect(/node:crypto|getBuiltinModule|Buffer\.from/.test(code)).toBe(isNode)
  })
})

interface Manifest {
  readonly imports: {
    readonly '#cryptography': Readonly<Record<string, string>> & {
      readonly 'tokenward-source': Readonly<Record<string, string>>
    }
  }
}
