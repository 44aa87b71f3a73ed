import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './command.ts'
import type { Consumer } from './consumer.ts'
import { consumer } from './consumer.ts'

// What a cold start pays for is counted in modules and bytes, which are the same on every machine.

let installed: Consumer

beforeAll(async () => {
  installed = await consumer({ express: '^5' })
})

afterAll(async () => installed.remove())

const entryOf = (name: string): string => join(installed.installed(name), 'dist', 'index.js')

describe('importing the Express adapter', () => {
  test('loads of core one file, of jose base64url alone, and nothing for introspection', async () => {
    const text = await readFile(entryOf('@tokenward/core'), 'utf8')
    const atOnce = [...text.matchAll(/^import .* from "([^"]+)";$/gmu)].map(([, specifier]) => String(specifier))
    const later = [...text.matchAll(/import\("([^"]+)"\)/gu)].map(([, specifier]) => String(specifier))

    expect(atOnce.toSorted()).toEqual(['#cryptography', 'jose/base64url', 'lru-cache'])
    expect(later.toSorted()).toEqual(['jose/errors', 'jose/jws/compact/verify', 'jose/key/import', 'oauth4webapi'])
  })

  test('loads nothing of node:crypto before the first token', async () => {
    const program = `
      const before = new Set(process.moduleLoadList)
      await import(${JSON.stringify(pathToFileURL(entryOf('@tokenward/express')).href)})
      console.log(JSON.stringify(process.moduleLoadList.filter((name) => !before.has(name))))`
    const printed = await run(process.execPath, ['--input-type=module', '--eval', program], installed.folder)
    const loaded = JSON.parse(printed) as readonly string[] // what the program prints

    expect(loaded.filter((name) => /NativeModule (?:crypto|internal\/crypto\/(?!webcrypto))/u.test(name))).toEqual([])
  })
})

describe('a bundle', () => {
  test.each([
    ['@tokenward/core', 30],
    ['@tokenward/express', 2],
    ['@tokenward/fastify', 3],
    ['@tokenward/aws-lambda', 3],
  ])('of %s alone stays within %i KiB, minified and compressed', async (name, kibibytes) => {
    const bundle = await rolldown({
      input: entryOf(name),
      external: (id) => id !== entryOf(name) && !id.startsWith('.'),
      platform: 'neutral',
    })
    const { output } = await bundle.generate({ format: 'es', minify: true, codeSplitting: false })
    await bundle.close()

    expect(gzipSync(output[0].code).length).toBeLessThan(kibibytes * 1024)
  })
})
