import type { RequirementRow } from './row.ts'

/** A source file with tests. */
export interface TestSource {
  readonly path: string
  readonly text: string
}

/** What is wrong between the manifest and the tests, one line for each finding. */
export interface CitationFindings {
  /** Calls whose ids cannot be read from the source. */
  readonly unreadable: readonly string[]
  /** Citations of ids that no requirement has. */
  readonly unknown: readonly string[]
  /** Citations of requirements that are not to be tested. */
  readonly misplaced: readonly string[]
  /** Requirements to be tested that no test cites. */
  readonly uncited: readonly string[]
}

interface Citation {
  readonly id: string
  readonly path: string
}

const anyCall = /\bverifies\s*\(/gu
// Ids as literals, followed by the call that registers the test.
const readableCall = /^verifies\s*\(\s*((?:'[^'\n]*'\s*,?\s*)+)\)\s*\(/u

/** Compares the calls of `verifies` in the given sources with the manifest. */
export function findCitationProblems(
  rows: readonly RequirementRow[],
  sources: readonly TestSource[],
): CitationFindings {
  const unreadable: string[] = []
  const citations = sources.flatMap((source) => readCitations(source, unreadable))
  const status = new Map(rows.map((row) => [row.id, row.status.kind]))
  const cited = new Set(citations.map(({ id }) => id))
  return {
    unreadable,
    unknown: citations.filter(({ id }) => !status.has(id)).map(describe),
    misplaced: citations
      .filter(({ id }) => status.has(id) && status.get(id) !== 'tested')
      .map((citation) => `${describe(citation)} is ${String(status.get(citation.id))}`),
    uncited: rows.filter((row) => row.status.kind === 'tested' && !cited.has(row.id)).map((row) => row.id),
  }
}

function readCitations({ path, text }: TestSource, unreadable: string[]): Citation[] {
  return [...text.matchAll(anyCall)].flatMap(({ index }) => {
    if (isInComment(text, index)) return []
    const ids = readableCall.exec(text.slice(index))?.[1]
    if (ids === undefined) {
      unreadable.push(`${path}:${text.slice(0, index).split('\n').length}`)
      return []
    }
    return [...ids.matchAll(/'([^']*)'/gu)].map(([, id]) => ({ id: String(id), path }))
  })
}

function isInComment(text: string, index: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', index) + 1, index)
  return /^\s*(?:\/\/|\/?\*)/u.test(line)
}

function describe({ id, path }: Citation): string {
  return `${id} in ${path}`
}
