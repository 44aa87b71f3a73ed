import type { FetchFailure, TokenwardEvent } from '@tokenward/core'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

import { withIssuers } from './outputs/host.ts'
import { page, root } from './pages.ts'
import { counted } from './snippets/observability.ts'
import { blockOf } from './update.ts'

const source = readFileSync(join(root, 'packages/core/src/events.ts'), 'utf8')
const types = [...source.matchAll(/readonly type: '([\w-]+)'/gu)].map(([, type]) => String(type))

const identity = { issuer: 'https://login.example.com', subject: 'user-1', clientId: 'client-1' }
const { issuer } = identity

type Samples = {
  readonly [Type in TokenwardEvent['type']]: Required<Extract<TokenwardEvent, { readonly type: Type }>>
}

/** One event of each type, with every member that it can have. */
const samples: Samples = {
  verified: { type: 'verified', ...identity },
  refused: {
    type: 'refused',
    code: 'INTERNAL_FAULT',
    message: 'it failed',
    cause: new Error('deep down'),
    ...identity,
  },
  'keys-refreshed': { type: 'keys-refreshed', issuer, keyCount: 2, skipped: [] },
  'key-withdrawn': { type: 'key-withdrawn', issuer, kid: 'key-1' },
  'keys-refresh-failed': {
    type: 'keys-refresh-failed',
    issuer,
    reason: 'timeout',
    message: 'no answer',
    retryAfterSeconds: 5,
  },
  'stale-keys-served': { type: 'stale-keys-served', issuer, ageSeconds: 720 },
  'introspection-failed': { type: 'introspection-failed', issuer, reason: 'timeout', message: 'no answer' },
  'shared-cache-failed': { type: 'shared-cache-failed', issuer, message: 'closed' },
  'revocations-unavailable': { type: 'revocations-unavailable', message: 'closed' },
  'revocations-available': { type: 'revocations-available' },
  'unknown-key-limited': { type: 'unknown-key-limited', issuer },
  'verifier-built-repeatedly': { type: 'verifier-built-repeatedly', issuers: [issuer], count: 10, withinSeconds: 60 },
}

interface Row {
  readonly event: string
  readonly fields: string
  readonly line: string
  readonly metric: string
}

const rows = readRows(blockOf(page('docs/guides/observability.md').text, 'events') ?? '')

describe('the table of events', () => {
  it('has every event that there is, and no other', () => {
    expect(types).toHaveLength(12)
    expect(rows.map(({ event }) => event).toSorted()).toEqual(types.toSorted())
  })

  it.each(rows)('names the fields of $event', ({ event, fields }) => {
    const { type: _, ...members } = sampleOf(event)
    expect(codeIn(fields).map((name) => name.replace('?', ''))).toEqual(Object.keys(members))
  })

  it.each(rows)('shows what logRefusals prints of $event', async ({ event, line }) => {
    const { levels, lines } = await heard(sampleOf(event))
    const written = codeIn(line)
    const patterns = line === 'none' ? [] : [patternOf(written.at(-1) ?? '')]
    expect(lines).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)))
    expect(written.slice(0, -1)).toEqual(expect.arrayContaining(levels))
  })

  it('says which refusals go to which level', async () => {
    expect((await heard(samples.refused)).levels).toEqual(['error'])
    expect((await heard({ ...samples.refused, code: 'TOKEN_EXPIRED' })).levels).toEqual(['warn'])
    expect(rows.find(({ event }) => event === 'refused')?.line).toMatch(/^`warn` below 500, else `error`: /u)
  })

  it.each(rows)('suggests the metric of $event that the listener counts', async ({ event, metric }) => {
    expect((await heard(sampleOf(event))).metrics).toEqual(codeIn(metric))
  })
})

describe('the table of reasons', () => {
  // the compiler demands that all are here, and the source that no other is
  const reasons: Readonly<Record<FetchFailure, true>> = {
    timeout: true,
    network: true,
    redirect: true,
    'address-refused': true,
    overloaded: true,
    status: true,
    'too-large': true,
    'not-json': true,
    'issuer-mismatch': true,
    'metadata-invalid': true,
    'credentials-refused': true,
    'credentials-unusable': true,
    'answer-invalid': true,
    'keys-invalid': true,
    'keys-empty': true,
  }
  const [, union = ''] = /export type FetchFailure =\n((?: +\| '[\w-]+'\n)+)/u.exec(source) ?? []

  it('has every reason that there is, and no other', () => {
    const listed = [...union.matchAll(/'([\w-]+)'/gu)].map(([, name]) => String(name))
    expect(listed.toSorted()).toEqual(Object.keys(reasons).toSorted())
    const block = blockOf(page('docs/guides/key-rotation-and-outages.md').text, 'reasons') ?? ''
    const shown = [...block.matchAll(/^\| (`[^|]+) \|/gmu)].flatMap(([, cell = '']) => codeIn(cell))
    expect(shown.toSorted()).toEqual(listed.toSorted())
  })
})

/** What the listener of the page logs and counts when it hears this event. */
async function heard(event: TokenwardEvent) {
  const metrics: string[] = []
  const levels: string[] = []
  const { lines } = await withIssuers([], async () => {
    const { onEvent } = counted((name, labels = {}) => {
      const names = Object.keys(labels)
      metrics.push(names.length === 0 ? name : `${name}{${names.join(',')}}`)
    })
    const [warned, failed] = [vi.mocked(console.warn), vi.mocked(console.error)]
    onEvent(event)
    if (warned.mock.calls.length > 0) levels.push('warn')
    if (failed.mock.calls.length > 0) levels.push('error')
  })
  return { metrics, levels, lines }
}

function sampleOf(type: string): TokenwardEvent {
  const found = Object.values(samples).find((sample) => sample.type === type)
  if (found === undefined) throw new Error(`there is no event ${type}`)
  return found
}

/** A line of the page as a pattern: what stands in <...> is anything. */
function patternOf(line: string): RegExp {
  const parts = line.split(/<[^>]+>/u).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`))
  return new RegExp(`^${parts.join('.+')}$`, 'u')
}

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, text]) => String(text))
}

function readRows(table: string): readonly Row[] {
  return table
    .split('\n')
    .slice(2)
    .map((row) => {
      const [event = '', , fields = '', line = '', metric = ''] = row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
      return { event: event.replaceAll('`', ''), fields, line, metric }
    })
}
