import { ERRORS } from '@tokenward/core'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { anchorsOf } from '../requirements/anchors.ts'
import { errorTable } from './error-table.ts'
import { outputs } from './outputs/all.ts'
import type { Fence } from './pages.ts'
import { allPages, fencesOf, page, root } from './pages.ts'
import { regionsOf, snippetText } from './regions.ts'
import { blockOf, replaceBlock, replaceFence, updating } from './update.ts'

// With UPDATE_DOCS=1 these tests bring the pages up to date. All of them are in one file, since two would overwrite
// each other.
const fences = allPages().flatMap(fencesOf)
const code = fences.filter(({ language }) => language === 'ts')
const printed = fences.filter(({ language }) => ['console', 'text', 'json'].includes(language))
const sourceFolders = [
  'test/docs/snippets',
  'docs/examples/express/src',
  'docs/examples/aws-lambda/src',
  'docs/examples/fastify/src',
  'docs/examples/nestjs/src',
  'docs/examples/web/src',
]

describe('code on a page', () => {
  it.each(byPlace(code))('%s is code that is compiled', (_, fence) => {
    const text = snippetText(fence.source?.name ?? '')
    expect(shown(fence, 'snippet', text)).toBe(text)
  })

  it('shows every region of a source', () => {
    const named = new Set(code.flatMap(({ source }) => source?.name.split(', ') ?? []))
    const regions = sourceFolders.flatMap((folder) =>
      readdirSync(join(root, folder)).flatMap((name) =>
        [...regionsOf(readFileSync(join(root, folder, name), 'utf8')).keys()].map(
          (region) => `${folder}/${name}#${region}`,
        ),
      ),
    )
    expect(regions.filter((region) => !named.has(region))).toEqual([])
  })

  it('is in a language that is checked, or a command', () => {
    const others = fences.filter(({ language }) => !['ts', 'console', 'text', 'json', 'sh'].includes(language))
    expect(others.map(({ page: path, line }) => `${path}:${line}`)).toEqual([])
  })

  it('names scripts that exist', () => {
    const { scripts }: { scripts: object } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const asked = allPages().flatMap(({ text }) =>
      [...text.matchAll(/npx -y pnpm@12 ([a-z:]+)/gu)].map(([, name]) => String(name)),
    )
    expect(asked).toEqual(expect.arrayContaining(['demo', 'test']))
    expect(asked.filter((name) => !Object.hasOwn(scripts, name) && !['exec', 'install'].includes(name))).toEqual([])
  })
})

describe('output on a page', () => {
  it.each(byPlace(printed))('%s is what is printed', async (_, fence) => {
    const output = outputs[fence.source?.name ?? '']
    if (output === undefined) throw new Error(`${fence.source?.name} is not among the outputs`)
    const text = await output()
    expect(shown(fence, 'output', text)).toBe(text)
  })

  it('shows every output that is made', () => {
    const named = new Set(printed.map(({ source }) => source?.name))
    expect(Object.keys(outputs).filter((name) => !named.has(name))).toEqual([])
  })
})

describe('the page about errors', () => {
  const path = 'docs/guides/errors-and-challenges.md'

  it('has the table of all codes', () => {
    if (updating) replaceBlock(path, 'errors', errorTable())
    expect(blockOf(page(path).text, 'errors')).toBe(errorTable())
  })

  it('says what to do about each code', () => {
    const anchors = anchorsOf(page(path).text)
    expect(Object.keys(ERRORS).filter((name) => !anchors.has(name.toLowerCase()))).toEqual([])
  })
})

/** What the page shows in this place; with UPDATE_DOCS=1 after it was replaced by `text`. */
function shown({ page: path, source }: Fence, kind: string, text: string): string | undefined {
  if (source?.kind !== kind) throw new Error(`a comment <!-- ${kind}: ... --> has to stand before the block`)
  if (updating) replaceFence(path, source, text)
  return fencesOf(page(path)).find((other) => other.source?.name === source.name)?.text
}

function byPlace(some: readonly Fence[]): readonly (readonly [string, Fence])[] {
  return some.map((fence) => [`${fence.page}:${fence.line}`, fence])
}
