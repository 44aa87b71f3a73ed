import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { run } from './command.ts'

/** A program outside this repository that has installed what would be published. */
export interface Consumer {
  readonly folder: string
  /** Where an installed package is. */
  installed(name: string): string
  write(file: string, text: string): Promise<void>
  remove(): Promise<void>
}

/** Installs the tarballs, and `dependencies`, the way a user does: with npm, into an empty folder. */
export async function consumer(dependencies: Readonly<Record<string, string>>): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-consumer-'))
  const write = async (file: string, text: string) => writeFile(join(folder, file), text)
  const tarballs = inject('packed').map(({ name, tarball }) => [name, `file:${tarball}`] as const)
  const manifest = { private: true, dependencies: { ...Object.fromEntries(tarballs), ...dependencies } }
  await write('package.json', JSON.stringify(manifest, null, 2))
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], folder)
  return {
    folder,
    write,
    installed: (name) => join(folder, 'node_modules', name),
    remove: async () => rm(folder, { recursive: true }),
  }
}
