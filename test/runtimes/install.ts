import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { run } from '../packaging/command.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const modules = join(here, 'node_modules')

/** Installs the runtimes, beside this file and nowhere else, puts the packed core among them, and bundles the worker. */
export default async function install(): Promise<void> {
  await installRuntimes()
  await placeCore(join(modules, '@tokenward', 'core'))
  await bundleWorker()
}

/** With npm, which leaves the workspace alone. No install scripts run: the binaries are packages of their own. */
async function installRuntimes(): Promise<void> {
  if (`${process.platform} ${process.arch}` !== 'linux x64')
    throw new Error('the runtimes are installed for Linux on x64')
  const mark = join(modules, '.installed')
  const wanted = createHash('sha256')
    .update(await readFile(join(here, 'package-lock.json')))
    .digest('hex')
  if ((await readFile(mark, 'utf8').catch(() => '')) === wanted) return
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], here)
  await writeFile(mark, wanted)
}

/** As it would be published. pnpm packs it, since npm would leave `workspace:` and `catalog:` in. */
async function placeCore(folder: string): Promise<void> {
  const tarball = join(modules, 'core.tgz')
  await run('pnpm', ['pack', '--out', tarball], join(here, '..', '..', 'packages', 'core'))
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1'], folder)
  await writeFile(join(folder, 'probe.js'), "export { native } from '#cryptography'\n")
}

/** As the bundler of a worker does: one file, by the conditions that workerd stands for. */
async function bundleWorker(): Promise<void> {
  const bundle = await rolldown({
    cwd: here,
    input: 'suite/worker.js',
    platform: 'neutral',
    external: /^node:/,
    resolve: { conditionNames: ['workerd', 'worker', 'browser', 'import', 'default'] },
  })
  await bundle.write({ file: join(modules, 'worker.mjs'), format: 'es', codeSplitting: false })
  await bundle.close()
}
