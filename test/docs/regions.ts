import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './pages.ts'

/**
 * The text that a snippet comment names: `path#region`, or several of them with commas between, joined by an empty line.
 *
 * @throws Error where a file has no such region
 */
export function snippetText(name: string): string {
  return name
    .split(', ')
    .map((place) => regionAt(place))
    .join('\n\n')
}

function regionAt(place: string): string {
  const [path = '', region = ''] = place.split('#')
  const found = regionsOf(readFileSync(join(root, path), 'utf8')).get(region)
  if (found === undefined) throw new Error(`${path} has no region ${region}`)
  return found
}

/** What stands between `// #region name` and `// #endregion` in a source, without common indentation. */
export function regionsOf(source: string): ReadonlyMap<string, string> {
  const regions = [...source.matchAll(/^ *\/\/ #region ([\w-]+)\n(.*?)^ *\/\/ #endregion$/gmsu)]
  return new Map(regions.map(([, name = '', text = '']) => [name, dedent(text)]))
}

function dedent(text: string): string {
  const lines = text.replace(/\n$/u, '').split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n')
}
