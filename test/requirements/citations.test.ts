import { expect, it } from 'vitest'

import { findCitationProblems } from './citations.ts'
import type { RequirementRow, Status } from './row.ts'
import { notApplicable, planned, tested } from './row.ts'

const row = (id: string, status: Status): RequirementRow => ({ id, level: 'MUST', layer: 'core', summary: id, status })
const rows = [row('A-1', tested), row('B-2', tested), row('C-3', planned('DPoP')), row('D-4', notApplicable('no'))]
const problemsOf = (...texts: string[]): ReturnType<typeof findCitationProblems> =>
  findCitationProblems(
    rows,
    texts.map((text, index) => ({ path: `test/${index}.test.ts`, text })),
  )

it('finds nothing when every requirement to be tested is cited', () => {
  expect(
    problemsOf("verifies('A-1')('x', () => {})", "for (const x of y)\n  verifies(\n  'B-2',\n  'A-1',\n)(x, run)"),
  ).toEqual({
    unreadable: [],
    unknown: [],
    misplaced: [],
    uncited: [],
  })
})

it('reports what no test cites', () => {
  expect(problemsOf("verifies('B-2')('x', run)").uncited).toEqual(['A-1'])
  expect(problemsOf().uncited).toEqual(['A-1', 'B-2'])
})

it('reports unknown ids and where they are', () => {
  expect(problemsOf("verifies('A-1', 'Z-9')('x', run)").unknown).toEqual(['Z-9 in test/0.test.ts'])
})

it('reports citations of requirements that are planned or do not apply', () => {
  expect(problemsOf("verifies('C-3')('x', run)\nverifies('D-4')('x', run)").misplaced).toEqual([
    'C-3 in test/0.test.ts is planned',
    'D-4 in test/0.test.ts is not-applicable',
  ])
})

it.each([
  'verifies(...ids)("x", run)',
  'verifies(`A-1`)("x", run)',
  "const test = verifies('A-1')\n",
  "verifies('A-1', other)('x', run)",
  'verifies()("x", run)',
])('reports a call that it cannot read: %s', (call) => {
  const problems = problemsOf(`\n\n${call}`)

  expect(problems.unreadable).toEqual(['test/0.test.ts:3'])
  expect(problems.uncited).toEqual(['A-1', 'B-2'])
})

it('does not count what stands in a comment', () => {
  expect(
    problemsOf("// verifies('A-1')('x', run)\n/* verifies('A-1')('x', run)\n * verifies('B-2')('x', run) */"),
  ).toMatchObject({
    unreadable: [],
    uncited: ['A-1', 'B-2'],
  })
})
