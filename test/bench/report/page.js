import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartsOf } from './charts.js'
import { SECTIONS } from './sections.js'

const PAGE = ['docs', 'reference', 'performance.md']
const CHARTS = ['docs', 'reference', 'performance']

/** Rewrites the tables between the marks of the page, and the charts beside it. */
export function updatePage(root, results) {
  const file = join(root, ...PAGE)
  writeFileSync(file, pageWith(readFileSync(file, 'utf8'), results))
  const folder = join(root, ...CHARTS)
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
  for (const { file: name, text } of chartsOf(results)) writeFileSync(join(folder, name), text)
}

/** The page with the tables of these results: what stands between `begin` and `end` of a section is replaced. */
export function pageWith(text, results) {
  return SECTIONS.filter(({ name }) => name in results).reduce((page, { name, tables }) => {
    const { environment, result } = results[name]
    const block = [...tables(result).map(markdown), measuredWith(environment)].join('\n\n')
    return replaceBlock(page, `bench-${name}`, block)
  }, text)
}

function replaceBlock(text, name, block) {
  const [begin, end] = [`<!-- begin: ${name} -->`, `<!-- end: ${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`the page has no ${begin} and ${end}`)
  return `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`
}

function markdown({ title, columns, rows }) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, at) => (at === 0 ? '---' : '---:'))
  return [`**${title}**`, '', line(columns), line(rule), ...rows.map(line)].join('\n')
}

function measuredWith({ machine, software, peers }) {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`)
  return `Measured on ${machine}; ${software}; ${versions.join(', ')}.`
}
