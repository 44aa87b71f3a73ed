import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

import { describe, expect, it } from 'vitest'

import { anchorsOf } from '../requirements/anchors.ts'
import type { Page } from './pages.ts'
import { allPages, page, proseOf, root } from './pages.ts'

const pages = allPages()
const core = join(root, 'packages/core/src')

describe('links', () => {
  it.each(pages.map((source) => [source.path, source] as const))('%s leads somewhere', (_, source) => {
    expect(linksOf(source).filter((link) => !leadsSomewhere(source, link))).toEqual([])
  })

  it('lead to every page of the documentation', () => {
    const linked = new Set(pages.flatMap((source) => linksOf(source).map((link) => target(source, link).path)))
    const unlinked = pages.filter(({ path }) => path.startsWith('docs/') && !linked.has(path))
    expect(unlinked.map(({ path }) => path)).toEqual([])
  })

  it('to something that is not there are found', () => {
    const source = {
      path: 'docs/guides/x.md',
      text: '[a](../../README.md) [b](missing.md) [c](../../README.md#nowhere) [d](#e)',
    }
    expect(linksOf(source).filter((link) => !leadsSomewhere(source, link))).toEqual([
      'missing.md',
      '../../README.md#nowhere',
      '#e',
    ])
  })
})

describe('paths in code', () => {
  it.each(['docs/architecture.md', 'CONTRIBUTING.md'])('of %s exist', (path) => {
    const paths = [...page(path).text.matchAll(/`([\w-]+(?:\/[\w-]+)*(?:\/|\.ts|\/[\w-]+\.ts))`/gu)].map(([, name]) =>
      String(name),
    )
    expect(paths.filter((name) => !existsSync(join(root, name)) && !existsSync(join(core, name)))).toEqual([])
  })

  it('lead through all of core', () => {
    const { text } = page('docs/architecture.md')
    const entries = readdirSync(core, { withFileTypes: true }).map(
      (entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`,
    )
    expect(entries.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([])
  })
})

/** Relative links; those with a scheme lead out of the repository. */
function linksOf(source: Page): readonly string[] {
  return [...proseOf(source).matchAll(/\]\(([^)\s]+)\)/gu)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/u.test(link))
}

function target(source: Page, link: string): { path: string; anchor: string | undefined } {
  const [path = '', anchor] = link.split('#')
  return { path: path === '' ? source.path : posix.join(posix.dirname(source.path), path), anchor }
}

function leadsSomewhere(source: Page, link: string): boolean {
  const { path, anchor } = target(source, link)
  const file = join(root, path)
  const text = path === source.path ? source.text : existsSync(file) ? textOf(file) : undefined
  if (text === undefined) return false
  return anchor === undefined || anchorsOf(text).has(anchor)
}

function textOf(file: string): string {
  return file.endsWith('.md') ? readFileSync(file, 'utf8') : ''
}
