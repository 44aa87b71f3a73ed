// Prints how many milliseconds it takes to import what is named, in a process that has imported nothing else.
import { performance } from 'node:perf_hooks'
import process from 'node:process'

const specifiers = process.argv.slice(2)
const begin = performance.now()
for (const specifier of specifiers) await import(specifier)
console.log(performance.now() - begin)
