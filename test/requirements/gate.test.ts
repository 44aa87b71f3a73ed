import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'

import { describe, expect, it } from 'vitest'

import { anchorsOf } from './anchors.ts'
import { findCitationProblems } from './citations.ts'
import { requirements } from './manifest.ts'
import { conformanceReport, reportPath } from './report.ts'

const root = join(import.meta.dirname, '..', '..')

describe('the manifest', () => {
  it('has every requirement once', () => {
    expect(requirements).toHaveLength(361)
    expect(new Set(requirements.map((row) => row.id)).size).toBe(361)
  })

  it('says something in every row', () => {
    for (const { summary, layer } of requirements) {
      expect(summary.trim()).not.toBe('')
      expect(layer).toMatch(/^[a-z]+$/u)
    }
  })

  it('is what the published page says', () => {
    const page = join(root, reportPath)
    const report = conformanceReport(requirements)
    if (process.env['UPDATE_CONFORMANCE'] === '1') {
      mkdirSync(dirname(page), { recursive: true })
      writeFileSync(page, report)
    }
    expect(readFileSync(page, 'utf8')).toBe(report)
  })

  it('points only to documentation that exists', () => {
    const broken = requirements.flatMap(({ id, status }) =>
      status.kind === 'documented' && !isAnchor(status.where) ? [`${id}: ${status.where}`] : [],
    )
    expect(broken).toEqual([])
  })
})

describe('the tests', () => {
  const problems = findCitationProblems(requirements, testSources())

  it('cite with literals, in calls that register a test', () => {
    expect(problems.unreadable).toEqual([])
  })

  it('cite no unknown requirement', () => {
    expect(problems.unknown).toEqual([])
  })

  it('cite no requirement that is not to be tested', () => {
    expect(problems.misplaced).toEqual([])
  })

  it('cite every requirement that is to be tested', () => {
    expect(problems.uncited).toEqual([])
  })
})

function isAnchor(where: string): boolean {
  const [file = '', anchor = ''] = where.split('#')
  const path = join(root, file)
  return existsSync(path) && anchorsOf(readFileSync(path, 'utf8')).has(anchor)
}

// The tests of the gate itself hold invented citations, so this folder is left out.
function testSources(): { path: string; text: string }[] {
  const folder = join(root, 'test')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.startsWith(`requirements${sep}`))
    .map((path) => ({ path: `test/${path}`, text: readFileSync(join(folder, path), 'utf8') }))
}
