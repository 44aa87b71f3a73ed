import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { rolldown } from 'rolldown'

// Every package becomes one file per entry, since many small files load slower. Code that two entries share becomes a
// chunk. Declarations come from tsc.
const root = import.meta.dirname
const packages = readdirSync(join(root, 'packages'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
await Promise.all(packages.map(async ({ name }) => bundle(join(root, 'packages', name))))

async function bundle(folder) {
  const build = await rolldown({
    cwd: folder,
    input: entriesOf(folder),
    // Dependencies, and `#` specifiers that package.json resolves at run time, stay imports.
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    platform: 'neutral',
  })
  await build.write({
    dir: join(folder, 'dist'),
    cleanDir: true,
    format: 'es',
    sourcemap: true,
    // Docstrings are in the declarations, where editors look for them.
    comments: { jsdoc: false, annotation: true, legal: true },
    chunkFileNames: 'shared-[hash].js',
  })
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
