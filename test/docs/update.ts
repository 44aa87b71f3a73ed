import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './pages.ts'

/** With UPDATE_DOCS=1 what a page shows is brought up to date before it is checked. */
export const updating = process.env['UPDATE_DOCS'] === '1'

/** Puts `text` into the fenced block behind the comment `<!-- kind: name -->` of a page. */
export function replaceFence(path: string, { kind, name }: { kind: string; name: string }, text: string): void {
  replaceBetween(path, `<!-- ${kind}: ${name} -->\n\n\`\`\``, (block) => {
    const [language = ''] = block.split('\n', 1)
    return `${language}\n${text}\n`
  })
}

/** Puts `text` between `<!-- begin: name -->` and `<!-- end: name -->` of a page. */
export function replaceBlock(path: string, name: string, text: string): void {
  const file = join(root, path)
  const whole = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    whole.replace(blockPattern(name), () => `<!-- begin: ${name} -->\n\n${text}\n\n<!-- end: ${name} -->`),
  )
}

/** What stands between `<!-- begin: name -->` and `<!-- end: name -->`. */
export function blockOf(text: string, name: string): string | undefined {
  return blockPattern(name).exec(text)?.[1]
}

function blockPattern(name: string): RegExp {
  return new RegExp(`<!-- begin: ${name} -->\\n\\n(.*?)(?:\\n\\n)?<!-- end: ${name} -->`, 'su')
}

function replaceBetween(path: string, opening: string, change: (block: string) => string): void {
  const file = join(root, path)
  const whole = readFileSync(file, 'utf8')
  const start = whole.indexOf(opening)
  if (start < 0) throw new Error(`${path} has no ${opening}`)
  const from = start + opening.length
  const end = whole.indexOf('\n```', from)
  writeFileSync(file, `${whole.slice(0, from)}${change(whole.slice(from, end))}${whole.slice(end + 1)}`)
}
