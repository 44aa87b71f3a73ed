import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const modules = join(here, 'node_modules')
const mark = join(modules, '.installed')
const OURS = ['core', 'express', 'fastify']

/** Puts all that is measured into this folder, and nowhere else. */
export function install() {
  installPeers()
  for (const name of OURS) placePackage(name)
}

/** With npm, which leaves the workspace alone. */
function installPeers() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(here, 'package-lock.json')))
    .digest('hex')
  if (installed() === wanted) return
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, error } = spawnSync('npm', ['ci', ...options], { cwd: here, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the peers could not be installed', { cause: error })
  writeFileSync(mark, wanted)
}

function installed() {
  try {
    return readFileSync(mark, 'utf8')
  } catch {
    return undefined
  }
}

/** As an application has it: what was built, beside the peers. A later build does not change it during a run. */
function placePackage(name) {
  const [from, to] = [join(here, '..', '..', 'packages', name), join(modules, '@tokenward', name)]
  rmSync(to, { recursive: true, force: true })
  for (const part of ['package.json', 'dist']) cpSync(join(from, part), join(to, part), { recursive: true })
}
