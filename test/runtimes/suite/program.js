// Run by Node, Bun and Deno: node program.js <origin>. The last line of what it prints is the result.
import process from 'node:process'
import { activePath } from './active-path.js'
import { cases } from './cases.js'
import { run } from './expect.js'
import { guardedCases } from './guarded-cases.js'

const [origin] = process.argv.slice(2)
const runtime = globalThis.Deno
  ? `Deno ${globalThis.Deno.version.deno}`
  : globalThis.Bun
    ? `Bun ${globalThis.Bun.version}`
    : `Node ${process.version}`
const results = await run([...cases, ...guardedCases], { origin })
console.log(JSON.stringify({ runtime, path: activePath, results }))
