import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { run } from './command.ts'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** A package as it would be published. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  /** The tarball's content. */
  readonly folder: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    packed: readonly Packed[]
  }
}

/** Packs every package the way it is published. pnpm does it, since npm would leave `workspace:` and `catalog:` in. */
export default async function pack(project: TestProject): Promise<() => Promise<void>> {
  const root = await mkdtemp(join(tmpdir(), 'tokenward-packed-'))
  const names = await readdir(packages)
  project.provide('packed', await Promise.all(names.map(async (name) => packOne(name, join(root, name)))))
  return async () => rm(root, { recursive: true })
}

async function packOne(name: string, folder: string): Promise<Packed> {
  const tarball = join(folder, 'package.tgz')
  await run('pnpm', ['pack', '--out', tarball], join(packages, name))
  await run('tar', ['-xzf', tarball], folder)
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package', 'package.json'), 'utf8'))
  if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) throw new Error(`${name} has no name`)
  return { name: String(manifest.name), tarball, folder: join(folder, 'package') }
}
