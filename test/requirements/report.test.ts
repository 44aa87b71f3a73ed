import { expect, it } from 'vitest'

import type { Requirement } from './manifest.ts'
import { conformanceReport } from './report.ts'
import { documented, planned, tested } from './row.ts'

const rows: readonly Requirement[] = [
  { id: 'RFC6750-2.1-a', document: 'One', level: 'MUST', layer: 'core', summary: 'This | that', status: tested },
  { id: 'RFC6750-2.1-b', document: 'One', level: 'MAY', layer: 'core', summary: 'More', status: planned('DPoP') },
  {
    id: 'RFC6749-10.3-b',
    document: 'Two',
    level: 'MUST',
    layer: 'docs',
    summary: 'TLS',
    status: documented('docs/a/b.md#c'),
  },
]

it('lists every row below its document and counts the states', () => {
  const report = conformanceReport(rows)

  expect(report).toContain('| One | 2 | 1 | 0 | 1 | 0 |')
  expect(report).toContain('| **all** | 3 | 1 | 1 | 1 | 0 |')
  expect(report).toContain('## One\n\n| id | level | requirement | state |\n')
  expect(report).toContain('| `RFC6750-2.1-a` | MUST | This \\| that | tested |')
  expect(report).toContain('| `RFC6750-2.1-b` | MAY | More | planned. Belongs to DPoP, not built yet. |')
  expect(report).toContain('| `RFC6749-10.3-b` | MUST | TLS | [documented](../a/b.md#c) |')
})

it('ends with one line break', () => {
  expect(conformanceReport(rows)).toMatch(/\|\n$/u)
})
