import { posix } from 'node:path'

import { deviations } from './deviations.ts'
import type { Requirement } from './manifest.ts'
import type { Status } from './row.ts'

/** Where the report is published, below the root. */
export const reportPath = 'docs/reference/conformance.md'

const kinds = ['tested', 'documented', 'planned', 'not-applicable'] as const satisfies readonly Status['kind'][]

/** The conformance page as Markdown, a function of the manifest alone. */
export function conformanceReport(requirements: readonly Requirement[]): string {
  const documents = [...new Set(requirements.map((row) => row.document))].map((document) => ({
    document,
    rows: requirements.filter((row) => row.document === document),
  }))
  return [
    introduction(requirements),
    '## Overview',
    overview(documents, requirements),
    '## Deviations',
    deviations.map(({ ids, text }) => `- ${text} (${ids.map(code).join(', ')})`).join('\n'),
    ...documents.flatMap(({ document, rows }) => [`## ${document}`, details(rows)]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/u, '\n')
}

function introduction(requirements: readonly Requirement[]): string {
  return `# Conformance

<!-- Written by test/requirements/report.ts. Change the manifest there, then run UPDATE_CONFORMANCE=1 pnpm test test/requirements. -->

These are the ${requirements.length} requirements that the documents below put on a resource server. The wording is ours
and short; the number in an id is the section to read. "AS" is your authorization server and "RS" the resource
server, which is your API.

Every requirement has one of four states. The first two are checked each time the tests run.

- **tested**: met, and at least one test names the id. Search \`test/\` for it to see what is tested.
- **documented**: not for code to meet; the link says what you have to know.
- **planned**: belongs to a feature that does not exist yet.
- **not applicable**: does not bind Tokenward, for the reason given.

The levels are those of the source. PROC is a step of a procedure, whose failure makes a token or message
invalid. DERIVED is hardening of our own that no document demands.`
}

interface DocumentRows {
  readonly document: string
  readonly rows: readonly Requirement[]
}

function overview(documents: readonly DocumentRows[], all: readonly Requirement[]): string {
  return table(
    ['document', 'rows', ...kinds.map(spoken)],
    [
      ...documents.map(({ document, rows }) => [document, String(rows.length), ...countByKind(rows)]),
      ['**all**', String(all.length), ...countByKind(all)],
    ],
  )
}

function countByKind(rows: readonly Requirement[]): string[] {
  return kinds.map((kind) => String(rows.filter((row) => row.status.kind === kind).length))
}

function details(rows: readonly Requirement[]): string {
  return table(
    ['id', 'level', 'requirement', 'state'],
    rows.map((row) => [code(row.id), row.level, row.summary, describe(row.status)]),
  )
}

function describe(status: Status): string {
  switch (status.kind) {
    case 'tested':
      return 'tested'
    case 'planned':
      return `planned. ${status.reason}`
    case 'not-applicable':
      return `not applicable. ${status.reason}`
    case 'documented':
      return `[documented](${link(status.where)})`
  }
}

function link(where: string): string {
  const [file = '', anchor = ''] = where.split('#')
  return `${file === reportPath ? '' : posix.relative(posix.dirname(reportPath), file)}#${anchor}`
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}

function spoken(kind: Status['kind']): string {
  return kind.replace('-', ' ')
}

function code(text: string): string {
  return `\`${text}\``
}
