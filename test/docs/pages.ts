import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

/** The root of the repository. */
export const root = join(import.meta.dirname, '..', '..')

/** A Markdown file. */
export interface Page {
  /** Below the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** A fenced block of code, and what the comment before it says about where its text comes from. */
export interface Fence {
  readonly page: string
  /** Of the opening fence, counted from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  readonly source: { readonly kind: string; readonly name: string } | undefined
}

/** Every Markdown file of the repository. */
export function allPages(): readonly Page[] {
  const folders = ['docs', 'packages']
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${posix(path)}`),
  )
  const atRoot = readdirSync(root)
  return [...atRoot, ...below]
    .filter((path) => path.endsWith('.md') && !path.split('/').includes('node_modules'))
    .map((path) => page(path))
}

/** The Markdown file at this path below the root. */
export function page(path: string): Page {
  return { path, text: readFileSync(join(root, path), 'utf8') }
}

/** The fenced blocks of a page, in order. A fence starts in the first column. */
export function fencesOf({ path, text }: Page): readonly Fence[] {
  return [...text.matchAll(/^(?:<!-- (\w+): ([^\n]*?) -->\n\n?)?```(\w*)\n(.*?)^```$/gmsu)].map((match) => {
    const [whole, kind, name, language = '', body = ''] = match
    const before = text.slice(0, match.index + whole.indexOf('```'))
    return {
      page: path,
      line: before.split('\n').length,
      language,
      text: body.replace(/\n$/u, ''),
      source: kind === undefined || name === undefined ? undefined : { kind, name },
    }
  })
}

/** What a page says outside of code. */
export function proseOf({ text }: Page): string {
  return text.replaceAll(/^```.*?^```$/gmsu, '').replaceAll(/`[^`\n]*`/gu, '``')
}

function posix(path: string): string {
  return path.split(sep).join('/')
}
