import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { rolldown } from 'rolldown'

// Every package becomes one file per entry, since each further file adds to every cold start; what two entries share
// stands in both, so nothing may depend on there being one copy. Declarations come from tsc.
const root = import.meta.dirname
const packages = readdirSync(join(root, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
await Promise.all(packages.map(async ({ name }) => bundle(join(root, 'packages', name))))

async function bundle(folder) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const entries = Object.entries(entriesOf(folder))
  await Promise.all(entries.map(async ([name, source]) => bundleEntry(folder, name, source)))
}

async function bundleEntry(folder, name, source) {
  const build = await rolldown({
    cwd: folder,
    input: { [name]: source },
    // Dependencies, and `#` specifiers that package.json resolves at run time, stay imports; what the compiler itself
    // needs for decorators does not, since nobody would install it.
    external: (id) => !id.startsWith('.') && !isAbsolute(id) && !id.startsWith('@oxc-project/runtime/'),
    platform: 'neutral',
  })
  await build.write({
    dir: join(folder, 'dist'),
    format: 'es',
    sourcemap: true,
    // Docstrings are in the declarations, where editors look for them.
    comments: { jsdoc: false, annotation: true, legal: true },
    codeSplitting: false,
  })
  await build.close()
}

/** The sources named in `exports` and `imports`, by the name of the file that they become: `./dist/node.js` gives `node`. */
function entriesOf(folder) {
  const { exports, imports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const entries = Object.values(exports).filter((entry) => typeof entry === 'object')
  const files = [
    ...entries.map((entry) => [entry.default, entry['tokenward-source']]),
    ...Object.values(imports).flatMap(({ 'tokenward-source': sources, ...built }) =>
      Object.entries(built).map(([condition, file]) => [file, sources[condition]]),
    ),
  ]
  return Object.fromEntries(
    files.map(([file, source]) => [file.replace(/^\.\/dist\/(.+)\.js$/, '$1'), join(folder, source)]),
  )
}
