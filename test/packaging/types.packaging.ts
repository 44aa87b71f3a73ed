import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './command.ts'
import type { Consumer } from './consumer.ts'
import { consumer } from './consumer.ts'

const versions = ['5.6', '5.9', '7.0.2']
const typescript = (version: string) => `typescript-${version}`
const compilers = Object.fromEntries(versions.map((version) => [typescript(version), `npm:typescript@${version}`]))
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  // The point of it all: our declarations are checked too.
  skipLibCheck: false,
}
const onNode = { ...strict, target: 'es2022', lib: ['es2022'], types: ['node'] }

/** tsconfig files of consumers, by name. */
const projects = {
  'nodenext.json': { compilerOptions: { ...onNode, module: 'nodenext' }, files: ['server.mts'] },
  'bundler.json': {
    compilerOptions: { ...onNode, module: 'esnext', moduleResolution: 'bundler' },
    files: ['server.mts'],
  },
  'commonjs.json': { compilerOptions: { ...onNode, module: 'nodenext' }, files: ['server.cts'] },
  // No types of Node and none of Express: a worker, or a browser.
  'web.json': {
    compilerOptions: { ...strict, target: 'es2022', lib: ['es2022', 'dom'], types: [], module: 'nodenext' },
    files: ['worker.mts'],
  },
  'adapters.json': { compilerOptions: { ...onNode, module: 'nodenext' }, files: ['adapters.mts'] },
  'nest.json': {
    compilerOptions: { ...onNode, module: 'nodenext', experimentalDecorators: true },
    files: ['nest.mts'],
  },
  'wrong.json': { compilerOptions: { ...onNode, module: 'nodenext' }, files: ['wrong.mts'] },
}

let installed: Consumer

beforeAll(async () => {
  const frameworks = { express: '^5', fastify: '^5', '@nestjs/common': '^12.0.0', '@nestjs/core': '^12.0.0' }
  const types = { '@types/express': '^5', '@types/node': '^24', '@types/aws-lambda': '^8.10.150' }
  const nest = { 'reflect-metadata': '^0.2.2', rxjs: '^7.8.2' }
  installed = await consumer({ ...frameworks, ...types, ...nest, ...compilers })
  const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), 'utf8')
  await installed.write('server.mts', fixture('server.mts'))
  await installed.write('server.cts', fixture('server.mts'))
  await installed.write('worker.mts', fixture('worker.mts'))
  for (const name of ['adapters.mts', 'nest.mts', 'wrong.mts']) await installed.write(name, fixture(name))
  for (const [name, project] of Object.entries(projects)) await installed.write(name, JSON.stringify(project))
})

afterAll(async () => installed.remove())

describe.each(versions)('TypeScript %s', (version) => {
  const check = async (project: keyof typeof projects) =>
    run(
      process.execPath,
      [join(installed.installed(typescript(version)), 'bin', 'tsc'), '-p', project],
      installed.folder,
    )

  test('is what runs here', async () => {
    const compiler = join(installed.installed(typescript(version)), 'bin', 'tsc')
    expect(await run(process.execPath, [compiler, '--version'], installed.folder)).toContain(`Version ${version}`)
  })

  // TypeScript knows since 5.8 that Node can require an ES module.
  const commonjs = version === '5.6' ? [] : (['commonjs.json'] as const)
  const others = ['bundler.json', 'web.json', 'adapters.json', 'nest.json'] as const
  test.each(['nodenext.json', ...others, ...commonjs] as const)('%s', async (project) => {
    expect(await check(project)).toBe('')
  })

  test('a mistake is seen', async () => {
    await expect(check('wrong.json')).rejects.toThrow(/wrong\.mts\(5,3\): error TS2322/)
  })
})
