import { isAbsolute } from 'node:path'
import { builtinModules } from 'node:module'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const ENTRY = 'entry'
const builtIn = new Set(builtinModules)

/** How many octets a bundle has that exports what is named, minified, and what is loaded with it at once. */
export async function bundleSize({ code }, folder) {
  const bundle = await rolldown({
    cwd: folder,
    input: ENTRY,
    platform: 'node',
    external: (id) => id.startsWith('node:') || builtIn.has(id),
    plugins: [virtualEntry(code, folder)],
    onLog: () => {},
  })
  const { output } = await bundle.generate({ format: 'es', minify: true })
  await bundle.close()
  const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]))
  const text = loadedAtOnce(chunks)
    .map((chunk) => chunk.code)
    .join('\n')
  return {
    minified: Buffer.byteLength(text),
    gzip: gzipSync(text, { level: 9 }).length,
    brotli: brotliCompressSync(text).length,
  }
}

const virtualEntry = (code, folder) => ({
  name: 'entry',
  resolveId: (id) => {
    if (id === ENTRY) return `${folder}/entry.js`
    return isAbsolute(id) && id.endsWith('/entry.js') ? id : undefined
  },
  load: (id) => (id === `${folder}/entry.js` ? code : undefined),
})

/** The entry, and the chunks that it imports; not what is imported later, when it is needed. */
function loadedAtOnce(chunks) {
  const found = new Set([...chunks.values()].filter(({ isEntry }) => isEntry))
  for (const chunk of found) {
    for (const file of chunk.imports) if (chunks.has(file)) found.add(chunks.get(file))
  }
  return [...found]
}
