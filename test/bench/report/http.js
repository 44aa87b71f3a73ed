import { count, micros, percent, range } from './format.js'

const TOKENS = { repeating: '1,000 tokens repeating', distinct: 'new tokens' }
const FRAMEWORKS = { express: 'Express', fastify: 'Fastify' }

/** One table per framework and kind of tokens. */
export function httpTables({ cases }) {
  return cases.map(({ framework, tokens, rows }) => ({
    title: `${FRAMEWORKS[framework]}, RS256, ${TOKENS[tokens]}`,
    columns: ['', 'kept', 'quartiles', 'requests/s', 'server CPU µs'],
    rows: rows.map(({ title, kept, perSecond, cpuMicroseconds }) => [
      title,
      percent(kept.median),
      range(kept, percent),
      count(perSecond),
      micros(cpuMicroseconds),
    ]),
  }))
}
