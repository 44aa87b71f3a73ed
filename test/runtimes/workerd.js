// Runs the worker in workerd: node workerd.js <bundle> <origin>. The last line of what it prints is the result.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { runTogether } from './suite/expect.js'
import { workerCases } from './suite/worker-cases.js'

const [bundle, origin] = process.argv.slice(2)
const installed = 'miniflare' // by a name that is no literal: type checkers would follow it to types that are not there
const { Miniflare } = await import(installed)
const miniflare = new Miniflare({
  modules: [{ type: 'ESModule', path: 'worker.mjs', contents: readFileSync(bundle, 'utf8') }],
  compatibilityDate: '2026-07-01',
  cf: false, // it would be fetched from afar
  bindings: { ORIGIN: origin },
})
try {
  const worker = await miniflare.ready
  const inside = await (await fetch(new URL('/suite', worker))).json()
  const outside = await runTogether(workerCases, { origin, worker })
  console.log(JSON.stringify({ runtime: 'workerd', path: inside.path, results: [...inside.results, ...outside] }))
} finally {
  await miniflare.dispose()
}
