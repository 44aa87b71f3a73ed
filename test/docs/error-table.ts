import { ERRORS } from '@tokenward/core'

/** The table of all codes, as a page shows it. */
export function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, error, description, hint }]) => [
    `[\`${code}\`](#${code.toLowerCase()})`,
    String(status),
    error === undefined ? '' : `\`${error}\``,
    description ?? '',
    hint,
  ])
  const head = ['code', 'status', '`error`', 'what the client reads', 'what you should know']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
