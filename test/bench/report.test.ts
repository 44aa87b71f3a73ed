import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { root } from '../docs/pages.ts'
import { barChart } from './report/chart.js'
import { chartsOf } from './report/charts.js'
import { requireNumbers } from './report/numbers.js'
import { pageWith } from './report/page.js'
import { readResults, writeResults } from './report/results.js'
import { SECTIONS } from './report/sections.js'
import { alternate, ratio } from './rounds.js'
import { quantile, spread } from './statistics.js'

const reference = join(root, 'docs', 'reference')
const results = readResults(join(reference, 'performance.json'))

describe('the page on performance', () => {
  it('has every section', () => {
    expect(Object.keys(results)).toEqual(SECTIONS.map(({ name }) => name))
  })

  it('shows the numbers that were kept, and pnpm bench --docs brings it up to date', () => {
    const page = readFileSync(join(reference, 'performance.md'), 'utf8')
    expect(pageWith(page, results)).toBe(page)
  })

  it('shows charts of these numbers, with the machine and the versions on them', () => {
    const charts = chartsOf(results)
    const shown = [
      ...readFileSync(join(reference, 'performance.md'), 'utf8').matchAll(/\]\(performance\/(\S+\.svg)\)/gu),
    ]
    const files = charts.map(({ file }) => file)
    expect(files).toEqual(expect.arrayContaining(shown.map(([, file]) => file)))
    expect(new Set(readdirSync(join(reference, 'performance')))).toEqual(new Set(files))
    for (const { file, text } of charts) {
      expect(readFileSync(join(reference, 'performance', file), 'utf8')).toBe(text)
      expect(text).toMatch(/ cores, .*Node \d/su)
    }
  })
})

describe('rounds', () => {
  it('measure every entrant in every round, and nobody always after the same one', async () => {
    const order: string[] = []
    const entrants = ['a', 'b', 'c']
    const measured = await alternate(entrants, 6, (entrant: string, round: number) => {
      order.push(entrant)
      return Promise.resolve({ round })
    })
    for (const entrant of entrants) {
      expect(measured.get(entrant)).toEqual([0, 1, 2, 3, 4, 5].map((round) => ({ round })))
    }
    const first = order.filter((_, at) => at % 3 === 0)
    expect(new Set(first)).toEqual(new Set(entrants))
  })

  it('give the ratio of what happened in the same round', () => {
    const runs = [{ speed: 20 }, { speed: 4 }, { speed: 30 }]
    const others = [{ speed: 10 }, { speed: 2 }, { speed: 10 }]
    expect(ratio(runs, others, 'speed')).toEqual({ median: 2, q1: 2, q3: 2.5 })
  })
})

describe('statistics', () => {
  it.each([
    [[1], 0.99, 1],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[10, 0], 0.25, 2.5],
  ])('of %j at %d is %d', (numbers, part, expected) => {
    expect(quantile(numbers, part)).toBe(expected)
  })

  it('show the middle and the quartiles', () => {
    expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4 })
  })
})

describe('results', () => {
  it('stay for what was not measured this time', () => {
    const file = join(mkdtempSync(join(process.env['TMPDIR'] ?? '/tmp', 'bench-')), 'results.json')
    writeResults(file, { growth: { a: 1 }, http: { a: 1 } })
    writeResults(file, { growth: { a: 2.123456 } })
    expect(readResults(file)).toEqual({ http: { a: 1 }, growth: { a: 2.123 } })
  })

  it.each([
    ['nothing', {}],
    ['no number', { rows: [{ ratio: Number.NaN }] }],
    ['a division by nothing', { rows: [{ ratio: Infinity }] }],
    ['what JSON made of one', { rows: [{ ratio: null }] }],
  ])('that hold %s are refused', (_, result) => {
    expect(() => requireNumbers('http', result)).toThrow(/http/u)
  })
})

describe('a chart', () => {
  it('draws a bar for each value, in proportion, and takes markup for text', () => {
    const value = (median: number) => ({ median, q1: median, q3: median, text: String(median) })
    const svg = barChart({
      title: 'a < b & c',
      series: ['one'],
      rows: [
        { title: 'full', isOurs: true, values: [value(10)] },
        { title: 'half', isOurs: false, values: [value(5)] },
      ],
      footer: ['a machine'],
    })
    expect(svg).toContain('a &lt; b &amp; c')
    expect(svg).toContain('a machine')
    const widths = [...svg.matchAll(/<rect x="210" y="[\d.]+" width="([\d.]+)"/gu)].map(([, width]) => Number(width))
    expect(widths).toHaveLength(2)
    expect(widths[0]).toBe(2 * (widths[1] ?? 0))
  })
})
