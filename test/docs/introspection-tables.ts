import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './pages.ts'

const folder = 'packages/core/src'

/** What a source gives this constant, or this option as its default. */
function numberIn(path: string, name: string): number {
  const value = new RegExp(`\\b${name} = ([\\d_]+)`, 'u').exec(readFileSync(join(root, folder, path), 'utf8'))?.[1]
  if (value === undefined) throw new Error(`${path} has no ${name}`)
  return Number(value.replaceAll('_', ''))
}

/** The limits of one issuer, as a page shows them. */
export function introspectionLimits(): string {
  const limit = (name: string): number => numberIn('internal/traffic-limit.ts', name)
  const deadline = numberIn('issuers/introspection/introspected-issuer.ts', 'LIMIT_MS') / 1000
  return [
    '| limit | |',
    '| --- | --- |',
    `| one question, metadata included | ${deadline} s |`,
    `| questions under way | ${limit('MOST_IN_FLIGHT')} |`,
    `| requests that wait for a turn | ${limit('MOST_WAITING')}, for ${limit('LONGEST_WAIT_MS') / 1000} s at most |`,
    `| failures in a row until no more is asked | ${limit('FAILURES_TO_OPEN')} |`,
    `| pause after that, then one question to see | ${limit('OPEN_MS') / 1000} s, or as long as the endpoint asks in \`Retry-After\`, up to ${limit('LONGEST_PAUSE_MS') / 1000} s |`,
  ].join('\n')
}

/** What the cache keeps by default, as a page shows it. */
export function introspectionCache(): string {
  const path = 'issuers/introspection/introspection-cache.ts'
  const most = Number(
    /mostEntries \?\? ([\d_]+)/u.exec(readFileSync(join(root, folder, path), 'utf8'))?.[1]?.replaceAll('_', ''),
  )
  const entries = `${most.toLocaleString('en')} answers`
  return [
    '| answer | remembered | at most |',
    '| --- | --- | --- |',
    `| active | ${numberIn(path, 'maxAgeSeconds')} s, and never past \`exp\` | ${entries} |`,
    `| inactive | ${numberIn(path, 'inactiveMaxAgeSeconds')} s | ${entries} |`,
  ].join('\n')
}
